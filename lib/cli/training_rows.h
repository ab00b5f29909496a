// The rows of a training run, as the options name them: in memory, or streamed.
#pragma once
#include <optional>
#include <string>

#include "cli/context_options.h"
#include "train/windows.h"

namespace flow::cli {

struct TrainingRowsOptions {
  Files data;
  std::string validation;
  std::optional<Bytes> max_memory;
  InputOptions input;
  ContextOptions context;
};

struct RowsOfRun {
  TrainingRows rows;
  std::optional<StreamedRows> streamed;  // those to train on, where they do not fit in memory
  ContextSpec context;
  bool held_out = false;  // the validation rows, from those of DATA
  std::string note;       // for the user

  // As the flow sees them; a sample, where they are streamed. Takes them out of `rows`.
  Dataset training_set(const Model& model, std::uint64_t seed);
  // training: that set, which outlives them, as does this.
  std::unique_ptr<Batches> batches(const Model& model, const TrainSpec& spec,
                                   const Dataset& training, const Comm& comm);
};

// Reads the rows that are named, by what the configuration says of them. Streamed ones have a
// window of so many rows as it says, else as --max-memory leaves room for.
RowsOfRun read_rows(const Program& program, const TrainingRowsOptions& options, Config& given);

}  // namespace flow::cli
