#include "model/impute.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/error.h"
#include "data/columns.h"
#include "model/rows.h"

namespace flow {

namespace {

constexpr std::size_t nodes = 64, rounds = 3;
constexpr std::size_t rows_at_a_time = 1024;  // of which each has `nodes` candidates
constexpr double reach = 8, negligible = -30;

struct Window {
  double low = -reach, high = reach;

  double step() const { return (high - low) / static_cast<double>(nodes - 1); }
  double node(std::size_t k) const { return low + step() * static_cast<double>(k); }
};

// The nodes that matter, and one more at either side.
Window narrowed(const Window& w, std::span<const double> logp, double best) {
  const auto matters = [&](double l) { return l - best > negligible; };
  const auto first = std::find_if(logp.begin(), logp.end(), matters) - logp.begin();
  const auto last = std::find_if(logp.rbegin(), logp.rend(), matters).base() - logp.begin();
  return {w.node(static_cast<std::size_t>(std::max<std::ptrdiff_t>(first - 1, 0))),
          w.node(std::min(static_cast<std::size_t>(last), nodes - 1))};
}

// Where the integral of the interpolated density reaches this share of the whole.
double quantile(const Window& w, std::span<const double> logp, double best, double share) {
  double density[nodes], whole = 0;
  for (std::size_t k = 0; k < nodes; ++k) density[k] = std::exp(logp[k] - best);
  for (std::size_t k = 0; k + 1 < nodes; ++k) whole += (density[k] + density[k + 1]) / 2;
  double left = share * whole;
  std::size_t k = 0;
  for (; k + 2 < nodes && left > (density[k] + density[k + 1]) / 2; ++k)
    left -= (density[k] + density[k + 1]) / 2;
  const double a = density[k], slope = density[k + 1] - a;
  const double t = 2 * left / (a + std::sqrt(std::max(0.0, a * a + 2 * slope * left)));
  return w.node(k) + w.step() * std::clamp(t, 0.0, 1.0);
}

}  // namespace

Imputer::Imputer(const Model& model, const Random& random, std::size_t threads)
    : model_(model),
      random_(random),
      evaluator_(*model.flow, model.table, model.theta, threads),
      periods_(periods(model.data.columns)) {
  periods_.resize(model.flow->columns());
  assert(model.data.marginal);
}

void Imputer::fill_cell(std::span<real* const> rows, std::size_t j,
                        std::span<const std::uint64_t> numbers) {
  const std::size_t width = model_.flow->width(), mask = width - model_.flow->columns();
  const Window whole = periods_[j] > 0 ? Window{-std::numbers::pi, std::numbers::pi} : Window{};
  std::vector<Window> windows(rows.size(), whole);
  candidates_.resize(rows.size() * nodes * width), logp_.resize(rows.size() * nodes);
  for (std::size_t round = 1; round <= rounds; ++round) {
    for (std::size_t i = 0; i < rows.size(); ++i)
      for (std::size_t k = 0; k < nodes; ++k) {
        real* candidate = candidates_.data() + (i * nodes + k) * width;
        std::copy_n(rows[i], width, candidate);
        candidate[j] = static_cast<real>(windows[i].node(k)), candidate[mask + j] = 1;
      }
    evaluator_.log_density(candidates_.data(), logp_.size(), logp_, 1);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const auto logp = std::span<const double>(logp_).subspan(i * nodes, nodes);
      const double best = *std::max_element(logp.begin(), logp.end());
      if (!std::isfinite(best)) continue;
      if (round < rounds)
        windows[i] = narrowed(windows[i], logp, best);
      else
        rows[i][j] = static_cast<real>(quantile(
            windows[i], logp, best, random_.uniform(numbers[i], static_cast<std::uint32_t>(j))));
    }
  }
  for (real* row : rows) row[mask + j] = std::isnan(row[j]) ? 0 : 1;
}

void Imputer::fill(std::span<real> rows, RowNumbers at) {
  const std::size_t width = model_.flow->width(), n = rows.size() / width;
  evaluator_.encode(rows.data(), n, {}, 1);
  for (std::size_t first = 0; first < n; first += rows_at_a_time)
    for (std::size_t j = 0; j < model_.flow->columns(); ++j) {
      std::vector<real*> some;
      std::vector<std::uint64_t> numbers;
      for (std::size_t i = first; i < std::min(n, first + rows_at_a_time); ++i) {
        if (!std::isnan(rows[i * width + j])) continue;
        some.push_back(rows.data() + i * width);
        numbers.push_back(at[i]);
      }
      if (!some.empty()) fill_cell(some, j, numbers);
    }
  evaluator_.decode(rows.data(), n, {}, 1);
}

void Imputer::draw(std::span<const double> values, RowNumbers at, std::uint64_t seed,
                   std::size_t each, const std::string& input, std::vector<double>& out) {
  const std::size_t d = model_.data.shape.columns, read = d + model_.data.context.size(),
                    width = model_.flow->width(), n = values.size() / read;
  require_fit(model_.data, values, at, input);
  to_flow(model_, values, at, seed, Noise::drawn, input, rows_);
  std::vector<real> copies;
  std::vector<std::uint64_t> draws;
  for (std::size_t i = 0; i < n * each; ++i) {
    copies.insert(copies.end(), &rows_[i / each * width], &rows_[i / each * width] + width);
    draws.push_back(at[i / each] * each + i % each);
  }
  fill(copies, {0, draws});
  from_flow(model_, copies, out);
  for (std::size_t k = 0; k < out.size(); ++k) {
    const std::size_t i = k / d / each;
    if (const double known = values[i * read + k % d]; !std::isnan(known)) out[k] = known;
    require(!std::isnan(out[k]), Exit::data,
            input + ": row " + std::to_string(at[i] + 1) +
                ": what is there has density 0 under the model, and nothing follows from it");
  }
}

}  // namespace flow
