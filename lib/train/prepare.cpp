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
