// One step of an optimiser over all parameters: clipping, moments, weights, averaged weights and
// the clearing of the gradient in one pass over memory.
#pragma once
#include <vector>

#include "core/aligned.h"
#include "train/spec.h"

namespace flow {

class Optimiser {
 public:
  Optimiser(const OptimiserSpec& spec, double average, const ParamTable& table);

  // theta changes, gradient becomes 0. Returns the gradient's norm before clipping; where that is
  // not finite nothing changes but the gradient. average may be empty.
  double step(double rate, Vec theta, Vec gradient, Vec average, std::size_t threads);

  // Moments and the number of steps taken: what a checkpoint holds.
  struct State {
    std::vector<real> first, second;
    std::size_t steps = 0;
  };
  const State& state() const { return state_; }
  void restore(const State& state) { state_ = state; }

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
  State state_;
};

}  // namespace flow
