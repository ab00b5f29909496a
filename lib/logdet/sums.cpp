// The log-determinants of triangular Jacobians, alone: what NICE, RealNVP and Glow pay.
//
// Coupling: log |det J| = sum_j s_j(x_a) over the columns that are transformed, for each row. (Of
// NICE's additive couplings it is 0.)  Dinh, Sohl-Dickstein, Bengio: Real NVP (2017), section 3.3.
// 1x1 convolution by its LU factors: sum_j log |s_j| over C channels, once a step and for all rows
// and pixels.  Kingma, Dhariwal: Glow (2018), section 3.2.
#include "flow/evaluate.h"
#include "logdet/matrix.h"
#include "logdet/method.h"
#include "nn/gemm.h"

namespace flow {

namespace {

// Two couplings of either half: N numbers s a row, in the layout of a block.
class RowSums final : public Trial {
 public:
  explicit RowSums(std::size_t n) : n_(n), s_(normal_numbers(n * block_rows, n, 0.3)) {}
  std::size_t log_dets() const override { return block_rows; }
  double run() override {
    std::fill_n(sums_, block_rows, 0.0);
    for (std::size_t j = 0; j < n_; ++j) {
      const real* const s = s_.data() + j * block_rows;
      for (std::size_t i = 0; i < block_rows; ++i) sums_[i] += static_cast<double>(s[i]);
    }
    return sums_[0];
  }
  double reference() override {
    long double sum = 0;
    for (std::size_t j = 0; j < n_; ++j) sum += static_cast<long double>(s_.data()[j * block_rows]);
    return static_cast<double>(sum);
  }

 private:
  std::size_t n_;
  Aligned<real> s_;
  double sums_[block_rows];
};

// The logarithms are what is trained: the sum is all there is to compute.
class DiagonalSum final : public Trial {
 public:
  explicit DiagonalSum(std::size_t n) : log_s_(normal_numbers(n, n, 0.3)) {}
  double run() override {
    double sums[lanes] = {};
    const real* const s = log_s_.data();
    std::size_t j = 0;
    for (; j + lanes <= log_s_.size(); j += lanes)
      for (std::size_t i = 0; i < lanes; ++i) sums[i] += static_cast<double>(s[j + i]);
    double sum = 0;
    for (; j < log_s_.size(); ++j) sum += static_cast<double>(s[j]);
    for (const double part : sums) sum += part;
    return sum;
  }
  // Of the product of the factors, as any matrix.
  double reference() override {
    const std::size_t n = log_s_.size();
    Square<double> lower(n), upper(n), product(n);
    const Random random(n, Stream::test, 1);
    const double scale = 0.5 / std::sqrt(static_cast<double>(n));
    for (std::size_t j = 0; j < n; ++j)
      for (std::size_t i = 0; i < n; ++i) {
        const double r = scale * (2 * random.uniform(j, static_cast<std::uint32_t>(i)) - 1);
        lower.view()(i, j) = i == j ? 1 : i > j ? r : 0;
        upper.view()(i, j) = i == j  ? std::exp(static_cast<double>(log_s_.data()[i]))
                             : i < j ? r
                                     : 0;
      }
    gemm(1.0, Op::as_is, lower.view(), Op::as_is, upper.view(), 0.0, product.view());
    return log_det_in_double<double>(product.view());
  }

 private:
  Aligned<real> log_s_;
};

}  // namespace

std::unique_ptr<Trial> make_sum(const Size& size) { return std::make_unique<RowSums>(size.n); }
std::unique_ptr<Trial> make_diagonal_sum(const Size& size) {
  return std::make_unique<DiagonalSum>(size.n);
}

}  // namespace flow
