// A = Q R by Householder reflections, log |det A| = sum_i log |r_ii|: 4/3 N^3 operations, twice
// those of LU, and column by column, as in textbooks.  Golub, Van Loan: Matrix computations (2013),
// section 5.2.
//
// Step k: v = a_k + sign(a_kk) |a_k| e_k over rows k .. N-1 of column k, then for each column j > k
//   a_j -= 2 (v . a_j) / (v . v) v,   and r_kk = -sign(a_kk) |a_k|.
#include "logdet/given_matrix.h"

namespace flow {

namespace {

constexpr std::size_t strip = 16;  // sums side by side, so that the loop has no dependence

template <class T>
T dot(const T* a, const T* b, std::size_t n) {
  T sums[strip] = {};
  std::size_t i = 0;
  for (; i + strip <= n; i += strip)
    for (std::size_t k = 0; k < strip; ++k) sums[k] += a[i + k] * b[i + k];
  T sum = 0;
  for (; i < n; ++i) sum += a[i] * b[i];
  for (const T s : sums) sum += s;
  return sum;
}

template <class T>
double by_qr(View<T> a) {
  double log_det = 0;
  for (std::size_t k = 0; k < a.cols; ++k) {
    const std::size_t rest = a.rows - k;
    T* const v = a.col(k) + k;
    const T norm = std::sqrt(dot(v, v, rest));
    log_det += std::log(static_cast<double>(norm));
    v[0] += std::copysign(norm, v[0]);
    const T square = dot(v, v, rest);
    if (square == T{0}) continue;  // a column of zeros, whose logarithm says so
    for (std::size_t j = k + 1; j < a.cols; ++j) {
      T* const to = a.col(j) + k;
      const T factor = 2 * dot(v, to, rest) / square;
      for (std::size_t i = 0; i < rest; ++i) to[i] -= factor * v[i];
    }
  }
  return log_det;
}

class Qr final : public GivenMatrix {
 public:
  explicit Qr(const Size& size) : GivenMatrix(size.n) {}
  double run() override { return by_qr(work()); }
  double reference() override { return log_det_in_double(given()); }
};

}  // namespace

double log_det_by_qr(View<float> a) { return by_qr(a); }
double log_det_by_qr(View<double> a) { return by_qr(a); }

std::unique_ptr<Trial> make_qr(const Size& size) { return std::make_unique<Qr>(size); }

}  // namespace flow
