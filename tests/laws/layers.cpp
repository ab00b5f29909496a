// The laws that every layer obeys, in double. Blocks have ld > rows, and memory starts as NaN: a
// layer must not read what it has not written, nor write beyond what frame_size says.
//   run one layer: test-laws -t 'laws/affine-coupling*'
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>
#include <vector>

#include "core/aligned.h"
#include "laws/cases.h"
#include "support/allocations.h"
#include "support/dense_jacobian.h"

namespace flow::test {

namespace {

static_assert(sizeof(real) == 8, "the laws hold to these bounds in double");

constexpr double poison = std::numeric_limits<double>::quiet_NaN();

// A layer with random parameters and random rows.
struct Fixture {
  static constexpr std::size_t n = lanes, ld = 2 * lanes, guard = 64;
  const Case& c;
  const std::size_t d = c.columns;
  ParamTable table;
  std::unique_ptr<Layer> layer;
  Aligned<real> theta, grad, derived, kept, scratch, xs, zs, dzs, cs;
  Mat x, z, dz;
  std::vector<double> logdet, dlogdet;
  Random random{7, Stream::test};
  std::uint64_t draws = 0;

  explicit Fixture(const Case& tested)
      : c(tested),
        layer(c.make(d, table)),
        theta(table.size()),
        grad(table.size()),
        derived(table.derived_size()),
        kept(layer->frame_size(n).kept + guard),
        scratch(layer->frame_size(n).scratch + guard),
        xs(d * ld),
        zs(d * ld),
        dzs(d * ld),
        cs(c.context * ld),
        x{xs.data(), n, d, ld},
        z{zs.data(), n, d, ld},
        dz{dzs.data(), n, d, ld},
        logdet(n),
        dlogdet(n) {
    table.start(theta, 1);
    for (const auto& e : table.entries())
      if (e.name.find("order") == std::string::npos)
        draw({theta.data() + e.param.offset, e.param.size()}, 0.5,
             e.name.find("variance") != e.name.npos || e.name.find("deviation") != e.name.npos);
    draw(xs, 1, false), draw(dzs, 1, false), draw(cs, 1, false), draw(dlogdet, 1, false);
    for (real& v : std::span<real>(xs)) v = c.into_domain(v);
    std::copy_n(xs.data(), d * ld, zs.data());
    std::fill_n(grad.data(), table.size(), 0.0);
    prepare();
  }
  void draw(std::span<double> out, double scale, bool positive) {
    random.normal(draws++, out);
    for (double& v : out) v = positive ? 0.5 + std::abs(v) : scale * v;
  }
  void prepare() {
    std::fill_n(derived.data(), derived.size(), poison);
    layer->prepare(theta.data(), derived.data(), true);
  }
  Frame frame() {
    std::fill_n(kept.data(), kept.size(), poison);
    std::fill_n(scratch.data(), scratch.size(), poison);
    return same_frame();
  }
  Frame same_frame() {
    const FrameSize size = layer->frame_size(n);
    const Frame f = Frame(n, theta.data(), derived.data(), grad.data(), {kept.data(), size.kept},
                          {scratch.data(), size.scratch})
                        .with_context({cs.data(), n, c.context, ld});
    return c.training ? f.for_training(n, Keys{.seed = 3, .first_row = 40, .step = 9}) : f;
  }
  void forward(LogDet into) { layer->forward(z, into, frame()); }
  // L(x, theta) = <dz, f(x)> + <dlogdet, logdet(x)>: its gradient is what backward promises.
  double loss(CMat dz0) {
    std::copy_n(xs.data(), d * ld, zs.data());
    std::vector<double> l(n);
    prepare();
    forward(l);
    double sum = 0;
    for (std::size_t i = 0; i < n; ++i) sum += dlogdet[i] * l[i];
    for (std::size_t j = 0; j < d; ++j)
      for (std::size_t i = 0; i < n; ++i) sum += dz0(i, j) * z(i, j);
    return sum;
  }
};

double worst_difference(CMat a, CMat b) {
  double worst = 0;
  for (std::size_t j = 0; j < a.cols; ++j)
    for (std::size_t i = 0; i < a.rows; ++i) {
      const double e = std::abs(a(i, j) - b(i, j));
      worst = e <= worst ? worst : e;  // NaN wins
    }
  return worst;
}

void inverse_undoes_forward(const Case& c) {
  if (c.training) return;  // the inverse belongs to evaluation
  Fixture t(c);
  t.forward(t.logdet);
  t.layer->inverse(t.z, t.logdet, t.frame());
  BOOST_TEST(worst_difference(t.z, t.x) < 1e-10);
  for (double l : t.logdet) BOOST_TEST(std::abs(l) < 1e-10);  // added, then subtracted
}

void forward_undoes_inverse(const Case& c) {
  if (c.training) return;
  Fixture t(c);
  if (c.domain != Domain::line) t.draw(t.zs, 1, false);
  std::vector<double> start(t.zs.data(), t.zs.data() + t.d * t.ld);
  t.layer->inverse(t.z, {}, t.frame());
  t.forward(t.logdet);
  BOOST_TEST(worst_difference(t.z, CMat{start.data(), t.n, t.d, t.ld}) < 1e-10);
}

void logdet_is_that_of_the_dense_jacobian(const Case& c) {
  if (c.name == "batch-norm/training") return;  // rows are coupled
  Fixture t(c);
  t.forward(t.logdet);
  std::vector<double> jacobians(t.n * t.d * t.d);
  std::fill(t.dlogdet.begin(), t.dlogdet.end(), 0.0);
  for (std::size_t k = 0; k < t.d; ++k) {  // row k of every Jacobian: dz = e_k
    std::copy_n(t.xs.data(), t.d * t.ld, t.zs.data());
    std::vector<double> unused(t.n);
    t.forward(unused);
    fill(t.dz, 0), fill(t.dz.columns(k, 1), 1);
    t.layer->backward(t.z, t.dz, t.dlogdet, t.same_frame());
    for (std::size_t i = 0; i < t.n; ++i)
      for (std::size_t j = 0; j < t.d; ++j) jacobians[(i * t.d + k) * t.d + j] = t.dz(i, j);
  }
  for (std::size_t i = 0; i < t.n; ++i) {
    const auto first = jacobians.begin() + static_cast<std::ptrdiff_t>(i * t.d * t.d);
    const std::vector<double> one(first, first + static_cast<std::ptrdiff_t>(t.d * t.d));
    BOOST_TEST(std::abs(log_abs_det(one, t.d) - t.logdet[i]) < 1e-9);
  }
}

void logdet_and_gradients_are_added(const Case& c) {
  Fixture t(c);
  std::vector<double> from_zero(t.n), from_two(t.n, 2.0);
  t.forward(from_zero);
  std::copy_n(t.xs.data(), t.d * t.ld, t.zs.data());
  t.forward(from_two);
  for (std::size_t i = 0; i < t.n; ++i)
    BOOST_TEST(std::abs(from_two[i] - from_zero[i] - 2) < 1e-12);

  const auto gradient_from = [&](double start) {
    Fixture s(c);
    std::fill_n(s.grad.data(), s.table.size(), start);
    s.forward(s.logdet);
    s.layer->backward(s.z, s.dz, s.dlogdet, s.same_frame());
    return std::vector<double>(s.grad.data(), s.grad.data() + s.table.size());
  };
  const auto zero = gradient_from(0), three = gradient_from(3);
  for (std::size_t k = 0; k < zero.size(); ++k)
    BOOST_TEST(std::abs(three[k] - zero[k] - 3) < 1e-10);
}

void backward_is_the_gradient(const Case& c) {
  Fixture t(c);
  std::vector<double> start(t.dzs.data(), t.dzs.data() + t.d * t.ld);
  const CMat dz0{start.data(), t.n, t.d, t.ld};
  t.forward(t.logdet);
  t.layer->backward(t.z, t.dz, t.dlogdet, t.same_frame());
  BOOST_TEST(worst_difference(t.z, t.x) == 0);  // backward leaves x where z was
  // Richardson: what a bent spline adds to both quotients, h^2 L'''/6, cancels.
  const auto check = [&](double& variable, double analytic) {
    const double saved = variable;
    const auto quotient = [&](double h) {
      variable = saved + h;
      const double up = t.loss(dz0);
      variable = saved - h;
      return (up - t.loss(dz0)) / (2 * h);
    };
    const double wide = quotient(1e-5), narrow = quotient(5e-6);
    variable = saved;
    BOOST_TEST(std::abs((4 * narrow - wide) / 3 - analytic) <
               1e-7 * std::max(1.0, std::abs(analytic)));
  };
  for (std::size_t i = 0; i < t.n; i += 5)
    for (std::size_t j = 0; j < t.d; ++j) check(t.x(i, j), t.dz(i, j));
  for (const auto& e : t.table.entries())
    for (std::size_t k = 0; k < e.param.size() && e.role != Role::buffer; ++k)
      check(t.theta.data()[e.param.offset + k], t.grad.data()[e.param.offset + k]);
}

// Along a random direction of x and theta together, |L(h) - L(0) - h L'| falls as h^2: halving h
// quarters it.
void taylor_order(const Case& c) {
  Fixture t(c);
  std::vector<double> start(t.dzs.data(), t.dzs.data() + t.d * t.ld);
  const CMat dz0{start.data(), t.n, t.d, t.ld};
  t.forward(t.logdet);
  t.layer->backward(t.z, t.dz, t.dlogdet, t.same_frame());
  const std::size_t p = t.table.size();
  std::vector<double> dx(t.d * t.ld), dtheta(p), x0(t.xs.data(), t.xs.data() + t.d * t.ld);
  std::vector<double> theta0(t.theta.data(), t.theta.data() + p);
  t.draw(dx, 0.3, false), t.draw(dtheta, 0.3, false);
  double slope = 0;
  for (const auto& e : t.table.entries())
    for (std::size_t k = e.param.offset; k < e.param.offset + e.param.size(); ++k) {
      if (e.role == Role::buffer) dtheta[k] = 0;
      slope += dtheta[k] * t.grad.data()[k];
    }
  for (std::size_t j = 0; j < t.d; ++j)
    for (std::size_t i = 0; i < t.n; ++i) slope += dx[j * t.ld + i] * t.dz(i, j);
  const auto remainder = [&](double h) {
    for (std::size_t k = 0; k < p; ++k) t.theta.data()[k] = theta0[k] + h * dtheta[k];
    for (std::size_t k = 0; k < x0.size(); ++k) t.xs.data()[k] = x0[k] + h * dx[k];
    return t.loss(dz0) - h * slope;
  };
  const double at_0 = remainder(0), coarse = std::abs(remainder(4e-5) - at_0);
  const double fine =
      std::abs(remainder(2e-5) - at_0);  // small: a ReLU's kink would spoil the order
  if (coarse > 1e-12) BOOST_TEST((coarse / fine > 3.3 && coarse / fine < 4.8));  // linear layers: 0
}

void memory_is_as_declared(const Case& c) {
  Fixture t(c);
  const std::size_t before = allocations();
  t.layer->forward(t.z, t.logdet, t.frame());
  t.layer->backward(t.z, t.dz, t.dlogdet, t.same_frame());
  if (!c.training) t.layer->inverse(t.z, t.logdet, t.same_frame());
  BOOST_TEST(allocations() == before);
  const FrameSize size = t.layer->frame_size(t.n);
  const auto untouched = [](std::span<real> guard) {
    return std::all_of(guard.begin(), guard.end(), [](real v) { return std::isnan(v); });
  };
  BOOST_TEST(untouched({t.kept.data() + size.kept, t.guard}));
  BOOST_TEST(untouched({t.scratch.data() + size.scratch, t.guard}));
  // Exact: the last number of what is kept is used by forward, or nothing is kept.
  Fixture s(c);
  s.forward(s.logdet);
  const bool evaluated_only = c.training || size.kept == 0;
  BOOST_TEST((evaluated_only || !std::isnan(s.kept.data()[size.kept - 1])));
}

// Another context moves every column that has a map of its own: the half of a coupling, all of an
// autoregressive layer, the first too.
void context_is_seen(const Case& c) {
  if (c.context == 0) return;
  Fixture t(c);
  t.forward(t.logdet);
  std::vector<double> before(t.zs.data(), t.zs.data() + t.d * t.ld), logdet = t.logdet;
  for (std::size_t k = 0; k < c.context; ++k) {
    std::copy_n(t.xs.data(), t.d * t.ld, t.zs.data());
    for (std::size_t i = 0; i < t.n; ++i) t.cs.data()[k * t.ld + i] += 0.5;
    t.forward(t.logdet);
    std::size_t moved = 0;
    for (std::size_t j = 0; j < t.d; ++j) moved += t.z(0, j) != before[j * t.ld];
    const bool half = c.name.find("coupling") != c.name.npos && !c.name.ends_with("alone");
    BOOST_TEST((half ? moved >= t.d / 2 && moved < t.d : moved == t.d));
  }
}

// The same row has the same bits at every place in the block, whatever stands beside it.
void rows_are_independent(const Case& c) {
  if (c.training) return;
  Fixture t(c);
  for (std::size_t j = 0; j < t.d; ++j)
    for (std::size_t i = 1; i < t.n; i += 2) t.x(i, j) = t.x(0, j);
  for (std::size_t j = 0; j < c.context; ++j)
    for (std::size_t i = 1; i < t.n; i += 2) t.cs.data()[j * t.ld + i] = t.cs.data()[j * t.ld];
  std::copy_n(t.xs.data(), t.d * t.ld, t.zs.data());
  t.forward(t.logdet);
  for (std::size_t i = 1; i < t.n; i += 2) {
    BOOST_TEST(t.logdet[i] == t.logdet[0]);
    for (std::size_t j = 0; j < t.d; ++j) BOOST_TEST(t.z(i, j) == t.z(0, j));
  }
}

// A row alone, whose block has padding, has the bits that it has among others.
void one_row_is_as_one_of_many(const Case& c) {
  if (c.training) return;
  for (const bool inverse : {false, true}) {
    Fixture many(c), one(c);
    const auto run = [&](Fixture& t, std::size_t valid) {
      const Frame f = t.frame().with_valid(valid);
      inverse ? t.layer->inverse(t.z, t.logdet, f) : t.layer->forward(t.z, t.logdet, f);
    };
    if (inverse && c.domain != Domain::line)
      for (Fixture* t : {&many, &one}) t->draw(t->zs, 1, false);
    run(many, many.n), run(one, 1);
    BOOST_TEST(one.logdet[0] == many.logdet[0]);
    for (std::size_t j = 0; j < one.d; ++j) BOOST_TEST(one.z(0, j) == many.z(0, j));
  }
}

struct Law {
  const char* name;
  void (*check)(const Case&);
};
const Law laws[] = {
    {"inverse-undoes-forward", inverse_undoes_forward},
    {"forward-undoes-inverse", forward_undoes_inverse},
    {"logdet-is-that-of-the-dense-jacobian", logdet_is_that_of_the_dense_jacobian},
    {"logdet-and-gradients-are-added", logdet_and_gradients_are_added},
    {"backward-is-the-gradient", backward_is_the_gradient},
    {"taylor-order", taylor_order},
    {"memory-is-as-declared", memory_is_as_declared},
    {"context-is-seen", context_is_seen},
    {"rows-are-independent", rows_are_independent},
    {"one-row-is-as-one-of-many", one_row_is_as_one_of_many},
};

// laws/LAYER/LAW, so that -t picks all laws of one layer, or one law of all. Boost's own macros
// register in the same way.
bool register_all() {
  using namespace boost::unit_test;
  auto* all = BOOST_TEST_SUITE("laws");
  for (const Case& c : cases()) {
    std::string suite_name = c.name;
    std::replace(suite_name.begin(), suite_name.end(), '/', '-');
    auto* suite = BOOST_TEST_SUITE(suite_name);
    for (const Law& law : laws)
      suite->add(make_test_case([&c, law] { law.check(c); }, law.name, __FILE__, __LINE__));
    all->add(suite);
  }
  framework::master_test_suite().add(all);
  return true;
}

[[maybe_unused]] const bool registered = register_all();

}  // namespace

}  // namespace flow::test
