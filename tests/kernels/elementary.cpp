// exp, ln, ln(1 + e^-|x|), tanh and silu of every instruction set over all that a number can be,
// in units of the last place (ulp) of the result.
#include <bit>
#include <boost/test/unit_test.hpp>
#include <type_traits>

#include "kernels/guarded.h"

namespace flow::test {

namespace {

constexpr bool single = sizeof(real) == 4;
using wide = std::conditional_t<single, double, long double>;
using bits = std::conditional_t<single, std::uint32_t, std::uint64_t>;
using limits = std::numeric_limits<real>;

struct Function {
  const char* name;
  void (*run)(const Kernels&, std::size_t, real*);
  wide (*reference)(wide);
  double ulps;
  double floor = 0;        // an absolute error allowed beside it, in least normal numbers
  bool subnormals = true;  // whether a subnormal x is told from 0
};

template <void (*Kernels::*f)(std::size_t, real*)>
void in_place(const Kernels& k, std::size_t n, real* x) {
  (k.*f)(n, x);
}
template <void (*Kernels::*f)(CMat, Mat)>
void as_column(const Kernels& k, std::size_t n, real* x) {
  const Mat m{x, n, 1, n};
  (k.*f)(m, m);
}

// Bounds as measured, rounded up. Below -87 silu's sigmoid is 0 before the product is.
const Function functions[] = {
    {"exp", in_place<&Kernels::exp>, [](wide x) { return std::exp(x); }, 1},
    {"ln", in_place<&Kernels::ln>, [](wide x) { return std::log(x); }, 0.9, 0, !single},
    {"log1p_exp_minus_abs", in_place<&Kernels::log1p_exp_minus_abs>,
     [](wide x) { return std::log1p(std::exp(-std::abs(x))); }, 1.75},
    {"tanh", as_column<&Kernels::tanh>, [](wide x) { return std::tanh(x); }, 2},
    {"silu", as_column<&Kernels::silu>, [](wide x) { return x / (1 + std::exp(-x)); }, 3, 90},
};

// Every kind of number: bit patterns in even steps over all of them, and dense ones around the
// places where a function changes its formula.
std::vector<real> arguments() {
  std::vector<real> x{0,
                      real(-0.0),
                      1,
                      -1,
                      limits::min(),
                      -limits::min(),
                      limits::denorm_min(),
                      limits::max(),
                      limits::lowest(),
                      limits::infinity(),
                      -limits::infinity(),
                      limits::quiet_NaN()};
  const std::size_t count = single ? 524288 : 65536;
  const bits step = static_cast<bits>(~bits{0} / count) | 1;
  for (std::size_t k = 0; k < count; ++k)
    x.push_back(std::bit_cast<real>(static_cast<bits>(step * k)));
  const double places[] = {0, 0.5, 0.625, 0.70710678, 1, 1.41421356, 2, 44, 87.336544, 88.722839};
  for (double place : places)
    for (int k = -2000; k < 2000; ++k)
      for (int sign : {-1, 1})
        x.push_back(static_cast<real>(sign * (place + k * 3e-7 * std::max(1.0, place))));
  for (int k = -100000; k < 100000; ++k) x.push_back(static_cast<real>(k * 1.003e-3));
  while (x.size() % lanes) x.push_back(1);
  return x;
}

double ulps_between(real got, wide want, double floor) {
  const wide g = got, least = limits::min();
  const real rounded = static_cast<real>(want);
  if (!std::isfinite(rounded) || !std::isfinite(got)) {
    const bool same = got == rounded || (std::isnan(got) && std::isnan(rounded));
    return same ? 0 : std::numeric_limits<double>::infinity();
  }
  const wide size = std::max(std::abs(want), least);
  const wide place = std::ldexp(wide{1}, std::ilogb(size) - limits::digits + 1);
  // A result below the least normal number may be 0.
  const wide slack = floor * least + (std::abs(want) < least ? least : 0);
  return static_cast<double>(std::max(wide{0}, std::abs(g - want) - slack) / place);
}

bool is_subnormal(real x) { return x != 0 && std::abs(x) < limits::min(); }

BOOST_AUTO_TEST_SUITE(elementary)

BOOST_AUTO_TEST_CASE(functions_are_within_their_ulps) {
  const std::vector<real> x = arguments();
  for (const Kernels* k : tables())
    for (const Function& f : functions) {
      const Guarded<real> memory(x.size());
      std::copy(x.begin(), x.end(), memory.data());
      f.run(*k, x.size(), memory.data());
      double worst = 0;
      real at = 0;
      for (std::size_t i = 0; i < x.size(); ++i) {
        const bool as_zero = !f.subnormals && is_subnormal(x[i]);
        const wide want = f.reference(as_zero && x[i] > 0 ? 0 : x[i]);
        const double e = ulps_between(memory.data()[i], want, f.floor);
        if (e > worst) worst = e, at = x[i];
      }
      BOOST_TEST_MESSAGE(k->isa << " " << f.name << ": " << worst << " ulp at " << at);
      BOOST_TEST(worst <= f.ulps,
                 k->isa << " " << f.name << " at " << at << ": " << worst << " ulp");
    }
}

// One chip's fused multiply-adds are another's two roundings; no more than that may differ.
BOOST_AUTO_TEST_CASE(instruction_sets_agree) {
  const std::vector<real> x = arguments();
  for (const Function& f : functions) {
    std::vector<std::vector<real>> results;
    for (const Kernels* k : tables()) {
      results.push_back(x);
      f.run(*k, x.size(), results.back().data());
    }
    for (const auto& other : results) {
      double worst = 0;
      for (std::size_t i = 0; i < x.size(); ++i)
        worst = std::max(worst, ulps_between(other[i], results[0][i], 0));
      BOOST_TEST(worst <= 2 * f.ulps, f.name << ": " << worst << " ulp apart");
    }
  }
}

BOOST_AUTO_TEST_CASE(tanh_stays_in_its_range) {
  const std::vector<real> x = arguments();
  for (const Kernels* k : tables()) {
    std::vector<real> t = x;
    as_column<&Kernels::tanh>(*k, t.size(), t.data());
    BOOST_TEST(std::none_of(t.begin(), t.end(), [](real v) { return std::abs(v) > 1; }));
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace

}  // namespace flow::test
