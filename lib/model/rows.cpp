#include "model/rows.h"

#include "core/error.h"
#include "data/dequantise.h"

namespace flow {

void check_columns(const Model& model, const RowShape& shape, const std::string& input) {
  const std::size_t wanted = model.data.shape.columns;
  require(shape.columns == wanted, Exit::data,
          input + ": " + std::to_string(shape.columns) + " columns, and the model has " +
              std::to_string(wanted) + "; choose them with --columns");
}

void to_flow(const Model& model, std::span<const double> values, std::uint64_t first_row,
             std::uint64_t seed, Noise noise, std::vector<real>& rows) {
  rows.resize(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) rows[i] = static_cast<real>(values[i]);
  if (!model.data.dequantise) return;
  if (noise == Noise::middle)
    for (real& v : rows) v += real(0.5);
  else
    dequantise(std::span<real>(rows), model.data.shape.columns, first_row, seed, 0);
}

void from_flow(const Model& model, std::span<const real> rows, std::vector<double>& values) {
  values.assign(rows.begin(), rows.end());
  if (model.data.dequantise)
    quantise(std::span<double>(values), IntegerRange{model.data.low, model.data.high - 1});
}

}  // namespace flow
