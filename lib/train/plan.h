// What a training run will take, before it starts: --dry-run.
#pragma once
#include <string>
#include <vector>

#include "flow/flow.h"
#include "train/spec.h"

namespace flow {

struct Plan {
  double flops_train = 0,
         flops_score = 0;  // of a row, in the products with weights (a multiply-add is 2)
  double memory = 0;       // bytes: the program, parameters and their moments, frames, rows
};

// spec is settled.
Plan plan(const Flow& flow, const ParamTable& table, const TrainSpec& spec,
          std::size_t training_rows, std::size_t validation_rows, std::size_t threads);

struct LayerSize {
  std::string name;                    // "03-affine-coupling", at last "base"
  std::size_t trained = 0, fixed = 0;  // numbers in theta
  std::string shapes = {};             // "net/0/weight 64x2, net/0/bias 1x64"
};
std::vector<LayerSize> layer_sizes(const Flow& flow, const ParamTable& table);
// They as a table for people, with their total.
std::string describe_layers(const Flow& flow, const ParamTable& table);

// A table of layers, their parameters and shapes, then the plan, for people.
std::string describe(const Flow& flow, const ParamTable& table, const TrainSpec& spec,
                     const Plan& plan);

}  // namespace flow
