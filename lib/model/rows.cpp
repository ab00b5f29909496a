#include "model/rows.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.h"
#include "core/missing.h"
#include "data/columns.h"
#include "data/dequantise.h"

namespace flow {

namespace {

// One row of numbers as they are.
void plain(std::span<const double> values, real* numbers) {
  std::transform(values.begin(), values.end(), numbers,
                 [](double v) { return static_cast<real>(v); });
}

// Calls set(row's d values, its number, its place in rows) and puts its context behind, then what
// tells of its missing cells.
template <class F>
void each_row(const Model& model, std::span<const double> values, std::size_t d, RowNumbers at,
              const std::string& input, std::vector<real>& rows, F set) {
  const ContextSpec& context = model.data.context;
  const std::size_t c = context.size(), columns = model.flow->columns(),
                    width = model.flow->width(), n = values.size() / (d + c);
  std::vector<real> given(c);
  rows.resize(n * width);
  for (std::size_t i = 0; i < n; ++i) {
    const auto row = values.subspan(i * (d + c), d + c);
    real* out = rows.data() + i * width;
    set(row.first(d), at[i], std::span(out, columns));
    if (model.data.marginal) mark_observed({out, columns}, out + width - columns);
    if (c == 0) continue;
    plain(row.subspan(d), given.data());
    to_context(context, given.data(), input + ": row " + std::to_string(at[i] + 1), out + columns);
  }
}

}  // namespace

void check_columns(const Model& model, const RowShape& shape, const std::string& input,
                   bool latents) {
  const std::size_t context = model.data.context.size();
  const std::size_t wanted = latents ? model.flow->columns() : model.data.shape.columns;
  require(shape.columns == wanted + context, Exit::data,
          input + ": " + std::to_string(shape.columns) + " columns, and the model has " +
              std::to_string(wanted) +
              (context ? " and " + std::to_string(context) +
                             " of context; give those with "
                             "--context or --context-columns"
                       : "; choose them with --columns"));
}

Vocabulary vocabulary(const DataSpec& data) {
  Vocabulary v;
  for (std::size_t j = 0; j < data.columns.size(); ++j)
    if (!data.columns[j].words.empty())
      v.known.emplace_back(data.shape.names[j], data.columns[j].words);
  for (const ContextColumn& c : data.context)
    if (!c.words.empty()) v.known.emplace_back(c.name, c.words);
  return v;
}

void to_numbers(const DataSpec& data, std::span<const double> row, std::span<real> numbers) {
  if (!data.columns.empty()) return to_numbers(data.columns, row, numbers.data(), data.marginal);
  if (!data.levels.declared()) return plain(row, numbers.data());
  for (std::size_t j = 0; j < row.size(); ++j) numbers[j] = to_level(data.levels, row[j]);
  if (std::any_of(numbers.begin(), numbers.end(), [](real v) { return std::isnan(v); }))
    std::fill(numbers.begin(), numbers.end(), std::numeric_limits<real>::quiet_NaN());
}

std::string misfit(const DataSpec& data, std::span<const double> row) {
  if (data.columns.empty()) return misfit(data.levels, data.shape.dims, row);
  return misfit(data.columns, data.shape.names, row);
}

void require_fit(const DataSpec& data, std::span<const double> values, RowNumbers at,
                 const std::string& input) {
  const std::size_t d = data.shape.columns, width = d + data.context.size();
  for (std::size_t i = 0; i < values.size() / width; ++i) {
    const std::string why = misfit(data, values.subspan(i * width, d));
    require(
        why.empty(), Exit::data,
        input + ": row " + std::to_string(at[i] + 1) + ": " + why + "; such a row has density 0");
  }
}

bool has_noise(const DataSpec& data) {
  return data.dequantise || !noise_steps(data.columns).empty();
}

void to_flow(const Model& model, std::span<const double> values, RowNumbers at, std::uint64_t seed,
             Noise noise, const std::string& input, std::vector<real>& rows, std::uint32_t draw) {
  const std::vector<real> steps = noise_steps(model.data.columns);
  const bool noisy = has_noise(model.data);
  // Draw 0 is that of validation; training has the keys from 1 on, one an epoch.
  const std::uint32_t key = draw == 0 ? 0 : 0x80000000u + draw;
  each_row(model, values, model.data.shape.columns, at, input, rows,
           [&](std::span<const double> x, std::uint64_t row, std::span<real> out) {
             to_numbers(model.data, x, out);
             if (!noisy) return;
             if (noise == Noise::drawn)
               return dequantise(out, out.size(), row, seed, key, std::span<const real>(steps));
             for (std::size_t j = 0; j < out.size(); ++j)
               out[j] += real(0.5) * (steps.empty() ? 1 : steps[j]);
           });
}

void latents_to_flow(const Model& model, std::span<const double> values, RowNumbers at,
                     const std::string& input, std::vector<real>& rows) {
  each_row(
      model, values, model.flow->columns(), at, input, rows,
      [](std::span<const double> z, std::uint64_t, std::span<real> out) { plain(z, out.data()); });
}

void mark_latents(const Model& model, Evaluator& evaluator, std::size_t last,
                  std::vector<real>& rows) {
  if (!model.data.marginal) return;
  const std::size_t d = model.flow->columns(), width = model.flow->width();
  std::vector<real> back = rows;
  evaluator.decode(back.data(), back.size() / width, {}, last);
  for (std::size_t first = 0; first < rows.size(); first += width)
    mark_observed({back.data() + first, d}, rows.data() + first + width - d);
}

void from_flow(const Model& model, std::span<const real> rows, std::vector<double>& values) {
  const auto& columns = model.data.columns;
  const std::size_t d = model.data.shape.columns, width = model.flow->width(),
                    n = rows.size() / width;
  values.resize(n * d);
  for (std::size_t i = 0; i < n; ++i) {
    const real* row = rows.data() + i * width;
    if (columns.empty())
      std::copy_n(row, d, values.begin() + static_cast<std::ptrdiff_t>(i * d));
    else
      from_numbers(columns, row, std::span(values).subspan(i * d, d));
  }
  if (!model.data.dequantise) return;
  quantise(std::span<double>(values), IntegerRange{model.data.low, model.data.high - 1});
  for (double& v : values) v = from_level(model.data.levels, v);
}

void sample_rows(const Model& model, Evaluator& evaluator, CVec contexts, const Random& random,
                 std::uint64_t first_row, std::size_t n, double temperature,
                 std::vector<double>& values) {
  const std::size_t c = width(model.data.context), wide = model.flow->width();
  std::vector<real> rows(n * wide, real(1));  // a mask says that all is there
  for (std::size_t i = 0; c > 0 && i < n; ++i)
    std::copy_n(contexts.data() + i * c, c, &rows[i * wide + model.flow->columns()]);
  evaluator.sample(random, first_row, n, temperature, rows.data());
  from_flow(model, rows, values);
}

}  // namespace flow
