#include "cli/training_rows.h"

#include <filesystem>

#include "h5/reader.h"
#include "train/collect.h"

namespace flow::cli {

namespace {

Files each_with(const std::vector<std::string>& files, const std::string& dataset) {
  Files all;
  for (const std::string& file : files) all.names.push_back(file + ":" + dataset);
  return all;
}

const std::vector<std::string> usual_validation{"validation/x", "validation", "valid/x", "valid"};

// Where the validation rows are: of --validation, else beside the training rows in the same file or
// files. None: they are to be held out of the training rows.
Files validation_files(const TrainingRowsOptions& o, const SplitSpec& split) {
  require(o.validation.empty() || split.folds == 0, Exit::usage,
          "--fold: holds rows of DATA out; leave out --validation");
  if (split.folds > 0) return {};
  if (!o.validation.empty()) return o.validation;
  if (o.data.standard()) return {};
  const std::vector<std::string> files = o.data.all();
  const DatasetName name = split_dataset(files.front());
  if (!name.dataset.empty() || !std::filesystem::is_regular_file(name.file)) return {};
  Input input = open_input(name.file);
  if (!is_hdf5(input.peek(2048))) return {};
  for (const std::string& there : hdf5_datasets(name.file, o.input.trusted()))
    for (const std::string& wanted : usual_validation)
      if (there == "/" + wanted) return each_with(files, there);
  return {};
}

std::unique_ptr<FiniteRows> open_validation(const TrainingRowsOptions& o, const SplitSpec& split,
                                            const DataSpec& told) {
  const Files files = validation_files(o, split);
  if (!files.names.empty())
    return o.context.open(o.input, files, usual_validation, Role::validation, told).rows;
  require(!o.context.has_validation(), Exit::usage,
          "--validation-context: the rows to validate on are held out of DATA, with their context; "
          "name others with --validation, or leave it out");
  return nullptr;
}

// The rows of a window, 0: all. What the configuration says, else what --max-memory leaves room
// for.
std::size_t window(const TrainingRowsOptions& o, Config& given, const ConditionalRows& read) {
  const std::size_t told = read_train_spec(given.map("train")).window;
  require(told == 0 || !o.max_memory, Exit::usage,
          "--max-memory: train.window says how many rows to hold; give one of the two");
  if (!o.max_memory) return told;
  read.rows->keep();
  if (fits_in_memory(*read.rows->rows(), read.layout, o.max_memory->value)) return 0;
  return window_within(o.max_memory->value, read.layout);
}

}  // namespace

Dataset RowsOfRun::training_set(const Model& model, std::uint64_t seed) {
  TrainingPart& part = rows.train;
  if (streamed) {
    const std::size_t n = rows.sampled;
    part.rows.resize(n * rows.shape.columns), part.context.resize(n * context.size());
    part.at.resize(n), part.weights.resize(part.weights.empty() ? 0 : n);
  }
  return dataset_of(model, seed, part);
}

std::unique_ptr<Batches> RowsOfRun::batches(const Model& model, const TrainSpec& spec,
                                            const Dataset& training, const Comm& comm) {
  if (!streamed) return std::make_unique<HeldBatches>(training, spec);
  return std::make_unique<StreamedBatches>(*streamed, model, spec, training, comm);
}

RowsOfRun read_rows(const Program& program, const TrainingRowsOptions& o, Config& given) {
  DataSpec told = told_of_rows(given);
  RowsOfRun r;
  ConditionalRows read = o.context.open(o.input, o.data, {"train/x", "train"}, Role::train, told);
  const StreamSpec spec{
      window(o, given, read),
      read_split_spec(given.map("data"), read_train_spec(given.map("train")).seed)};
  told.shape.names = read.layout.x.names, told.context = read.layout.context;
  auto held_out = open_validation(o, spec.split, told);
  r.held_out = !held_out, r.context = read.layout.context;
  if (spec.window > 0) {
    r.streamed.emplace(std::move(read.rows), read.layout, spec);
    std::optional<StreamedRows> validation;
    if (held_out) held_out->know(r.streamed->rows().words());
    if (held_out) validation.emplace(std::move(held_out), read.layout, spec);
    r.rows = r.streamed->survey(validation ? &*validation : nullptr, r.note);
  } else {
    r.rows = collect(*read.rows, held_out.get(), read.layout, spec.split, o.input.max_bytes());
  }
  const FiniteRows& rows = r.streamed ? r.streamed->rows() : *read.rows;
  if (!rows.report().empty()) program.warn(rows.report());
  return r;
}

}  // namespace flow::cli
