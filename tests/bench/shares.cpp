#include "shares.h"

#include <atomic>
#include <chrono>
#include <type_traits>

#include "kernels/kernels.h"

namespace flow {
namespace {

using Clock = std::chrono::steady_clock;

// On cache lines of their own, since all threads add to them.
struct alignas(64) Total {
  std::atomic<Clock::rep> ticks = 0;
};
Total totals[parts];

const Kernels& plain() {
  static const Kernels& best = best_kernels();
  return best;
}

// What stands at a path of members.
template <auto first, auto... rest>
auto& at(auto& k) {
  if constexpr (sizeof...(rest) > 0)
    return at<rest...>(k.*first);
  else
    return k.*first;
}

// The table's function there, between two readings of the clock.
template <Part part, class F, auto... path>
struct Timed;
template <Part part, class R, class... A, auto... path>
struct Timed<part, R (*)(A...), path...> {
  static R call(A... a) {
    const struct Reading {
      Clock::time_point start = Clock::now();
      ~Reading() {
        totals[static_cast<std::size_t>(part)].ticks.fetch_add((Clock::now() - start).count(),
                                                               std::memory_order_relaxed);
      }
    } reading;
    return at<path...>(plain())(a...);
  }
};

template <Part part, auto... path>
void time_one(Kernels& k) {
  auto& function = at<path...>(k);
  function = Timed<part, std::decay_t<decltype(function)>, path...>::call;
}

template <Part part, auto... members>
void time_members(Kernels& k) {
  (time_one<part, members>(k), ...);
}

template <auto... maps>
void time_maps(Kernels& k) {
  (time_one<Part::maps, maps, &Map::forward>(k), ...);
  (time_one<Part::maps, maps, &Map::inverse>(k), ...);
  (time_one<Part::maps, maps, &Map::backward>(k), ...);
}

Kernels timed_kernels() {
  using K = Kernels;
  K k = plain();
  time_members<Part::gemm, &K::pack, &K::product, &K::row_product, &K::weight_gradient, &K::combine,
               &K::convolve, &K::convolve_row, &K::convolve_gradient, &K::solve_upper,
               &K::multiply_lu, &K::solve_lu>(k);
  time_members<Part::maps, &K::sum, &K::dot, &K::scale_shift, &K::standardise, &K::axpy,
               &K::multiply, &K::relu, &K::relu_backward, &K::tanh, &K::tanh_backward, &K::silu,
               &K::silu_backward, &K::logit, &K::logit_inverse, &K::logit_backward, &K::log,
               &K::log_inverse, &K::log_backward>(k);
  time_maps<&K::additive, &K::affine, &K::spline, &K::logistics, &K::gaussians>(k);
  time_members<Part::log_det, &K::normal, &K::normal_backward, &K::logistic, &K::logistic_backward,
               &K::laplace, &K::laplace_backward, &K::box, &K::student_t, &K::student_t_backward,
               &K::mixture, &K::mixture_backward>(k);
  time_members<Part::optimiser, &K::adam, &K::adamax, &K::rmsprop, &K::move_to, &K::average,
               &K::square_sum>(k);
  return k;
}

bool timing = false;

}  // namespace

// Linked in front of the library's (kernels/in_use.cpp).
const Kernels& kernels() {
  static const Kernels timed = timed_kernels();
  return timing ? timed : plain();
}

void time_kernels(bool on) { timing = on; }

Seconds take_seconds() {
  Seconds s;
  for (std::size_t p = 0; p < parts; ++p)
    s[p] = std::chrono::duration<double>(Clock::duration(totals[p].ticks.exchange(0))).count();
  return s;
}

}  // namespace flow
