#include "flow/condition.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "layers/moments.h"

namespace flow {

namespace {

constexpr std::size_t most_rows = 256, probes = 4;
constexpr double step = 0.01;

// Deviations of the leading columns.
std::vector<double> deviations(std::span<const real> rows, std::size_t width, std::size_t columns) {
  const std::size_t n = rows.size() / width;
  std::vector<real> column(n);
  std::vector<double> deviation;
  for (std::size_t j = 0; j < columns; ++j) {
    for (std::size_t i = 0; i < n; ++i) column[i] = rows[i * width + j];
    deviation.push_back(safe_deviation(moments(column.data(), n)));
  }
  return deviation;
}

// For each row the mean of |pass(row + step scale u) - pass(row)|^2 / |step u|^2 over directions u,
// the differences, of which those along a circle (result_period, 0: none) go the short way, divided
// by result_scale. All rows are of `width` numbers, of which the leading
// ones, as many as there are scales, are moved.
template <class Pass>
std::vector<double> gains(std::span<const real> rows, std::size_t width,
                          std::span<const double> scale, std::span<const double> result_scale,
                          std::span<const double> result_period, Stream stream, Pass pass) {
  const std::size_t n = rows.size() / width, d = scale.size();
  std::vector<real> at(rows.begin(), rows.end());
  pass(at.data());
  std::vector<double> gain(n), u(d);
  for (std::uint32_t k = 0; k < probes; ++k) {
    std::vector<real> moved(rows.begin(), rows.end());
    std::vector<double> length(n);
    for (std::size_t i = 0; i < n; ++i) {
      Random(0, stream, k).normal(i, u);
      for (std::size_t j = 0; j < d; ++j) {
        real& x = moved[i * width + j];
        const double before = static_cast<double>(x);
        x += static_cast<real>(step * scale[j] * u[j]);
        const double went = (static_cast<double>(x) - before) / scale[j];  // after rounding
        length[i] += went * went;
      }
    }
    pass(moved.data());
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < d; ++j) {
        double e =
            static_cast<double>(moved[i * width + j]) - static_cast<double>(at[i * width + j]);
        if (result_period[j] > 0) e = std::remainder(e, result_period[j]);
        e /= result_scale[j];
        gain[i] += e * e / (length[i] * probes);
      }
  }
  return gain;
}

}  // namespace

double condition(Evaluator& evaluator, const Flow& flow, std::span<const real> rows,
                 std::span<const double> periods) {
  const std::size_t width = flow.width(), d = flow.columns(),
                    n = std::min(rows.size() / width, most_rows);
  const std::span<const real> some = rows.first(n * width);
  const std::vector<double> scale = deviations(some, width, d), one(d, 1);
  const auto encode = [&](real* x) { evaluator.encode(x, n, {}, flow.depth()); };
  const auto decode = [&](real* z) { evaluator.decode(z, n, {}, flow.depth()); };
  std::vector<real> latents(some.begin(), some.end());
  encode(latents.data());
  std::vector<double> of_x(periods.begin(), periods.end()), of_z(d);
  of_x.resize(d);
  // Latents have the angles last, and a period of 2 pi.
  std::fill_n(of_z.rbegin(),
              std::count_if(of_x.begin(), of_x.end(), [](double p) { return p > 0; }),
              2 * std::numbers::pi);
  const std::vector<double> there = gains(some, width, scale, one, of_z, Stream::sample, encode),
                            back = gains(latents, width, one, scale, of_x, Stream::test, decode);
  double worst = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const double c = std::sqrt(there[i] * back[i]);
    if (!std::isfinite(c)) return std::numeric_limits<double>::infinity();
    worst = std::max(worst, c);
  }
  return worst;
}

}  // namespace flow
