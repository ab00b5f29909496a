// Maps whose Jacobian is a matrix of known determinant plus one of low rank. Sylvester's identity,
//   det(D + U V^T) = det D det(I_M + V^T D^-1 U),   D N x N diagonal, U and V N x M,
// makes an N x N determinant an M x M one.
//
// planar: z = x + u tanh(w . x + b),  log |det J| = log |1 + (1 - tanh^2) u . w|: O(N) a row.
//   Rezende, Mohamed: Variational inference with normalizing flows (2015), section 4.1.
// sylvester: z = x + Q R tanh(S Q^T x + b), Q N x M with orthonormal columns, R and S upper
//   triangular: log |det J| = sum_i log |1 + (1 - tanh_i^2) r_ii s_ii|: O(M), and O(N M) for z.
//   van den Berg, Hasenclever, Tomczak, Welling: Sylvester normalizing flows (2018), section 3.
// low-rank: the identity itself, for a given D + U V^T: O(N M^2 + M^3).
#include "flow/evaluate.h"
#include "kernels/kernels.h"
#include "logdet/matrix.h"
#include "logdet/method.h"
#include "nn/gemm.h"

namespace flow {

namespace {

// D + U V^T in double, and its log-det as any matrix's.
double dense_log_det(std::span<const double> d, View<const double> u, View<const double> v) {
  const Square<double> a(d.size());
  gemm(1.0, Op::as_is, u, Op::transposed, v, 0.0, a.view());
  for (std::size_t i = 0; i < d.size(); ++i) a.view()(i, i) += d[i];
  return log_det_in_double<double>(a.view());
}

double scale_of(std::size_t n) { return 0.5 / std::sqrt(static_cast<double>(n)); }

std::vector<double> widened(CVec v) { return {v.begin(), v.end()}; }

// logdet[i] += log |1 + (1 - t_i^2) factor|
void add_logs(CMat t, real factor, double* logdet) {
  alignas(64) real logs[block_rows];
  for (std::size_t i = 0; i < block_rows; ++i)
    logs[i] = std::abs(1 + (1 - t.data[i] * t.data[i]) * factor);
  kernels().ln(block_rows, logs);
  for (std::size_t i = 0; i < block_rows; ++i) logdet[i] += static_cast<double>(logs[i]);
}

class Planar final : public Trial {
 public:
  explicit Planar(std::size_t n)
      : n_(n),
        u_(normal_numbers(n, 1, scale_of(n))),
        w_(normal_numbers(n, 2, scale_of(n))),
        x_(normal_numbers(n * block_rows, 3, 1)),
        z_(n * block_rows) {}
  std::size_t log_dets() const override { return block_rows; }
  double run() override {
    alignas(64) real h[block_rows] = {};
    real uw = 0;
    for (std::size_t j = 0; j < n_; ++j) {
      const real w = w_.data()[j];
      const real* const x = x_.data() + j * block_rows;
      for (std::size_t i = 0; i < block_rows; ++i) h[i] += w * x[i];
      uw += w * u_.data()[j];
    }
    const Mat column{h, block_rows, 1, block_rows};
    kernels().tanh(column, column);
    std::fill_n(logdet_, block_rows, 0.0);
    add_logs(column, uw, logdet_);
    for (std::size_t j = 0; j < n_; ++j) {
      const real u = u_.data()[j];
      const real* const x = x_.data() + j * block_rows;
      real* const z = z_.data() + j * block_rows;
      for (std::size_t i = 0; i < block_rows; ++i) z[i] = x[i] + u * h[i];
    }
    return logdet_[0];
  }
  double reference() override {
    std::vector<double> u = widened(u_), w = widened(w_), ones(n_, 1.0);
    double a = 0;
    for (std::size_t j = 0; j < n_; ++j) a += w[j] * static_cast<double>(x_.data()[j * block_rows]);
    for (double& v : u) v *= 1 - std::tanh(a) * std::tanh(a);
    return dense_log_det(ones, {u.data(), n_, 1, n_}, {w.data(), n_, 1, n_});
  }

