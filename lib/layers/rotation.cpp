#include "layers/rotation.h"

#include <cmath>

#include "nn/lu.h"

namespace flow {

namespace {

using Matrix = std::vector<std::vector<double>>;

double dot(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (std::size_t k = 0; k < a.size(); ++k) sum += a[k] * b[k];
  return sum;
}

// Rows drawn normal, each made orthogonal to those above; twice, since once leaves rounding behind.
Matrix rotation(std::size_t d, const Random& random) {
  Matrix q(d, std::vector<double>(d));
  for (std::size_t i = 0; i < d; ++i) {
    random.normal(i, q[i]);
    for (std::size_t j = 0; j < 2 * i; ++j) {
      const std::vector<double>& above = q[j % i];
      const double along = dot(q[i], above);
      for (std::size_t k = 0; k < d; ++k) q[i][k] -= along * above[k];
    }
    const double length = std::sqrt(dot(q[i], q[i]));
    for (double& v : q[i]) v /= length;
  }
  return q;
}

}  // namespace

Start start_rotation(std::size_t d) {
  return [d](Vec lu, const Random& random) {
    const Matrix q = rotation(d, random);
    std::vector<double> factors(d * d);
    std::vector<std::size_t> pivots(d);
    const View<double> a{factors.data(), d, d, d};
    for (std::size_t i = 0; i < d; ++i)
      for (std::size_t j = 0; j < d; ++j) a(i, j) = q[i][j];
    factor_lu(a, pivots);
    const auto sign = [&](std::size_t i) { return a(i, i) < 0 ? -1.0 : 1.0; };
    for (std::size_t i = 0; i < d; ++i)
      for (std::size_t j = 0; j < d; ++j)
        lu[i * d + j] = static_cast<real>(j < i    ? sign(i) * a(i, j) * sign(j)
                                          : j == i ? std::log(std::abs(a(i, i)))
                                                   : sign(i) * a(i, j));
  };
}

Start start_rotation_matrix(std::size_t d) {
  return [d](Vec w, const Random& random) {
    const Matrix q = rotation(d, random);
    for (std::size_t i = 0; i < d; ++i)
      std::transform(q[i].begin(), q[i].end(), w.begin() + static_cast<std::ptrdiff_t>(i * d),
                     [](double v) { return static_cast<real>(v); });
  };
}

}  // namespace flow
