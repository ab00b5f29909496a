// The usual densities in two dimensions, each with an exact log-density, so that a trained model
// can be held against the truth: its best mean log-density is -entropy.
#pragma once
#include <cstdint>
#include <span>
#include <string_view>

#include "core/random.h"

namespace flow {

struct Toy {
  const char* name;
  void (*sample)(const Random& random, std::uint64_t row, double xy[2]);
  double (*log_density)(const double xy[2]);  // nats; -inf outside of the support
  // Nats. The trapezoid rule on [-5, 5]^2 in steps of 1/200; the test repeats it coarsely; the
  // checkerboard's is log 8.
  double entropy;
};

// moons, gaussians, checkerboard, pinwheel, spirals, rings. Standard deviations are about 1.
std::span<const Toy> toys();

// Error(Exit::usage), with the list.
const Toy& find_toy(std::string_view name);

}  // namespace flow
