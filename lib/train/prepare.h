// From a configuration and rows to a model that can be trained: what the configuration leaves to
// the data is settled, and written into it.
#pragma once
#include <string>
#include <vector>

#include "train/comm.h"
#include "train/rows.h"
#include "train/spec.h"

namespace flow {

struct Settled {
  TrainSpec spec;
  std::vector<std::string> reasons, warnings;  // for the user
};

// Sets everything of the model but its parameters. context: names and kinds of what stands behind
// the rows. Error(Exit::usage) for what the configuration holds, Error(Exit::data) for what does
// not fit it.
Settled settle_model(Model& model, TrainingRows& rows, ContextSpec context);

// Of several ranks: that they are no more than the shards, and have the same configuration, kernels
// and rows. Error(Exit::usage, Exit::data), together.
void require_same_run(Comm& comm, const Model& model, const TrainSpec& spec);

}  // namespace flow