 private:
  std::size_t n_;
  Aligned<real> u_, w_, x_, z_;
  double logdet_[block_rows];
};

// Columns of a normal matrix made orthonormal, by Gram and Schmidt, twice.
void orthonormalise(View<double> q) {
  for (std::size_t j = 0; j < q.cols; ++j) {
    for (std::size_t k = 0; k < 2 * j; ++k) {
      double dot = 0;
      for (std::size_t i = 0; i < q.rows; ++i) dot += q(i, j) * q(i, k % j);
      for (std::size_t i = 0; i < q.rows; ++i) q(i, j) -= dot * q(i, k % j);
    }
    double square = 0;
    for (std::size_t i = 0; i < q.rows; ++i) square += q(i, j) * q(i, j);
    for (std::size_t i = 0; i < q.rows; ++i) q(i, j) /= std::sqrt(square);
  }
}

class Sylvester final : public Trial {
 public:
  Sylvester(std::size_t n, std::size_t m)
      : n_(n),
        m_(m),
        q_(normal_numbers(n * m, 1, 1)),
        r_(normal_numbers(m * m, 2, 0.3)),
        s_(normal_numbers(m * m, 3, 0.3)),
        x_(normal_numbers(n * block_rows, 4, 1)),
        z_(n * block_rows),
        qs_(n * m),
        qr_(n * m),
        h_(block_rows * m) {
    std::vector<double> q = widened(q_);
    orthonormalise({q.data(), n, m, n});
    std::copy(q.begin(), q.end(), q_.data());
    for (std::size_t j = 0; j < m; ++j)
      for (std::size_t i = j + 1; i < m; ++i) r(i, j) = s(i, j) = 0;
    // Both products are the same for all rows.
    gemm(real(1), Op::as_is, tall(q_), Op::transposed, square(s_), real(0), tall(qs_));
    gemm(real(1), Op::as_is, tall(q_), Op::as_is, square(r_), real(0), tall(qr_));
  }
  std::size_t log_dets() const override { return block_rows; }
  double run() override {
    const Mat x{x_.data(), block_rows, n_, block_rows}, z{z_.data(), block_rows, n_, block_rows};
    const Mat h{h_.data(), block_rows, m_, block_rows};
    gemm(real(1), Op::as_is, x, Op::as_is, tall(qs_), real(0), h);
    std::fill_n(logdet_, block_rows, 0.0);
    kernels().tanh(h, h);
    for (std::size_t k = 0; k < m_; ++k) add_logs(h.columns(k, 1), r(k, k) * s(k, k), logdet_);
    copy(x, z);
    gemm(real(1), Op::as_is, h, Op::transposed, tall(qr_), real(1), z);
    return logdet_[0];
  }
  double reference() override {
    std::vector<double> u = widened(qr_), v = widened(qs_), ones(n_, 1.0);
    for (std::size_t k = 0; k < m_; ++k) {
      double a = 0;
      for (std::size_t j = 0; j < n_; ++j)
        a += v[k * n_ + j] * static_cast<double>(x_.data()[j * block_rows]);
      for (std::size_t j = 0; j < n_; ++j) u[k * n_ + j] *= 1 - std::tanh(a) * std::tanh(a);
    }
    return dense_log_det(ones, {u.data(), n_, m_, n_}, {v.data(), n_, m_, n_});
  }

 private:
  Mat tall(const Aligned<real>& a) const { return {a.data(), n_, m_, n_}; }
  Mat square(const Aligned<real>& a) const { return {a.data(), m_, m_, m_}; }
  real& r(std::size_t i, std::size_t j) const { return r_.data()[j * m_ + i]; }
  real& s(std::size_t i, std::size_t j) const { return s_.data()[j * m_ + i]; }

  std::size_t n_, m_;
  Aligned<real> q_, r_, s_, x_, z_, qs_, qr_, h_;
  double logdet_[block_rows];
};

class LowRank final : public Trial {
 public:
  LowRank(std::size_t n, std::size_t m)
      : n_(n),
        m_(m),
        d_(normal_numbers(n, 1, 0.2)),
        u_(normal_numbers(n * m, 2, scale_of(n))),
        v_(normal_numbers(n * m, 3, scale_of(n))),
        scaled_(n * m),
        inner_(m * m),
        pivots_(m) {
    for (real& d : std::span<real>(d_)) d += 1;
  }
  double run() override {
    double log_det = 0;
    for (std::size_t i = 0; i < n_; ++i)
      log_det += std::log(std::abs(static_cast<double>(d_.data()[i])));
    for (std::size_t k = 0; k < m_; ++k)
      for (std::size_t i = 0; i < n_; ++i)
        scaled_.data()[k * n_ + i] = u_.data()[k * n_ + i] / d_.data()[i];
    const Mat inner{inner_.data(), m_, m_, m_};
    fill(inner, 0);
    for (std::size_t k = 0; k < m_; ++k) inner(k, k) = 1;
    gemm(real(1), Op::transposed, CMat{v_.data(), n_, m_, n_}, Op::as_is,
         CMat{scaled_.data(), n_, m_, n_}, real(1), inner);
    return log_det + log_abs_det(inner, pivots_).log_abs;
  }
  double reference() override {
    const std::vector<double> d = widened(d_), u = widened(u_), v = widened(v_);
    return dense_log_det(d, {u.data(), n_, m_, n_}, {v.data(), n_, m_, n_});
  }

 private:
  std::size_t n_, m_;
  Aligned<real> d_, u_, v_, scaled_, inner_;
  std::vector<std::size_t> pivots_;
};

}  // namespace

std::unique_ptr<Trial> make_planar(const Size& size) { return std::make_unique<Planar>(size.n); }
std::unique_ptr<Trial> make_sylvester(const Size& size) {
  return std::make_unique<Sylvester>(size.n, std::min(size.rank, size.n));
}
std::unique_ptr<Trial> make_low_rank(const Size& size) {
  return std::make_unique<LowRank>(size.n, std::min(size.rank, size.n));
}

}  // namespace flow
