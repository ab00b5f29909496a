#include "train/gaussian.h"

#include <cmath>
#include <numbers>

#include "nn/gemm.h"

namespace flow {

namespace {

// a (d x d, symmetric) becomes its lower Cholesky factor; false where it has none.
bool factor(View<double> a) {
  const std::size_t d = a.rows;
  for (std::size_t j = 0; j < d; ++j) {
    for (std::size_t k = 0; k < j; ++k)
      for (std::size_t i = j; i < d; ++i) a(i, j) -= a(i, k) * a(j, k);
    if (!(a(j, j) > 0)) return false;
    const double root = std::sqrt(a(j, j));
    for (std::size_t i = j; i < d; ++i) a(i, j) /= root;
  }
  return true;
}

// The inverse of a lower triangle, whose upper part is not read.
std::vector<double> inverse(View<const double> l) {
  const std::size_t d = l.rows;
  std::vector<double> out(d * d);
  const View<double> w{out.data(), d, d, d};
  for (std::size_t j = 0; j < d; ++j) {
    w(j, j) = 1 / l(j, j);
    for (std::size_t k = j; k < d; ++k) {
      if (k > j) w(k, j) /= l(k, k);
      for (std::size_t i = k + 1; i < d; ++i) w(i, j) -= l(i, k) * w(k, j);
    }
  }
  return out;
}

std::vector<double> centred(Rows x, const std::vector<double>& mean) {
  std::vector<double> out;
  out.reserve(x.rows * x.cols);
  for (std::size_t j = 0; j < x.cols; ++j)
    for (std::size_t i = 0; i < x.rows; ++i) out.push_back(x(i, j) - mean[j]);
  return out;
}

}  // namespace

GaussianMoments moments_of(Rows x, std::span<const double> weight) {
  const std::size_t d = x.cols, n = x.rows;
  GaussianMoments m{0, std::vector<double>(d), std::vector<double>(d * d)};
  for (double w : weight) m.weight += w;
  for (std::size_t j = 0; j < d; ++j) {
    for (std::size_t i = 0; i < n; ++i) m.mean[j] += weight[i] * x(i, j);
    m.mean[j] /= m.weight;
  }
  std::vector<double> c = centred(x, m.mean);
  for (std::size_t j = 0; j < d; ++j)
    for (std::size_t i = 0; i < n; ++i) c[j * n + i] *= std::sqrt(weight[i]);
  const Rows r{c.data(), n, d, n};
  gemm(1 / m.weight, Op::transposed, r, Op::as_is, r, 0,
       View<double>{m.covariance.data(), d, d, d});
  return m;
}

std::optional<Gaussian> Gaussian::of(std::vector<double> mean, std::vector<double> covariance) {
  const std::size_t d = mean.size();
  const View<double> l{covariance.data(), d, d, d};
  if (!factor(l)) return std::nullopt;
  Gaussian g;
  g.constant_ = -0.5 * static_cast<double>(d) * std::log(2 * std::numbers::pi);
  for (std::size_t j = 0; j < d; ++j) g.constant_ -= std::log(l(j, j));
  g.mean_ = std::move(mean), g.whitening_ = inverse(l);
  return g;
}

void Gaussian::log_density(Rows x, std::span<double> out) const {
  const std::size_t d = x.cols, n = x.rows;
  const std::vector<double> c = centred(x, mean_);
  std::vector<double> white(n * d);
  gemm(1, Op::as_is, Rows{c.data(), n, d, n}, Op::transposed, Rows{whitening_.data(), d, d, d}, 0,
       View<double>{white.data(), n, d, n});
  std::fill(out.begin(), out.end(), constant_);
  for (std::size_t j = 0; j < d; ++j)
    for (std::size_t i = 0; i < n; ++i) out[i] -= 0.5 * white[j * n + i] * white[j * n + i];
}

std::vector<double> Gaussian::solve(const std::vector<double>& v) const {
  const std::size_t d = v.size();
  const Rows w{whitening_.data(), d, d, d};
  std::vector<double> white(d), out(d);
  for (std::size_t j = 0; j < d; ++j)
    for (std::size_t i = j; i < d; ++i) white[i] += w(i, j) * v[j];
  for (std::size_t j = 0; j < d; ++j)
    for (std::size_t i = j; i < d; ++i) out[j] += w(i, j) * white[i];
  return out;
}

}  // namespace flow
