#include "model/rows.h"

#include "core/error.h"
#include "data/columns.h"
#include "data/dequantise.h"

namespace flow {

namespace {

void to_typed_flow(const Model& model, std::span<const double> values, std::uint64_t first_row,
                   std::uint64_t seed, Noise noise, std::vector<real>& rows) {
  const std::vector<Column>& columns = model.data.columns;
  const std::size_t d = columns.size(), width = model.flow->columns(), n = values.size() / d;
  const std::vector<real> steps = noise_steps(columns);
  rows.resize(n * width);
  for (std::size_t i = 0; i < n; ++i) {
    real* row = rows.data() + i * width;
    to_numbers(columns, values.subspan(i * d, d), row);
    if (noise == Noise::middle)
      for (std::size_t j = 0; j < width; ++j) row[j] += real(0.5) * steps[j];
  }
  if (noise == Noise::drawn)
    dequantise(std::span<real>(rows), width, first_row, seed, 0, std::span<const real>(steps));
}

}  // namespace

void check_columns(const Model& model, const RowShape& shape, const std::string& input,
                   bool latents) {
  const std::size_t wanted = latents ? model.flow->columns() : model.data.shape.columns;
  require(shape.columns == wanted, Exit::data,
          input + ": " + std::to_string(shape.columns) + " columns, and the model has " +
              std::to_string(wanted) + "; choose them with --columns");
}

Vocabulary vocabulary(const Model& model) {
  Vocabulary v;
  const DataSpec& data = model.data;
  for (std::size_t j = 0; j < data.columns.size(); ++j)
    if (!data.columns[j].words.empty())
      v.known.emplace_back(data.shape.names[j], data.columns[j].words);
  return v;
}

void to_flow(const Model& model, std::span<const double> values, std::uint64_t first_row,
             std::uint64_t seed, Noise noise, std::vector<real>& rows) {
  if (!model.data.columns.empty())
    return to_typed_flow(model, values, first_row, seed, noise, rows);
  rows.resize(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) rows[i] = static_cast<real>(values[i]);
  if (!model.data.dequantise) return;
  if (noise == Noise::middle)
    for (real& v : rows) v += real(0.5);
  else
    dequantise(std::span<real>(rows), model.data.shape.columns, first_row, seed, 0);
}

void from_flow(const Model& model, std::span<const real> rows, std::vector<double>& values) {
  if (const auto& columns = model.data.columns; !columns.empty()) {
    const std::size_t d = columns.size(), width = model.flow->columns();
    values.resize(rows.size() / width * d);
    for (std::size_t i = 0; i < rows.size() / width; ++i)
      from_numbers(columns, rows.data() + i * width, std::span(values).subspan(i * d, d));
    return;
  }
  values.assign(rows.begin(), rows.end());
  if (model.data.dequantise)
    quantise(std::span<double>(values), IntegerRange{model.data.low, model.data.high - 1});
}

}  // namespace flow
