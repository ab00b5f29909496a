#include "train/prepare.h"

#include "data/header.h"
#include "h5/sha256.h"
#include "kernels/kernels.h"

namespace flow {

namespace {

std::string doubt_of_first_line(const TrainingRows& rows) {
  if (!rows.shape.names.empty()) return doubt_of_names(rows.shape.names);
  const std::size_t d = rows.shape.columns;
  for (const TrainingPart* part : {&rows.train, &rows.validation})
    for (std::size_t i = 0; i < part->at.size() && part->input == rows.train.input; ++i)
      if (part->at[i] == 0) return doubt_of_first_row(std::span(part->rows).subspan(i * d, d));
  return "";
}

// Of column j: whether it holds another word in each row, or counts the rows.
bool names_rows(const TrainingRows& rows, std::size_t j) {
  const std::size_t n = rows.train.at.size() + rows.validation.at.size(), d = rows.shape.columns;
  constexpr std::size_t least = 10;
  if (n < least || rows.streamed > 0 || rows.train.input != rows.validation.input) return false;
  if (j < rows.words.size() && !rows.words[j].empty()) return rows.words[j].size() == n;
  const auto start = [&](const TrainingPart& part, std::size_t i) {
    return static_cast<double>(part.rows[i * d + j]) - static_cast<double>(part.at[i]);
  };
  for (const TrainingPart* part : {&rows.train, &rows.validation})
    for (std::size_t i = 0; i < part->at.size(); ++i)
      if (start(*part, i) != start(rows.train, 0)) return false;
  return true;
}

void doubt_names_of_rows(const TrainingRows& rows, std::vector<std::string>& warnings) {
  for (std::size_t j = 0; j < rows.shape.columns && rows.shape.columns > 1; ++j)
    if (names_rows(rows, j))
      warnings.push_back(rows.train.input + ": column " + label(rows.shape, j) +
                         " tells rows apart, as a name or a number does, and is learned like any "
                         "other; leave it out with --columns, unless that is meant");
}

}  // namespace

Settled settle_model(Model& model, TrainingRows& rows, ContextSpec context) {
  Settled s;
  Config& config = model.config;
  s.spec = read_train_spec(config.map("train"));
  s.reasons = settle_columns(config, rows, model.data);
  model.data.shape = rows.shape;
  s.warnings = look_over(rows, rows.train.input, model.data);
  if (const std::string doubt = doubt_of_first_line(rows); !doubt.empty())
    s.warnings.push_back(rows.train.input + ": " + doubt);
  doubt_names_of_rows(rows, s.warnings);
  model.data.context = std::move(context);
  if (!model.data.context.empty())
    fit_context(rows.train.context, rows.train.input, rows.words, model.data.context);
  write_data_spec(model.data, config);
  model.data = read_data_spec(config);
  build(model);
  config.reject_unread();
  settle(s.spec, rows.training_rows(), model.table.trained(), model.flow->couples_rows());
  config.set("train.batch", std::to_string(s.spec.batch), "data");
  config.set("train.shards", std::to_string(s.spec.shards), "data");
  require(config.to_yaml().size() <= Config::longest_resolved, Exit::data,
          rows.train.input + ": what its columns are takes more than the " +
              std::to_string(Config::longest_resolved >> 20) +
              " MiB that a configuration may have; choose fewer with --columns");
  return s;
}

void require_same_run(Comm& comm, const Model& model, const TrainSpec& spec) {
  if (comm.size() == 1) return;
  require_same(comm, sha256_hex(model.config.to_yaml()), Exit::usage,
               "has another configuration than rank 0; give all ranks the same command line, files "
               "and environment");
  require_same(comm, kernels().isa, Exit::usage,
               "has other vector kernels than rank 0, which round otherwise; set FLOW_ISA to one "
               "that all processors have");
  require_same(comm, model.run, Exit::data,
               "has read other rows than rank 0; give all ranks the same data");
  together(comm, [&] {
    require(comm.size() <= spec.shards, Exit::usage,
            std::to_string(comm.size()) + " ranks, and a batch has " + std::to_string(spec.shards) +
                " shards; start no more ranks than shards, or set train.shards");
  });
}

}  // namespace flow
