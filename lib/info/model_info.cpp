#include "info/model_info.h"

#include <algorithm>
#include <cmath>

#include "config/scalar.h"
#include "core/text.h"
#include "flow/summary.h"
#include "info/curve.h"
#include "info/data_info.h"
#include "model/columns.h"
#include "train/plan.h"

namespace flow {

namespace {

// Where the validation was best: that epoch's parameters are the model's.
std::size_t best_epoch(std::span<const double> validation) {
  return static_cast<std::size_t>(
      std::max_element(validation.begin(), validation.end(),
                       [](double a, double b) { return std::isnan(a) || a < b; }) -
      validation.begin());
}

std::string preprocessing(const DataSpec& d) {
  std::string out;
  if (d.dequantise) out = "uniform noise in [0, 1) on integers";
  if (d.levels.declared()) out += format(" of %zu levels", d.levels.kept());
  for (const Column& c : d.columns)
    if (c.discrete() && out.empty()) out = "uniform noise on integer and categorical columns";
  return out.empty() ? "none but the layers" : out;
}

std::string kind_of(const ContextColumn& c) {
  if (c.label) return "label of " + std::to_string(c.values.size()) + " classes";
  return format("number, mean %.6g, scale %.6g", c.mean, c.scale);
}

std::string type_of(const DataSpec& d, std::size_t j) {
  return d.columns.empty() ? "as it is" : describe(d.columns[j]);
}

std::string line(const char* key, const std::string& value) {
  return format("%-14s ", key) + value + "\n";
}

std::string describe_origin(const Model& m, const std::string& path) {
  std::string out = line("model", path);
  out += line("digest", m.digest);
  out += line("written by", m.created_by + ", kernels " + m.kernels);
  const TrainedOn& t = m.trained_on;
  if (!t.digest.empty())
    out += line("trained on",
                format("%zu rows, %zu to validate; digest ", t.rows, t.validation_rows) + t.digest);
  out += line("a row", describe(m.data.shape));
  out += line("noise", preprocessing(m.data));
  return out;
}

std::string describe_quality(const Model& m) {
  std::string out;
  const auto validation = history_column(m, "validation");
  const auto error = history_column(m, "validation_error");
  if (!validation.empty()) {
    const std::size_t best = best_epoch(validation);
    out += line(
        "held-out rows",
        format("mean log-density %.4f", validation[best]) +
            (best < error.size() ? format(" +- %.4f", error[best]) : "") + " nats" +
            (m.data.dequantise
                 ? format(" = %.4f bits/dim", bits_per_dim(validation[best], m.data.shape.columns))
                 : "") +
            format(", epoch %zu of %zu", best + 1, validation.size()));
  }
  if (!m.reference.empty())
    out += line("reference", format("%zu log-densities of held-out rows, %.6g to %.6g",
                                    m.reference.size(), m.reference.front(), m.reference.back()));
  if (m.round_trip)
    out += line("round trip",
                format("held-out rows came back within %.2g of max(1, |x|)", *m.round_trip));
  if (m.condition)
    out += line(
        "condition",
        format("rounding grows up to %.3g times on the way to latents and back", *m.condition));
  return out;
}

std::string describe_columns(const DataSpec& d) {
  std::string out;
  for (std::size_t j = 0; j < std::min(d.shape.columns, shown_columns) && d.shape.dims.size() < 2;
       ++j)
    out += line(label_of(d.shape, j).c_str(), type_of(d, j));
  if (d.shape.dims.size() < 2 && d.shape.columns > shown_columns)
    out += format("... and %zu more: --json lists all\n", d.shape.columns - shown_columns);
  for (const ContextColumn& c : d.context)
    out += line(c.name.empty() ? "given" : c.name.c_str(), "given: " + kind_of(c));
  return out;
}

std::string describe_history(const Model& m, bool ascii, CurveSize size) {
  std::string out;
  for (const char* const name : {"train", "validation"})
    if (const auto values = history_column(m, name); !values.empty())
      out += "\nmean log-density of " +
             std::string(name[0] == 't' ? "training batches" : "validation rows") +
             format(", nats, over %zu epochs\n", values.size()) + draw_curve(values, ascii, size);
  return out;
}

}  // namespace

std::span<const double> history_column(const Model& model, const std::string& name) {
  for (const auto& [key, values] : model.history)
    if (key == name) return values;
  return {};
}

std::string describe(const Model& m, const std::string& path, bool ascii, std::size_t width) {
  constexpr std::size_t label = 12;  // in front of a curve
  CurveSize size;
  size.width = std::clamp<std::size_t>(width, label + 1, label + size.width) - label;
  std::string out = describe_origin(m, path) + describe_quality(m);
  if (const std::string columns = describe_columns(m.data); !columns.empty()) out += "\n" + columns;
  return out + describe_history(m, ascii, size) + "\n" + describe_layers(*m.flow, m.table);
}

JsonLine json_of(const Model& m, const std::string& path) {
  std::vector<JsonLine> columns, context, layers;
  for (std::size_t j = 0; j < m.data.shape.columns; ++j)
    columns.emplace_back().add("name", label_of(m.data.shape, j)).add("type", type_of(m.data, j));
  for (const ContextColumn& c : m.data.context)
    context.emplace_back().add("name", c.name).add("label", c.label).add("kind", kind_of(c));
  for (const LayerSize& s : layer_sizes(*m.flow, m.table))
    layers.emplace_back()
        .add("name", s.name)
        .add("trained", s.trained)
        .add("fixed", s.fixed)
        .add("shapes", s.shapes);
  JsonLine history, out;
  for (const auto& [name, values] : m.history) history.add(name, values);
  out.add("kind", "model").add("file", path).add("digest", m.digest).add("run", m.run);
  out.add("created_by", m.created_by).add("kernels", m.kernels);
  out.add("data", m.trained_on.digest).add("rows", m.trained_on.rows);
  out.add("validation_rows", m.trained_on.validation_rows);
  out.add("shape", std::vector<double>(m.data.shape.dims.begin(), m.data.shape.dims.end()));
  out.add("columns", columns).add("context", context);
  out.add("dequantise", m.data.dequantise).add("levels", m.data.levels.kept());
  out.add("parameters", m.table.trained()).add("layers", layers);
  out.add("round_trip", m.round_trip.value_or(NAN))
      .add("condition", m.condition.value_or(NAN))
      .add("history", history);
  return out.add("reference", m.reference);
}

}  // namespace flow
