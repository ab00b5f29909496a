#include "flow/condition.h"

#include <algorithm>
#include <cmath>

namespace flow {

namespace {

constexpr real step = 256 * std::numeric_limits<real>::epsilon();

// Multiplies by 1 +- step, at random, the numbers that are not as they were before.
void disturb(std::span<real> rows, std::span<const real> before, std::size_t width,
             const Random& random) {
  std::vector<std::uint32_t> bits(width);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (i % width == 0) random.words(i / width, 0, bits);
    if (rows[i] != before[i]) rows[i] *= (bits[i % width] & 1) != 0 ? 1 + step : 1 - step;
  }
}

}  // namespace

double condition(Evaluator& evaluator, const Flow& flow, std::span<const real> rows,
                 const RoundTrip& trip, std::uint32_t probes) {
  const std::size_t width = flow.width(), depth = flow.depth(), n = rows.size() / width;
  const std::vector<real> x(rows.begin(), rows.end());
  std::vector<real> latents = x;
  evaluator.encode(latents.data(), n, {}, depth);
  std::vector<real> back = latents;
  evaluator.decode(back.data(), n, {}, depth);
  std::vector<double> squares(x.size());
  for (std::uint32_t probe = 0; probe < probes; ++probe) {
    std::vector<real> moved = latents, before = x;
    for (std::size_t k = depth;; --k) {
      const auto sub = static_cast<std::uint32_t>(probe * (depth + 1) + k);
      disturb(moved, before, width, Random(0, Stream::test, sub));
      if (k == 0) break;
      before = moved;
      evaluator.decode(moved.data(), n, {}, k, k - 1);
    }
    for (std::size_t i = 0; i < x.size(); ++i)
      squares[i] += std::pow(trip.error(back[i], moved[i], i % width) / step, 2) / probes;
  }
  return std::sqrt(*std::max_element(squares.begin(), squares.end()));
}

}  // namespace flow
