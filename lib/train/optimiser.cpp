#include "train/optimiser.h"

#include <cmath>

#include "core/parallel.h"
#include "kernels/kernels.h"

namespace flow {

namespace {
// Five arrays of this many numbers fit a second-level cache.
constexpr std::size_t piece_size = 16384;
}  // namespace

Optimiser::Optimiser(const OptimiserSpec& spec, double average, const ParamTable& table)
    : spec_(spec), average_(average) {
  for (const auto& e : table.entries())
    for (std::size_t done = 0; done < e.param.size(); done += piece_size)
      pieces_.push_back({e.param.offset + done, std::min(piece_size, e.param.size() - done),
                         e.role != Role::buffer, e.role == Role::weight});
  squares_.resize(pieces_.size());
}

Weights Optimiser::start(std::vector<real> theta) const {
  const std::size_t size = theta.size();
  Weights w{std::move(theta), {}, std::vector<real>(size), std::vector<real>(size)};
  if (average_ > 0) w.average = w.theta;
  return w;
}

double Optimiser::step(double rate, Weights& weights, Vec gradient, std::size_t threads) {
  const Kernels& k = kernels();
  for_each_block(pieces_.size(), threads, [&](std::size_t i, std::size_t) {
    squares_[i] = k.square_sum(pieces_[i].size, gradient.data() + pieces_[i].offset);
  });
  double norm = 0;
  for (double s : squares_) norm += s;
  norm = std::sqrt(norm);
  if (!std::isfinite(norm)) {
    std::fill(gradient.begin(), gradient.end(), real(0));
    return norm;
  }

  const auto t = static_cast<double>(++weights.steps);
  Step s{rate,
         spec_.beta1,
         spec_.beta2,
         spec_.epsilon,
         0,
         1 - std::pow(spec_.beta1, t),
         1 - std::pow(spec_.beta2, t),
         spec_.clip > 0 && norm > spec_.clip ? spec_.clip / norm : 1};
  const auto kernel = spec_.kind == OptimiserSpec::Kind::adamax    ? k.adamax
                      : spec_.kind == OptimiserSpec::Kind::rmsprop ? k.rmsprop
                                                                   : k.adam;
  // The average of few steps is that of those steps (1 + t) / (10 + t), not of where they began.
  const double keep = std::min(average_, (1 + t) / (10 + t));
  for_each_block(pieces_.size(), threads, [&](std::size_t i, std::size_t) {
    const Piece& p = pieces_[i];
    Step own = s;
    own.decay = p.decays ? spec_.decay : 0;
    real* at = weights.theta.data() + p.offset;
    if (!p.trained) return;
    kernel(own, p.size, at, gradient.data() + p.offset, weights.first.data() + p.offset,
           weights.second.data() + p.offset);
    if (average_ > 0) k.average(keep, p.size, at, weights.average.data() + p.offset);
  });
  return norm;
}

}  // namespace flow
