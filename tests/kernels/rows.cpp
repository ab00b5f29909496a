// Every kernel that works row by row, in one table beside its equation for one row in double; each
// is run through the same laws, on memory that ends at a page that cannot be touched.
#include <boost/test/unit_test.hpp>
#include <functional>
#include <string>

#include "kernels/guarded.h"

namespace flow::test {

namespace {

constexpr std::size_t d = 5;  // columns of x; h has two for each
constexpr real low = -2, high = 3, alpha = real(0.0625), bound = real(1.5);
constexpr real learned[d] = {1, real(-0.5), real(0.25), 2, real(0.75)};
constexpr real shifts[d] = {real(0.5), -1, 0, 3, real(-0.125)};

using Row = std::vector<double>;

struct Operation {
  std::string name;
  // x and h become what they become; l[i] is a number of row i.
  std::function<void(const Kernels&, Mat x, Mat h, double* l)> run;
  std::function<void(Row& x, Row& h, double& l)> row;
  double bound = 4;  // in units of epsilon max(1, |result|)
};

double sigmoid(double v) { return 1 / (1 + std::exp(-v)); }

// s and ds/dh: kernels.h.
double log_gain(Gain gain, double h, std::size_t j) {
  const double c = static_cast<double>(bound);
  switch (gain) {
    case Gain::bounded:
      return c * std::tanh(h / c);
    case Gain::learned:
      return static_cast<double>(learned[j]) * std::tanh(h);
    case Gain::sigmoid:
      return std::log(sigmoid(h + 2));
    case Gain::soft_clip:
      return h / (1 + std::abs(h) / c);
  }
  return 0;
}

double slope(Gain gain, double h, std::size_t j) {
  const double e = 1e-6;  // the reference is the definition, not the kernel's own formula
  return (log_gain(gain, h + e, j) - log_gain(gain, h - e, j)) / (2 * e);
}

// f of each number of x.
Operation each(std::string name, void (*Kernels::*kernel)(CMat, Mat), double (*f)(double)) {
  return {std::move(name),
          [=](const Kernels& k, Mat x, Mat h, double*) { (k.*kernel)(x, h.columns(0, d)); },
          [=](Row& x, Row& h, double&) {
            for (std::size_t j = 0; j < d; ++j) h[j] = f(x[j]);
          }};
}

// f of each number of x and of the one in h that it replaces.
Operation each_pair(std::string name, void (*Kernels::*kernel)(CMat, Mat),
                    double (*f)(double x, double h)) {
  return {std::move(name),
          [=](const Kernels& k, Mat x, Mat h, double*) { (k.*kernel)(x, h.columns(0, d)); },
          [=](Row& x, Row& h, double&) {
            for (std::size_t j = 0; j < d; ++j) h[j] = f(x[j], h[j]);
          }};
}

void add_affine(std::vector<Operation>& all, const std::string& name, Gain gain) {
  const MapSpec spec{gain, bound};
  all.push_back(
      {name + "/forward",
       [=](const Kernels& k, Mat x, Mat h, double* l) { k.affine.forward(spec, x, h, learned, l); },
       [=](Row& x, Row& h, double& l) {
         for (std::size_t j = 0; j < d; ++j) {
           const double s = log_gain(gain, h[j], j);
           x[j] = x[j] * std::exp(s) + h[d + j], l += s;
         }
       }});
  all.push_back(
      {name + "/inverse",
       [=](const Kernels& k, Mat x, Mat h, double* l) { k.affine.inverse(spec, x, h, learned, l); },
       [=](Row& z, Row& h, double& l) {
         for (std::size_t j = 0; j < d; ++j) {
           const double s = log_gain(gain, h[j], j);
           z[j] = (z[j] - h[d + j]) * std::exp(-s), l -= s;
         }
       }});
  // x holds dz; the map's x is what stands in h's second half.
  all.push_back({name + "/backward",
                 [=](const Kernels& k, Mat dz, Mat h, double* l) {
                   real sums[d] = {};
                   const Block x(dz.rows, d, dz.ld);
                   copy(h.columns(d, d), x.mat);
                   k.affine.backward(spec, x.mat, dz, h, learned, sums, l);
                 },
                 [=](Row& dz, Row& h, double& l) {
                   for (std::size_t j = 0; j < d; ++j) {
                     const double dx = dz[j] * std::exp(log_gain(gain, h[j], j));
                     h[j] = (dx * h[d + j] + l) * slope(gain, h[j], j);
                     h[d + j] = dz[j], dz[j] = dx;
                   }
                 },
                 sizeof(real) == 4 ? 6 : 1e7});  // the slope is a difference quotient
}

void add_maps(std::vector<Operation>& all) {
  all.push_back(
      {"additive/forward",
       [](const Kernels& k, Mat x, Mat h, double* l) { k.additive.forward({}, x, h, nullptr, l); },
       [](Row& x, Row& h, double&) {
         for (std::size_t j = 0; j < d; ++j) x[j] += h[j];
       }});
  all.push_back(
      {"additive/inverse",
       [](const Kernels& k, Mat x, Mat h, double* l) { k.additive.inverse({}, x, h, nullptr, l); },
       [](Row& x, Row& h, double&) {
         for (std::size_t j = 0; j < d; ++j) x[j] -= h[j];
       }});
  all.push_back({"additive/backward",
                 [](const Kernels& k, Mat dz, Mat h, double* l) {
                   k.additive.backward({}, dz, dz, h.columns(0, d), nullptr, nullptr, l);
                 },
                 [](Row& dz, Row& h, double&) { std::copy(dz.begin(), dz.end(), h.begin()); }});
  add_affine(all, "affine-bounded", Gain::bounded);
  add_affine(all, "affine-learned", Gain::learned);
  add_affine(all, "affine-sigmoid", Gain::sigmoid);
  add_affine(all, "affine-soft-clip", Gain::soft_clip);
}

void add_ranges(std::vector<Operation>& all) {
  static constexpr double a = static_cast<double>(alpha), b = static_cast<double>(low),
                          c = static_cast<double>(high), k0 = (1 - 2 * a) / (c - b);
  const auto p = [](double x) { return a + (x - b) * k0; };
  const auto q = [](double x) { return a + (c - x) * k0; };
  constexpr double inf = std::numeric_limits<double>::infinity();
  all.push_back({"logit",
                 [](const Kernels& k, Mat x, Mat, double* l) { k.logit(x, low, high, alpha, l); },
                 [=](Row& x, Row&, double& l) {
                   for (double& v : x) {
                     const bool inside = p(v) > 0 && q(v) > 0;
                     l += std::log(k0) - (inside ? std::log(p(v)) + std::log(q(v)) : inf);
                     v = inside ? std::log(p(v)) - std::log(q(v)) : 0;
                   }
                 },
                 6});
  all.push_back(
      {"logit/inverse",
       [](const Kernels& k, Mat z, Mat, double* l) { k.logit_inverse(z, low, high, alpha, l); },
       [=](Row& z, Row&, double& l) {
         for (double& v : z) {
           l -= std::log(k0) - std::log(sigmoid(v)) - std::log(sigmoid(-v));
           v = b + (sigmoid(v) - a) / k0;
         }
       },
       16});
  all.push_back({"logit/backward",
                 [](const Kernels& k, Mat x, Mat dz, double* l) {
                   k.logit_backward(x, dz.columns(0, d), low, high, alpha, l);
                 },
                 [=](Row& x, Row& dz, double& l) {
                   for (std::size_t j = 0; j < d; ++j) {
                     const double u = p(x[j]), w = q(x[j]);
                     dz[j] = u > 0 && w > 0 ? dz[j] * k0 / (u * w) + l * k0 * (1 / w - 1 / u) : 0;
                   }
                 },
                 12});
  all.push_back({"log", [](const Kernels& k, Mat x, Mat, double* l) { k.log(x, low, l); },
                 [=](Row& x, Row&, double& l) {
                   for (double& v : x)
                     l -= v > b ? std::log(v - b) : inf, v = v > b ? std::log(v - b) : 0;
                 }});
  all.push_back({"log/inverse",
                 [](const Kernels& k, Mat z, Mat, double* l) { k.log_inverse(z, low, l); },
                 [=](Row& z, Row&, double& l) {
                   for (double& v : z) l += v, v = std::exp(v) + b;
                 }});
  all.push_back({"log/backward",
                 [](const Kernels& k, Mat x, Mat dz, double* l) {
                   k.log_backward(x, dz.columns(0, d), low, l);
                 },
                 [=](Row& x, Row& dz, double& l) {
                   for (std::size_t j = 0; j < d; ++j)
                     dz[j] = x[j] > b ? (dz[j] - l) / (x[j] - b) : 0;
                 }});
}

void add_bases(std::vector<Operation>& all) {
  all.push_back({"normal", [](const Kernels& k, Mat z, Mat, double* l) { k.normal(z, l); },
                 [](Row& z, Row&, double& l) {
                   for (double v : z) l -= v * v / 2 + std::log(2 * std::acos(-1.0)) / 2;
                 }});
  all.push_back({"logistic", [](const Kernels& k, Mat z, Mat, double* l) { k.logistic(z, l); },
                 [](Row& z, Row&, double& l) {
                   for (double v : z) l += std::log(sigmoid(v)) + std::log(sigmoid(-v));
                 }});
  all.push_back(
      {"normal/backward",
       [](const Kernels& k, Mat z, Mat h, double* l) { k.normal_backward(z, h.columns(0, d), l); },
       [](Row& z, Row& h, double& l) {
         for (std::size_t j = 0; j < d; ++j) h[j] = -l * z[j];
       }});
  all.push_back({"logistic/backward",
                 [](const Kernels& k, Mat z, Mat h, double* l) {
                   k.logistic_backward(z, h.columns(0, d), l);
                 },
                 [](Row& z, Row& h, double& l) {
                   for (std::size_t j = 0; j < d; ++j) h[j] = l * (1 - 2 * sigmoid(z[j]));
                 }});
}

void add_plain(std::vector<Operation>& all) {
  all.push_back(each("relu", &Kernels::relu, [](double x) { return std::max(x, 0.0); }));
  all.push_back(each("tanh", &Kernels::tanh, [](double x) { return std::tanh(x); }));
  all.push_back(each("silu", &Kernels::silu, [](double x) { return x * sigmoid(x); }));
  all.push_back(each_pair("relu/backward", &Kernels::relu_backward,
                          [](double y, double dy) { return y > 0 ? dy : 0; }));
  all.push_back(each_pair("tanh/backward", &Kernels::tanh_backward,
                          [](double y, double dy) { return dy * (1 - y * y); }));
  all.push_back(each_pair("silu/backward", &Kernels::silu_backward, [](double x, double dy) {
    const double s = sigmoid(x);
    return dy * (s + x * s * (1 - s));
  }));
  all.push_back(
      each_pair("multiply", &Kernels::multiply, [](double x, double h) { return x * h; }));
  all.push_back({"scale-shift",
                 [](const Kernels& k, Mat x, Mat, double*) { k.scale_shift(x, learned, shifts); },
                 [](Row& x, Row&, double&) {
                   for (std::size_t j = 0; j < d; ++j)
                     x[j] = x[j] * static_cast<double>(learned[j]) + static_cast<double>(shifts[j]);
                 }});
  all.push_back({"axpy",
                 [](const Kernels& k, Mat x, Mat h, double*) {
                   for (std::size_t j = 0; j < d; ++j) k.axpy(x.rows, -3, x.col(j), h.col(j));
                 },
                 [](Row& x, Row& h, double&) {
                   for (std::size_t j = 0; j < d; ++j) h[j] -= 3 * x[j];
                 }});
}

std::vector<Operation> operations() {
  std::vector<Operation> all;
  add_plain(all), add_maps(all), add_ranges(all), add_bases(all);
  return all;
}

// 16 different rows, again and again, starting with row `turn`.
struct Run {
  Block x, h;
  Guarded<double> l;

