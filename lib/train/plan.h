// What a training run will take, before it starts: --dry-run.
#pragma once
#include <string>

#include "flow/flow.h"
#include "train/spec.h"

namespace flow {

struct Plan {
  std::size_t trained = 0, buffers = 0;  // numbers in theta
  double flops_train = 0,
         flops_score = 0;  // of a row, in the products with weights (a multiply-add is 2)
  double memory = 0;       // bytes: the program, parameters and their moments, frames, rows
};

// spec is settled.
Plan plan(const Flow& flow, const ParamTable& table, const TrainSpec& spec,
          std::size_t training_rows, std::size_t validation_rows, std::size_t threads);

// A table of layers, their parameters and shapes, then the plan, for people.
std::string describe(const Flow& flow, const ParamTable& table, const TrainSpec& spec,
                     const Plan& plan);

}  // namespace flow
