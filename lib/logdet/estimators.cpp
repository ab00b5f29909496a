// Hutchinson's trick: for random v with E v v^T = I, E v^T A v = tr A, from products with A alone.
// Unbiased, and noisy: with signs v = +-1 the variance of one probe is sum_(i != j) a_ij (a_ij +
// a_ji), and n probes cost n products for 1/n of it.
//
// trace: of a continuous flow dx/dt = f(x), d log |det| / dt = tr df/dx. Here f(x) = tanh(A x) at a
//   point; a solver asks for it at each of its steps.  Grathwohl, Chen, Bettencourt, Sutskever,
//   Duvenaud: FFJORD (2019), section 3.1.
// power-series: of a residual flow z = x + g(x), |dg/dx| < 1,
//   log det(I + A) = sum_k (-1)^(k+1) tr(A^k) / k,
//   cut at a random length n and each term divided by the chance that it was reached, which keeps
//   the estimate unbiased: n = 2 + a geometric number of parameter 1/2.  Chen, Behrmann, Duvenaud,
//   Jacobsen: Residual flows (2019), section 3.1. Here A is a given matrix of norm about 1/2.
#include "logdet/matrix.h"
#include "logdet/method.h"
#include "nn/gemm.h"

namespace flow {

namespace {

constexpr std::size_t exact_terms = 2;
constexpr std::size_t most_terms = 40;  // beyond, a term is less than 2^-40 of the sum

// G / (4 sqrt n): the norm of G / sqrt n is about 2.
Square<real> contraction(std::size_t n) {
  Square<real> a = random_square(n);
  for (std::size_t j = 0; j < n; ++j)
    for (std::size_t i = 0; i < n; ++i) a.view()(i, j) = (a.view()(i, j) - real(i == j)) / 2;
  return a;
}

// What both share: the matrix, the probes, and the spread of estimates. A run is always the same 16
// probes, so that estimates of random length cost what they cost on average.
class Estimator : public Trial {
 public:
  // probes: of one estimate, 1 to 16.
  Estimator(const Size& size, std::size_t probes)
      : n_(size.n),
        a_(contraction(size.n)),
        v_(size.n),
        w_(size.n),
        next_(size.n),
        probes_(probes) {}
  std::size_t log_dets() const override { return run_probes / probes_; }
  double run() override { return mean(0, run_probes); }
  Spread spread() override {
    const std::size_t estimates = n_ > 1024 ? 32 : 128;
    double all = 0, squares = 0;
    for (std::size_t k = 0; k < estimates; ++k) {
      const double e = mean(k * probes_, probes_), d = e - all;
      all += d / static_cast<double>(k + 1);
      squares += d * (e - all);
    }
    return {all, std::sqrt(squares / static_cast<double>(estimates - 1)), estimates};
  }

 protected:
  virtual double probe(std::uint64_t number) = 0;

  void draw_signs(std::uint64_t number) {
    const Random random(n_, Stream::test, 7);
    std::vector<std::uint32_t> words(round_up(n_, 128) / 32);
    random.words(number, 0, words);
    for (std::size_t i = 0; i < n_; ++i) v_.data()[i] = words[i / 32] >> (i % 32) & 1 ? 1 : -1;
  }
  // to = A from
  void multiply(const Aligned<real>& from, const Aligned<real>& to) const {
    gemm(real(1), Op::as_is, a_.view(), Op::as_is, CMat{from.data(), n_, 1, n_}, real(0),
         Mat{to.data(), n_, 1, n_});
  }
  double dot(const Aligned<real>& a, const Aligned<real>& b) const {
    double sum = 0;
    for (std::size_t i = 0; i < n_; ++i)
      sum += static_cast<double>(a.data()[i]) * static_cast<double>(b.data()[i]);
    return sum;
  }

  std::size_t n_;
  Square<real> a_;
  Aligned<real> v_, w_, next_;

 private:
  static constexpr std::size_t run_probes = 16;
  double mean(std::size_t first, std::size_t count) {
    double sum = 0;
    for (std::size_t p = 0; p < count; ++p) sum += probe(first + p);
    return sum / static_cast<double>(count);
  }
  std::size_t probes_;
};

class Trace final : public Estimator {
 public:
  Trace(const Size& size, std::size_t probes) : Estimator(size, probes), slope_(n_) {
    const Aligned<real> x = normal_numbers(n_, 5, 1);
    multiply(x, slope_);
    for (real& s : std::span<real>(slope_)) s = 1 - std::tanh(s) * std::tanh(s);
  }
  double reference() override {
    double sum = 0;
    for (std::size_t i = 0; i < n_; ++i)
      sum += static_cast<double>(slope_.data()[i]) * static_cast<double>(a_.view()(i, i));
    return sum;
  }

 protected:
  double probe(std::uint64_t number) override {
    draw_signs(number);
    multiply(v_, w_);
    for (std::size_t i = 0; i < n_; ++i) w_.data()[i] *= slope_.data()[i];
    return dot(v_, w_);
  }

 private:
  Aligned<real> slope_;
};

class PowerSeries final : public Estimator {
 public:
  using Estimator::Estimator;
  double reference() override {
    const Square<double> sum(n_);
    copy_matrix<real>(a_.view(), sum.view());
    for (std::size_t i = 0; i < n_; ++i) sum.view()(i, i) += 1;
    return log_det_in_double<double>(sum.view());
  }

 protected:
  double probe(std::uint64_t number) override {
    draw_signs(number);
    const Random length(0, Stream::test, 8);
    std::copy_n(v_.data(), n_, w_.data());
    double sum = 0, reached = 1;
    for (std::size_t k = 1; k <= most_terms; ++k) {
      if (k > exact_terms) {
        if (length.uniform(number, static_cast<std::uint32_t>(k)) < 0.5) break;
        reached /= 2;
      }
      multiply(w_, next_);
      std::swap(w_, next_);
      sum += (k % 2 ? 1 : -1) * dot(v_, w_) / (static_cast<double>(k) * reached);
    }
    return sum;
  }
};

}  // namespace

std::unique_ptr<Trial> make_trace(const Size& size, std::size_t probes) {
  return std::make_unique<Trace>(size, probes);
}
std::unique_ptr<Trial> make_power_series(const Size& size, std::size_t probes) {
  return std::make_unique<PowerSeries>(size, probes);
}

}  // namespace flow