  Run(const Operation& op, const Kernels& k, std::size_t rows, std::size_t gap, std::size_t turn)
      : x(rows, d, rows + gap), h(rows, 2 * d, rows + gap), l(rows) {
    const Block x0(lanes, d, lanes), h0(lanes, 2 * d, lanes);
    draw(x0.mat, 1.5, 1), draw(h0.mat, 1.5, 2);
    for (std::size_t i = 0; i < rows; ++i) {
      const std::size_t from = (i + turn) % lanes;
      for (std::size_t j = 0; j < d; ++j) x.mat(i, j) = x0.mat(from, j);
      for (std::size_t j = 0; j < 2 * d; ++j) h.mat(i, j) = h0.mat(from, j);
      l.data()[i] = 0.25 * static_cast<double>(from) - 1;
    }
    if (op.run) op.run(k, x.mat, h.mat, l.data());
  }
};

Row row_of(CMat m, std::size_t i) {
  Row r(m.cols);
  for (std::size_t j = 0; j < m.cols; ++j) r[j] = static_cast<double>(m(i, j));
  return r;
}

BOOST_AUTO_TEST_SUITE(rows)

BOOST_AUTO_TEST_CASE(each_is_its_equation) {
  for (const Operation& op : operations())
    for (const Kernels* k : tables()) {
      const Run start({}, *k, lanes, 3, 0), run(op, *k, lanes, 3, 0);
      double worst = 0;
      for (std::size_t i = 0; i < lanes; ++i) {
        Row x = row_of(start.x.mat, i), h = row_of(start.h.mat, i);
        double l = start.l.data()[i];
        op.row(x, h, l);
        for (std::size_t j = 0; j < d; ++j) worst = std::max(worst, error(run.x.mat(i, j), x[j]));
        for (std::size_t j = 0; j < 2 * d; ++j)
          worst = std::max(worst, error(run.h.mat(i, j), h[j]));
        const double got = run.l.data()[i];
        if (got != l)
          worst = std::max(worst, std::abs(got - l) / epsilon / std::max(1.0, std::abs(l)));
        BOOST_TEST(!std::isnan(got));
      }
      BOOST_TEST_MESSAGE(op.name << " " << k->isa << ": " << worst);
      BOOST_TEST(worst <= op.bound, op.name << " " << k->isa << ": " << worst << " epsilon");
      BOOST_TEST(run.x.gaps_are_whole());
      BOOST_TEST(run.h.gaps_are_whole());
    }
}

// Whatever the place, the neighbours and the number of rows.
BOOST_AUTO_TEST_CASE(a_row_has_the_same_bits_everywhere) {
  for (const Operation& op : operations())
    for (const Kernels* k : tables()) {
      const Run first(op, *k, lanes, 0, 0);
      std::size_t differences = 0;
      for (std::size_t rows = lanes; rows <= 9 * lanes; rows += lanes) {
        const Run run(op, *k, rows, rows % 3, rows / lanes);
        for (std::size_t i = 0; i < rows; ++i) {
          const std::size_t same = (i + rows / lanes) % lanes;
          differences += row_of(run.x.mat, i) != row_of(first.x.mat, same);
          differences += row_of(run.h.mat, i) != row_of(first.h.mat, same);
          differences += run.l.data()[i] != first.l.data()[same];
        }
      }
      BOOST_TEST(differences == 0U, op.name << " " << k->isa);
    }
}

// Out of range: the density is 0, z is finite, and nothing is NaN on the way back.
BOOST_AUTO_TEST_CASE(beyond_a_range_the_density_is_0) {
  constexpr real largest = std::numeric_limits<real>::max();
  const real outside[] = {-largest,
                          real(-1e6),
                          real(-2.5),
                          real(3.5),
                          real(1e6),
                          largest,
                          std::numeric_limits<real>::infinity(),
                          -std::numeric_limits<real>::infinity()};
  for (const Kernels* k : tables())
    for (real bad : outside) {
      const Block x(lanes, 2, lanes), dz(lanes, 2, lanes);
      const Guarded<double> l(lanes), w(lanes);
      fill(x.mat, 1), fill(dz.mat, 1);
      std::fill_n(l.data(), lanes, 0.0), std::fill_n(w.data(), lanes, 1.0);
      x.mat(3, 1) = bad;
      k->logit_backward(x.mat, dz.mat, low, high, alpha, w.data());
      k->logit(x.mat, low, high, alpha, l.data());
      for (std::size_t i = 0; i < lanes; ++i) {
        BOOST_TEST(std::isinf(l.data()[i]) == (i == 3));
        BOOST_TEST(std::isfinite(x.mat(i, 1)));
        BOOST_TEST(std::isfinite(dz.mat(i, 1)));
      }
      BOOST_TEST(l.data()[3] < 0);
      if (bad > low) continue;
      std::fill_n(l.data(), lanes, 0.0), fill(x.mat, 1), x.mat(3, 1) = bad;
      k->log_backward(x.mat, dz.mat, low, w.data());
      k->log(x.mat, low, l.data());
      BOOST_TEST(l.data()[3] == -std::numeric_limits<double>::infinity());
      BOOST_TEST(std::isfinite(x.mat(3, 1)));
      BOOST_TEST(std::isfinite(dz.mat(3, 1)));
    }
}

// Both ends of a range keep their digits: the way back finds them again.
BOOST_AUTO_TEST_CASE(logit_comes_back_from_the_ends) {
  const real a = real(1e-6),
             ends[] = {0, 1, real(1e-7), 1 - 4 * std::numeric_limits<real>::epsilon(), real(0.5)};
  for (const Kernels* k : tables())
    for (real end : ends) {
      const Block x(lanes, 1, lanes);
      const Guarded<double> l(lanes);
      std::fill_n(l.data(), lanes, 0.0), fill(x.mat, end);
      k->logit(x.mat, 0, 1, a, l.data());
      BOOST_TEST(std::isfinite(l.data()[0]));
      k->logit_inverse(x.mat, 0, 1, a, l.data());
      BOOST_TEST(error(x.mat(0, 0), static_cast<double>(end)) < 4);
      BOOST_TEST(std::abs(l.data()[0]) < 64 * epsilon);
    }
}

// A ReLU that turned NaN into 0 would hide broken weights behind a finite density.
BOOST_AUTO_TEST_CASE(activations_pass_nan_on) {
  for (const Kernels* k : tables())
    for (auto f : {&Kernels::relu, &Kernels::tanh, &Kernels::silu}) {
      const Block x(lanes, 1, lanes);
      fill(x.mat, 1), x.mat(5, 0) = std::numeric_limits<real>::quiet_NaN();
      (k->*f)(x.mat, x.mat);
      for (std::size_t i = 0; i < lanes; ++i) BOOST_TEST(std::isnan(x.mat(i, 0)) == (i == 5));
    }
}

// A log-det that nobody wants is not written.
BOOST_AUTO_TEST_CASE(inverses_work_without_logdet) {
  for (const Kernels* k : tables()) {
    const Block x(lanes, d, lanes), h(lanes, 2 * d, lanes);
    draw(x.mat, 1, 1), draw(h.mat, 1, 2);
    k->affine.inverse({}, x.mat, h.mat, nullptr, nullptr);
    k->logit_inverse(x.mat, low, high, alpha, nullptr);
    k->log_inverse(x.mat, low, nullptr);
    BOOST_TEST(std::isfinite(x.mat(0, 0)));
  }
}

// RealNVP's factor g learns the sum of dL/ds tanh(h).
BOOST_AUTO_TEST_CASE(the_learned_gain_has_its_gradient) {
  for (const Kernels* k : tables()) {
    const Block x(48, d, 48), dz(48, d, 48), h(48, 2 * d, 48);
    const Guarded<real> sums(d);
    const Guarded<double> l(48);
    draw(x.mat, 1, 1), draw(dz.mat, 1, 2), draw(h.mat, 1, 3);
    std::fill_n(l.data(), 48, 0.5), std::fill_n(sums.data(), d, real(1));
    Row want(d, 1.0), size(d, 1.0);
    for (std::size_t j = 0; j < d; ++j)
      for (std::size_t i = 0; i < 48; ++i) {
        const double t = std::tanh(static_cast<double>(h.mat(i, j)));
        const double gain = std::exp(static_cast<double>(learned[j]) * t);
        const double term =
            (static_cast<double>(dz.mat(i, j)) * static_cast<double>(x.mat(i, j)) * gain + 0.5) * t;
        want[j] += term, size[j] += std::abs(term);
      }
    k->affine.backward({Gain::learned, 1}, x.mat, dz.mat, h.mat, learned, sums.data(), l.data());
    for (std::size_t j = 0; j < d; ++j)
      BOOST_TEST(std::abs(static_cast<double>(sums.data()[j]) - want[j]) < 8 * epsilon * size[j]);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace

}  // namespace flow::test
