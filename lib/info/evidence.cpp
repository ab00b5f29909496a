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

// At most so many rows, evenly spaced over the input, in their order: files are often sorted.
std::vector<double> spread_rows(RowReader& data, std::size_t most) {
  const std::size_t d = data.shape().columns;
  constexpr std::size_t numbers = std::size_t{1} << 20;  // of a block
  std::vector<double> kept, block(std::max<std::size_t>(numbers / d, 1) * d);
  const auto keep = [&](std::size_t to, std::size_t from) {
    std::copy_n(kept.begin() + static_cast<std::ptrdiff_t>(from * d), d,
                kept.begin() + static_cast<std::ptrdiff_t>(to * d));
  };
  std::uint64_t at = 0, step = 1;
  while (const std::size_t n = data.read(block)) {
    for (std::size_t i = 0; i < n; ++i, ++at) {
      if (at % step != 0) continue;
      kept.insert(kept.end(), &block[i * d], &block[i * d] + d);
      if (kept.size() < 2 * most * d) continue;
      for (std::size_t k = 0; k < most; ++k) keep(k, 2 * k);
      kept.resize(most * d), step *= 2;
    }
  }
  const std::size_t there = kept.size() / d, some = std::min(there, most);
  for (std::size_t k = 0; k < some; ++k) keep(k, k * there / some);
  kept.resize(some * d);
  return kept;
}

// Rows of a file as the flow sees them; those that it cannot hold are left out.
std::vector<real> read_rows(const Model& model, RowReader& data, const EvidenceSpec& spec,
                            Evidence& e) {
  const std::size_t all = data.shape().columns, d = model.data.shape.columns,
                    width = model.flow->width();
  const std::vector<double> values = spread_rows(data, spec.rows);
  std::vector<real> seen, rows;
  to_flow(model, values, 0, spec.seed, Noise::drawn, data.name(), seen);
  for (std::size_t i = 0; i < values.size() / all; ++i) {
    const std::span<const real> row = std::span(seen).subspan(i * width, width);
    if (!std::all_of(row.begin(), row.end(), [](real v) { return std::isfinite(v); })) {
      ++e.left_out;
      continue;
    }
    rows.insert(rows.end(), row.begin(), row.end());
    e.rows.insert(e.rows.end(), &values[i * all], &values[i * all] + d);
  }
  require(!rows.empty(), Exit::data,
          data.name() +
              ": no row that the model can hold; give rows like those that it was trained on");
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
