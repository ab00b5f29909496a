// Every layer of cases.cpp where numbers are extreme: parameters of +-1000, and x at 0, at the
// knots and ends of splines, at denormal, huge and infinite numbers. A log-det is finite or -Inf,
// never NaN, and a finite row has a z that is no NaN. And usual rows come back as exactly as the
// condition of the layer allows. In whatever type the library is built with: float is the hard one.
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>
#include <vector>

#include "core/aligned.h"
#include "laws/cases.h"
#include "support/dense_jacobian.h"

namespace flow::test {

namespace {

constexpr std::size_t n = 4 * lanes;
constexpr real infinite = std::numeric_limits<real>::infinity();
constexpr double epsilon = std::numeric_limits<real>::epsilon();
constexpr real tiny = std::numeric_limits<real>::denorm_min();
const real special[] = {
    0, real(-0.0), tiny,       -tiny,      real(1e-38),     1,         -1,         3,  -3,
    5, -5,         real(0.75), real(-1.5), real(2.9999998), real(1e6), real(-1e6), 50, real(-700)};

// A layer with parameters +-scale, and rows of special numbers.
struct Extreme {
  const std::size_t d;
  ParamTable table;
  std::unique_ptr<Layer> layer;
  Aligned<real> theta, grad, derived, kept, scratch, xs, cs;
  Mat x;
  std::vector<double> logdet = std::vector<double>(n);
  Random random{9, Stream::test};

  Extreme(const Case& c, double scale, bool with_infinite)
      : d(c.columns),
        layer(c.make(d, table)),
        theta(table.size()),
        grad(table.size()),
        derived(table.derived_size()),
        kept(layer->frame_size(n).kept),
        scratch(layer->frame_size(n).scratch),
        xs(n * d),
        cs(n * c.context),
        x{xs.data(), n, d, n} {
    table.start(theta, 1);
    for (const auto& e : table.entries())
      for (std::size_t k = e.param.offset; k < e.param.offset + e.param.size(); ++k)
        if (e.role != Role::buffer)
          theta.data()[k] = static_cast<real>(random.uniform(0, draws()) < 0.5 ? -scale : scale);
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < d; ++j) x(i, j) = special[random.bits(1, draws()) % 18];
    for (std::size_t k = 0; k < cs.size(); ++k)
      cs.data()[k] = special[random.bits(2, draws()) % 18];
    for (std::size_t i = 0; with_infinite && i < n; i += 3)
      x(i, i % d) = i % 2 ? infinite : -infinite;
    std::fill_n(grad.data(), table.size(), real(0));
    layer->prepare(theta.data(), derived.data(), true);
  }
  std::uint32_t draws() { return count++; }
  std::uint32_t count = 0;
  Frame frame() const {
    return Frame(n, theta.data(), derived.data(), grad.data(), kept, scratch)
        .with_context({cs.data(), n, cs.size() / n, n});
  }
};

void check(const Case& c, double scale, bool with_infinite) {
  Extreme t(c, scale, with_infinite);
  const std::size_t d = t.d;
  const std::vector<real> before(t.xs.data(), t.xs.data() + n * d);
  t.layer->forward(t.x, t.logdet, t.frame());
  std::size_t nan_logdets = 0, rising = 0, nan_z = 0;
  for (std::size_t i = 0; i < n; ++i) {
    bool finite = true;
    for (std::size_t j = 0; j < d; ++j) finite = finite && std::isfinite(before[j * n + i]);
    if (!finite) continue;
    nan_logdets += std::isnan(t.logdet[i]), rising += t.logdet[i] == infinite;
    for (std::size_t j = 0; j < d; ++j) nan_z += std::isnan(t.x(i, j));
  }
  BOOST_TEST(nan_logdets == 0U, c.name << " at " << scale);
  BOOST_TEST(rising == 0U, c.name << " at " << scale);
  BOOST_TEST(nan_z == 0U, c.name << " at " << scale);
}

// The same with usual parameters and usual rows.
struct Usual : Extreme {
  explicit Usual(const Case& c) : Extreme(c, 0, false) {
    table.start(theta, 1);
    std::vector<double> draw(std::max({theta.size(), xs.size(), cs.size()}));
    random.normal(draws(), draw);
    for (const auto& e : table.entries())
      for (std::size_t k = e.param.offset; k < e.param.offset + e.param.size(); ++k)
        if (e.role != Role::buffer) theta.data()[k] += static_cast<real>(0.3 * draw[k]);
    random.normal(draws(), draw);
    for (std::size_t k = 0; k < xs.size(); ++k)
      xs.data()[k] = static_cast<real>(c.into_domain(draw[k]));
    random.normal(draws(), draw);
    for (std::size_t k = 0; k < cs.size(); ++k) cs.data()[k] = static_cast<real>(draw[k]);
    layer->prepare(theta.data(), derived.data(), true);
  }
  // n matrices, dz_k / dx_j of row i at [(i * d + k) * d + j].
  std::vector<double> jacobians() {
    std::vector<double> all(n * d * d);
    const std::vector<double> none(n);
    const Aligned<real> z(n * d), dz(n * d);
    const Mat zs{z.data(), n, d, n}, dzs{dz.data(), n, d, n};
    for (std::size_t k = 0; k < d; ++k) {
      copy(x, zs);
      layer->forward(zs, logdet, frame());
      fill(dzs, 0), fill(dzs.columns(k, 1), 1);
      layer->backward(zs, dzs, none, frame());
      for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < d; ++j)
          all[(i * d + k) * d + j] = static_cast<double>(dzs(i, j));
    }
    return all;
  }
};

