#include "kernels/operations.h"

#include "kernels/guarded.h"

namespace flow::test {

namespace {

double sigmoid(double v) { return 1 / (1 + std::exp(-v)); }
double square(double v) { return v * v; }

// s and ds/dh: kernels.h.
double log_gain(const MapSpec& spec, double h, std::size_t j) {
  const double c = static_cast<double>(bound), least = static_cast<double>(spec.least);
  switch (spec.gain) {
    case Gain::bounded:
      return c * std::tanh(h / c);
    case Gain::learned:
      return static_cast<double>(learned[j]) * std::tanh(h);
    case Gain::sigmoid:
      return std::log(sigmoid(h + 2) + least);
    case Gain::soft_clip:
      return h / (1 + std::abs(h) / c);
    case Gain::softplus:
      return std::log(std::log1p(std::exp(h)) + least);
    case Gain::exp:
      return h;
  }
  return 0;
}

double slope(const MapSpec& gain, double h, std::size_t j) {
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

void add_affine(std::vector<Operation>& all, const std::string& name, MapSpec spec) {
  spec.bound = bound;
  const bool first = spec.shift_first;
  all.push_back(
      {name + "/forward",
       [=](const Kernels& k, Mat x, Mat h, double* l) { k.affine.forward(spec, x, h, learned, l); },
       [=](Row& x, Row& h, double& l) {
         for (std::size_t j = 0; j < d; ++j) {
           const double s = log_gain(spec, h[j], j), a = std::exp(s), t = h[d + j];
           x[j] = first ? (x[j] + t) * a : x[j] * a + t, l += s;
         }
       }});
  all.push_back(
      {name + "/inverse",
       [=](const Kernels& k, Mat x, Mat h, double* l) { k.affine.inverse(spec, x, h, learned, l); },
       [=](Row& z, Row& h, double& l) {
         for (std::size_t j = 0; j < d; ++j) {
           const double s = log_gain(spec, h[j], j), a = std::exp(-s), t = h[d + j];
           z[j] = first ? z[j] * a - t : (z[j] - t) * a, l -= s;
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
                     const double dx = dz[j] * std::exp(log_gain(spec, h[j], j)), x = h[d + j];
                     h[j] = (dx * (first ? x + h[d + j] : x) + l) * slope(spec, h[j], j);
                     h[d + j] = first ? dx : dz[j], dz[j] = dx;
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
  add_affine(all, "affine-bounded", {.gain = Gain::bounded});
  add_affine(all, "affine-learned", {.gain = Gain::learned});
  add_affine(all, "affine-sigmoid", {.gain = Gain::sigmoid});
  add_affine(all, "affine-sigmoid-least", {.gain = Gain::sigmoid, .least = real(0.01)});
  add_affine(all, "affine-soft-clip", {.gain = Gain::soft_clip});
  add_affine(all, "affine-softplus", {.gain = Gain::softplus, .least = real(0.001)});
  add_affine(all, "affine-exp-shift-first", {.gain = Gain::exp, .shift_first = true});
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

constexpr double degrees = 2.5;

void add_tails(std::vector<Operation>& all) {
  all.push_back({"laplace", [](const Kernels& k, Mat z, Mat, double* l) { k.laplace(z, l); },
                 [](Row& z, Row&, double& l) {
                   for (double v : z) l -= std::abs(v) + std::log(2.0);
                 }});
  all.push_back(
      {"laplace/backward",
       [](const Kernels& k, Mat z, Mat h, double* l) { k.laplace_backward(z, h.columns(0, d), l); },
       [](Row& z, Row& h, double& l) {
         for (std::size_t j = 0; j < d; ++j) h[j] = z[j] > 0 ? -l : l;
       }});
  all.push_back({"box", [](const Kernels& k, Mat z, Mat, double* l) { k.box(z, high, l); },
                 [](Row& z, Row&, double& l) {
                   for (double v : z)
                     l -= std::abs(v) > high ? std::numeric_limits<double>::infinity()
                                             : std::log(2.0 * high);
                 }});
  all.push_back({"student-t",
                 [](const Kernels& k, Mat z, Mat, double* l) { k.student_t(z, degrees, l); },
                 [](Row& z, Row&, double& l) {
                   for (double v : z) l -= (degrees + 1) / 2 * std::log(1 + v * v / degrees);
                 }});
  all.push_back({"student-t/backward",
                 [](const Kernels& k, Mat z, Mat h, double* l) {
                   k.student_t_backward(z, degrees, h.columns(0, d), l);
                 },
                 [](Row& z, Row& h, double& l) {
                   for (std::size_t j = 0; j < d; ++j)
                     h[j] = -l * (degrees + 1) * z[j] / (degrees + z[j] * z[j]);
                 }});
  // Two components: `shifts` with precisions `steep`, and none of either.
  static constexpr real means[2 * d] = {real(0.5), -1, 0, 3, real(-0.125)};
  static constexpr real steep[2 * d] = {1, 2, real(0.5), 1, 3, 1, 1, 1, 1, 1};
  static constexpr double weights[2] = {-1, -3};
  all.push_back({"mixture",
                 [](const Kernels& k, Mat z, Mat h, double* l) {
                   k.mixture({2, weights, means, steep}, z, h.columns(0, 2), l);
                 },
                 [](Row& z, Row& h, double& l) {
                   double p[2] = {};
                   for (std::size_t k = 0; k < 2; ++k) {
                     double squares = 0;
                     for (std::size_t j = 0; j < d; ++j)
                       squares +=
                           square((z[j] - double(means[k * d + j])) * double(steep[k * d + j]));
                     p[k] = std::exp(weights[k] - squares / 2);
                   }
                   h[0] = p[0] / (p[0] + p[1]), h[1] = p[1] / (p[0] + p[1]);
                   l += std::log(p[0] + p[1]);
                 },
                 60});
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

}  // namespace

std::vector<Operation> operations() {
  std::vector<Operation> all;
  add_plain(all), add_maps(all), add_ranges(all), add_bases(all), add_tails(all);
  return all;
}

}  // namespace flow::test
