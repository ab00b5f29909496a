#include "train/gaussian.h"

#include <cmath>
#include <numbers>
#include <vector>

#include "nn/gemm.h"

namespace flow {

namespace {

constexpr std::size_t most_columns = 2048, block = 512;
constexpr double most_work = 1e10;  // multiply-adds over the rows, about a second

// Calls f(rows x columns as read, weight of each) for blocks of evenly spaced rows.
template <class F>
void each_block(const Dataset& data, std::size_t columns, std::uint32_t epoch, F f) {
  const auto affordable =
      static_cast<std::size_t>(most_work / static_cast<double>(columns * columns));
  const std::size_t n = std::min(data.rows(), std::max<std::size_t>(affordable, 1000));
  std::vector<real> row(data.width());
  std::vector<double> x(block * columns), weight;
  for (std::size_t first = 0; first < n; first += block) {
    const std::size_t count = std::min(block, n - first);
    weight.resize(count);
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t at = (first + i) * data.rows() / n;
      data.row(at, epoch, row.data());
      for (std::size_t j = 0; j < columns; ++j) x[j * count + i] = static_cast<double>(row[j]);
      weight[i] = data.weight(at);
    }
    f(View<double>{x.data(), count, columns, count}, std::span<const double>(weight));
  }
}

struct Gaussian {
  std::vector<double> mean, factor;  // L of the covariance L L^T, row by row
};

// a (d x d, row by row) becomes its Cholesky factor; false where it has none.
bool factor(std::vector<double>& a, std::size_t d) {
  for (std::size_t i = 0; i < d; ++i)
    for (std::size_t j = 0; j <= i; ++j) {
      double s = a[i * d + j];
      for (std::size_t k = 0; k < j; ++k) s -= a[i * d + k] * a[j * d + k];
      if (i == j && !(s > 0)) return false;
      a[i * d + j] = i == j ? std::sqrt(s) : s / a[j * d + j];
    }
  return true;
}

std::optional<Gaussian> fit(const Dataset& data, std::size_t d) {
  Gaussian g{std::vector<double>(d), std::vector<double>(d * d)};
  double total = 0;
  each_block(data, d, 1, [&](View<double> x, std::span<const double> weight) {
    for (std::size_t j = 0; j < d; ++j)
      for (std::size_t i = 0; i < x.rows; ++i) g.mean[j] += weight[i] * x(i, j);
    for (double w : weight) total += w;
  });
  for (double& m : g.mean) m /= total;
  const View<double> covariance{g.factor.data(), d, d, d};
  each_block(data, d, 1, [&](View<double> x, std::span<const double> weight) {
    for (std::size_t j = 0; j < d; ++j)
      for (std::size_t i = 0; i < x.rows; ++i)
        x(i, j) = std::sqrt(weight[i]) * (x(i, j) - g.mean[j]);
    gemm(1 / total, Op::transposed, x, Op::as_is, x, 1, covariance);
  });
  // As much more on the diagonal as keeps columns apart that are sums of others.
  for (std::size_t j = 0; j < d; ++j) g.factor[j * d + j] *= 1 + 1e-6;
  if (!factor(g.factor, d)) return std::nullopt;
  return g;
}

double log_density(const Gaussian& g, std::vector<double>& y) {
  const std::size_t d = g.mean.size();
  double log_p = -0.5 * static_cast<double>(d) * std::log(2 * std::numbers::pi);
  for (std::size_t i = 0; i < d; ++i) {
    for (std::size_t k = 0; k < i; ++k) y[i] -= g.factor[i * d + k] * y[k];
    y[i] /= g.factor[i * d + i];
    log_p -= 0.5 * y[i] * y[i] + std::log(g.factor[i * d + i]);
  }
  return log_p;
}

}  // namespace

std::optional<double> gaussian_log_density(const Dataset& training, const Dataset& validation,
                                           std::size_t columns) {
  if (columns > most_columns || training.rows() <= columns) return std::nullopt;
  const std::optional<Gaussian> g = fit(training, columns);
  if (!g) return std::nullopt;
  double sum = 0, total = 0;
  std::vector<double> y(columns);
  each_block(validation, columns, 0, [&](View<double> x, std::span<const double> weight) {
    for (std::size_t i = 0; i < x.rows; ++i) {
      for (std::size_t j = 0; j < columns; ++j) y[j] = x(i, j) - g->mean[j];
      sum += weight[i] * log_density(*g, y), total += weight[i];
    }
  });
  if (!std::isfinite(sum / total)) return std::nullopt;
  return sum / total;
}

}  // namespace flow
