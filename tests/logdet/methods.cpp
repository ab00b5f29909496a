// Every method against its reference, and the run that judges them.
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>

#include "core/error.h"
#include "logdet/bench.h"
#include "logdet/lapack.h"
#include "logdet/matrix.h"
#include "logdet/sizes.h"
#include "support/dense_jacobian.h"

using namespace flow;

namespace {

Size small_size(std::size_t n) {
  Size s;
  s.n = n, s.rows = 5, s.hidden = 8, s.rank = 3;
  return s;
}

// Not a method: its log-det is a given number, its reference another.
struct Fixed final : Trial {
  double value, expected;
  Fixed(double v, double e) : value(v), expected(e) {}
  double run() override { return value; }
  double reference() override { return expected; }
};

template <int which>
std::unique_ptr<Trial> make_fixed(const Size&) {
  const double inf = std::numeric_limits<double>::infinity(), nan = NAN;
  const double pairs[][2] = {{1, 1}, {1, 1.1}, {-inf, -inf}, {-inf, 1}, {nan, 1}, {1, -inf}};
  return std::make_unique<Fixed>(pairs[which][0], pairs[which][1]);
}

template <int which>
Measurement measure_fixed() {
  const Method m{"fixed",
                 "1",
                 "",
                 {0, 0},
                 {true, false, {1, 9}, {1, 9}},
                 [](const Size&) { return 0.0; },
                 make_fixed<which>};
  return measure(m, small_size(2), 1, true);
}

// Takes a time in proportion to N, but eight times as long at N = 1024 when it is first asked.
struct Disturbed final : Trial {
  static inline bool quiet = false;
  std::size_t work;
  explicit Disturbed(std::size_t n) : work(400 * n) {
    if (n == 1024 && !quiet) work *= 8, quiet = true;
  }
  double run() override {
    for (volatile std::size_t i = 0; i < work;) i = i + 1;
    return 0;
  }
  double reference() override { return 0; }
};

double det_of(std::vector<real> a, std::size_t n) {
  return log_det_in_double<real>(CMat{a.data(), n, n, n});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(methods_suite)

BOOST_AUTO_TEST_CASE(each_method_agrees_with_its_reference_at_each_size) {
  load_lapack("");
  for (const Method& m : methods())
    for (const std::size_t n : {1, 2, 3, 7, 11, 16, 33, 64, 130}) {
      if (n < m.scope.sizes.least || n > std::min<std::size_t>(m.scope.sizes.most, 130)) continue;
      if (n == 11 && m.scope.sizes.most == 11) continue;  // a second of N!
      const std::unique_ptr<Trial> trial = m.make(small_size(n));
      if (!trial) continue;  // no LAPACK here
      const Measurement got = measure(m, small_size(n), 1, true);
      BOOST_TEST((got.verdict == Verdict::good),
                 m.name << " at " << n << ": " << got.value << " for " << got.reference);
      BOOST_TEST(got.timing.median > 0);
      BOOST_TEST(got.bytes > 0);
      BOOST_TEST(std::isfinite(got.reference));
    }
}

BOOST_AUTO_TEST_CASE(a_run_gives_the_same_number_again) {
  for (const Method& m : methods()) {
    const std::unique_ptr<Trial> trial = m.make(small_size(9));
    if (!trial) continue;
    trial->restore();
    const double first = trial->run();
    trial->restore();
    BOOST_TEST(trial->run() == first, m.name);
  }
}

BOOST_AUTO_TEST_CASE(given_matrices_have_the_textbooks_log_det) {
  for (const std::size_t n : {1, 2, 5, 10}) {
    const Square<real> a = random_square(n);
    std::vector<double> rows(n * n);
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < n; ++j) rows[i * n + j] = static_cast<double>(a.view()(i, j));
    const double want = test::log_abs_det(rows, n);
    BOOST_TEST(std::abs(log_det_in_double<real>(a.view()) - want) <= 1e-12);
    for (const char* name : {"lu", "qr", "cofactor", "conv-slogdet"}) {
      const std::unique_ptr<Trial> trial = find_method(name)->make(small_size(n));
      trial->restore();
      BOOST_TEST(std::abs(trial->run() - want) <= rounding_bound(n), name);
      BOOST_TEST(std::abs(trial->reference() - want) <= 1e-12, name);
    }
  }
}

BOOST_AUTO_TEST_CASE(qr_takes_a_singular_matrix) {
  std::vector<double> a{1, 2, 3, 0, 0, 0, 4, 5, 7};  // the second column is zero
  BOOST_TEST(log_det_by_qr(View<double>{a.data(), 3, 3, 3}) == -INFINITY);
  BOOST_TEST(det_of({1, 2, 2, 4}, 2) == -INFINITY);
}

BOOST_AUTO_TEST_CASE(an_estimators_noise_falls_with_the_probes) {
  for (const char* name : {"trace", "series"}) {
    const Size size = small_size(64);
    const auto one = find_method(name)->make(size);
    const auto many = find_method(name + std::string("-16"))->make(size);
    const double ratio = one->spread().deviation / many->spread().deviation;
    BOOST_TEST((ratio > 2.8 && ratio < 5.6), name << ": " << ratio);  // 4, of 128 estimates
    BOOST_TEST(one->log_dets() == 16 * many->log_dets());
  }
}

BOOST_AUTO_TEST_CASE(verdicts) {
  BOOST_TEST((measure_fixed<0>().verdict == Verdict::good));
  BOOST_TEST((measure_fixed<1>().verdict == Verdict::off));
  const Measurement singular = measure_fixed<2>();
  BOOST_TEST((singular.verdict == Verdict::good));
  BOOST_TEST(singular.note == "singular");
  BOOST_TEST(singular.error == 0);
  BOOST_TEST((measure_fixed<3>().verdict == Verdict::off));
  BOOST_TEST((measure_fixed<4>().verdict == Verdict::off));
  BOOST_TEST((measure_fixed<5>().verdict == Verdict::off));
}

BOOST_AUTO_TEST_CASE(too_large_for_memory_says_how_large) {
  Size size;
  size.n = 1u << 20;
  BOOST_CHECK_EXCEPTION(measure(*find_method("lu"), size, 1, false), Error, [](const Error& e) {
    return e.code() == Exit::failed &&
           std::string(e.what()).find(" TB of memory") != std::string::npos;
  });
}

BOOST_AUTO_TEST_CASE(a_budget_leaves_out_the_largest_and_says_so) {
  BenchPlan plan;
  plan.methods = {find_method("sum"), find_method("cofactor")};
  plan.sizes = {6, 10, 11};
  plan.samples = 1, plan.budget = 0.3, plan.start = now();
  std::vector<std::string> notes;
  std::vector<std::size_t> sizes;
  run_bench(
      plan, [&](const Measurement& m) { sizes.push_back(m.size.n); },
      [&](const std::string& text) { notes.push_back(text); });
  BOOST_TEST(sizes.size() >= 4u);
  BOOST_TEST(sizes.size() < 6u);
  BOOST_REQUIRE(notes.size() == 1u);
  BOOST_TEST(notes[0].find("cofactor at N = 1") == 0u);
}

BOOST_AUTO_TEST_CASE(what_a_busy_machine_disturbed_is_timed_again) {
  const Method m{
      "disturbed",
      "N",
      "",
      {0.8, 1.2},
      {true, false, {1, 4096}, {1, 4096}},
      [](const Size&) { return 0.0; },
      [](const Size& s) -> std::unique_ptr<Trial> { return std::make_unique<Disturbed>(s.n); }};
  BenchPlan plan;
  plan.methods = {&m}, plan.sizes = {512, 1024, 2048}, plan.samples = 3, plan.start = now();
  const auto fits = fit_all(run_bench(
      plan, [](const Measurement&) {}, [](const std::string&) {}));
  BOOST_REQUIRE(fits.size() == 1u);
  BOOST_TEST(Disturbed::quiet);
  BOOST_TEST(fits[0].fit.residual < 0.8);  // 1.7 of the first look
}

BOOST_AUTO_TEST_SUITE_END()
