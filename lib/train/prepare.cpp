#include "train/prepare.h"

namespace flow {

Settled settle_model(Model& model, TrainingRows& rows, ContextSpec context) {
  Settled s;
  Config& config = model.config;
  s.spec = read_train_spec(config.map("train"));
  s.reasons = settle_columns(config, rows, model.data);
  model.data.shape = rows.shape;
  s.warnings = look_over(rows, rows.train.input, model.data);
  model.data.context = std::move(context);
  if (!model.data.context.empty())
    fit_context(rows.train.context, rows.train.input, rows.words, model.data.context);
  write_data_spec(model.data, config);
  model.data = read_data_spec(config);
  build(model);
  config.reject_unread();
  settle(s.spec, rows.count(rows.train), model.table.trained(), model.flow->couples_rows());
  config.set("train.batch", std::to_string(s.spec.batch), "data");
  config.set("train.shards", std::to_string(s.spec.shards), "data");
  return s;
}

}  // namespace flow
