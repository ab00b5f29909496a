#include "info/evidence.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "flow/evaluate.h"
#include "model/rows.h"

namespace flow {

namespace {

// The numbers of rows without their context.
std::vector<real> without_context(const std::vector<real>& rows, const Flow& flow) {
  std::vector<real> out;
  for (std::size_t at = 0; at < rows.size(); at += flow.width())
    out.insert(out.end(), &rows[at], &rows[at] + flow.columns());
  return out;
}

// The first rows of a file as the flow sees them; those that it cannot hold are left out.
std::vector<real> read_rows(const Model& model, RowReader& data, const EvidenceSpec& spec,
                            Evidence& e) {
  const std::size_t all = data.shape().columns, d = model.data.shape.columns,
                    width = model.flow->width();
  std::vector<double> values(spec.rows * all);
  values.resize(data.read(values) * all);
  std::vector<real> seen, rows;
  to_flow(model, values, 0, spec.seed, Noise::drawn, data.name(), seen);
  for (std::size_t i = 0; i < values.size() / all; ++i) {
    const std::span<const real> row = std::span(seen).subspan(i * width, width);
    if (!std::all_of(row.begin(), row.end(), [](real v) { return std::isfinite(v); })) continue;
    rows.insert(rows.end(), row.begin(), row.end());
    e.rows.insert(e.rows.end(), &values[i * all], &values[i * all] + d);
  }
  require(!rows.empty(), Exit::data, data.name() + ": no row that the model can hold");
  return rows;
}

}  // namespace

Evidence gather(const Model& model, const std::string& path, RowReader* data,
                const EvidenceSpec& spec) {
  Evidence e;
  e.model = &model, e.model_path = path;
  const Flow& flow = *model.flow;
  Evaluator evaluator(flow, model.table, model.theta, spec.threads);
  const auto encoded = [&](std::vector<real> rows) {
    evaluator.encode(rows.data(), rows.size() / flow.width(), {}, flow.depth());
    return without_context(rows, flow);
  };
  std::vector<real> sampled(flow.context() == 0 ? spec.rows * flow.width() : 0);
  if (data) {
    e.data_name = data->name();
    const std::vector<real> rows = read_rows(model, *data, spec, e);
    e.scores.resize(rows.size() / flow.width());
    evaluator.log_density(rows.data(), e.scores.size(), e.scores);
    e.latents = encoded(rows);
    sampled = rows;
  }
  if (sampled.empty()) return e;
  e.sample_scores.resize(sampled.size() / flow.width());
  evaluator.sample(Random(spec.seed, Stream::sample), 0, e.sample_scores.size(), 1, sampled.data());
  evaluator.log_density(sampled.data(), e.sample_scores.size(), e.sample_scores);
  from_flow(model, sampled, e.samples);
  e.base = encoded(std::move(sampled));
  return e;
}

}  // namespace flow