// The worst error of a round trip, each row's in units of what the rounding of x and z, carried
// there and back, can make of it to first order: eps |J^-1| (|J| |x| + |z|).
double round_trip_per_condition(const Case& c) {
  Usual t(c);
  const std::vector<double> jacobians = t.jacobians();
  const Aligned<real> there(n * t.d), back(n * t.d);
  const Mat z{there.data(), n, t.d, n}, again{back.data(), n, t.d, n};
  copy(t.x, z);
  t.layer->forward(z, t.logdet, t.frame());
  copy(z, again);
  t.layer->inverse(again, {}, t.frame());
  const auto size = [&](CMat m, std::size_t i) {
    double sum = 0;
    for (std::size_t j = 0; j < t.d; ++j) sum += std::pow(static_cast<double>(m(i, j)), 2);
    return std::sqrt(sum);
  };
  double worst = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const auto first = jacobians.begin() + static_cast<std::ptrdiff_t>(i * t.d * t.d);
    const std::vector<double> j(first, first + static_cast<std::ptrdiff_t>(t.d * t.d));
    const double winds = c.domain == Domain::circle ? 3 : 0;  // rounds as if it were that large
    const double carried = norm(j) * size(t.x, i) + size(z, i) + winds;
    double e = 0;
    for (std::size_t k = 0; k < t.d; ++k)
      e += std::pow(static_cast<double>(again(i, k)) - static_cast<double>(t.x(i, k)), 2);
    worst = std::max(worst, std::sqrt(e) / (epsilon * norm(inverted(j, t.d)) * carried));
  }
  return worst;
}

BOOST_AUTO_TEST_SUITE(extremes)

BOOST_AUTO_TEST_CASE(a_log_det_is_never_nan) {
  // An inverse autoregressive layer divides by gains as small as they come, so its z may overflow:
  // flow/evaluate.h says what becomes of such a row; so may that of a stack of layers. Levels come
  // from data that is not here.
  const auto is = [](const Case& c, const char* variant) {
    return c.name.find(variant) != c.name.npos;
  };
  for (const Case& c : cases()) {
    const bool overflows = is(c, "/inverse") || is(c, "/multi-scale");
    if (c.training || overflows || c.domain == Domain::levels) continue;
    for (double scale : {0.0, 1.0, 30.0, 1000.0}) check(c, scale, true);
  }
}

BOOST_AUTO_TEST_CASE(a_round_trip_is_as_exact_as_the_condition_allows) {
  for (const Case& c : cases()) {
    if (c.training) continue;
    const double worst = round_trip_per_condition(c);
    BOOST_TEST_MESSAGE(c.name << ": " << worst);
    BOOST_TEST(worst <= 4, c.name << ": " << worst);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace

}  // namespace flow::test
