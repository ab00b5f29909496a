// One sitting of a training run, and what the user is told of it.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/program.h"
#include "model/model.h"
#include "train/sitting.h"

namespace flow::cli {

struct TrainingOptions {
  std::string output, metrics, scores;
  bool replace = false, resume = false;
  std::size_t samples_every = 0;  // epochs
  Seconds checkpoint_every{600};
  std::optional<Seconds> time_limit;

  SittingSpec sitting() const;
};

// Trains from the start or a checkpoint, and writes the model, which has all but its parameters; of
// several ranks the first writes. spec is settled; at: of the validation rows, their places in the
// input. Error(Exit::stopped) where the run was asked to stop.
void train(const Program& program, const TrainingOptions& options, Model& model,
           const TrainSpec& spec, Batches& training, const Dataset& validation,
           const std::vector<std::uint64_t>& at, std::size_t threads, Comm& comm);

// Error(Exit::usage) where two of the files that are written are one, or one of those that are
// read.
void keep_apart(const TrainingOptions& written, const std::vector<std::string>& read);

// What can be done with a model that was written. data: the rows it was trained on, "" for standard
// input; validated: how many of them were held out by chance, 0 for none.
void tell_next(const Program& program, const std::string& model, const std::string& data,
               std::uint64_t validated);

}  // namespace flow::cli
