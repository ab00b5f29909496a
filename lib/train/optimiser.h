// One step of an optimiser over all parameters: clipping, moments, weights, averaged weights and
// the clearing of the gradient in one pass over memory.
#pragma once
#include <vector>

#include "core/aligned.h"
#include "train/spec.h"

namespace flow {

// Parameters and what the optimiser keeps for each of them.
struct Weights {
  std::vector<real> theta, average;  // average: of theta over steps; empty where not wanted
  std::vector<real> first, second;   // moments of the gradient
  std::size_t steps = 0;             // taken
};

class Optimiser {
 public:
  Optimiser(const OptimiserSpec& spec, double average, const ParamTable& table);

  // The weights before the first step.
  Weights start(std::vector<real> theta) const;

  // weights change, gradient becomes 0. Returns the gradient's norm before clipping; where that is
  // not finite nothing changes but the gradient.
  double step(double rate, Weights& weights, Vec gradient, std::size_t threads);

 private:
  // Neighbouring parameters of one role, cut into pieces that stay in the cache.
  struct Piece {
    std::size_t offset, size;
    bool trained, decays;
  };
  OptimiserSpec spec_;
  double average_;
  std::vector<Piece> pieces_;
  std::vector<double> squares_;  // of each piece of the gradient
};

}  // namespace flow
