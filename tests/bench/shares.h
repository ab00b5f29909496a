// Where the time of a training step goes. All arithmetic of a flow is called through one table, the
// kernels, so the parts are told apart there, and no layer knows of it: a second table has the same
// functions, each between two readings of the clock.
#pragma once
#include <array>
#include <cstddef>

namespace flow {

enum class Part {
  gemm,       // products, convolutions, their weight gradients; packing of weights
  maps,       // couplings' maps, activations, biases' gradients: whatever is elementwise
  log_det,    // the base density and its gradient (a map sums its log-dets in its own pass)
  optimiser,  // the sum over shards, the norm, the step
};
constexpr std::size_t parts = 4;
using Seconds = std::array<double, parts>;

// From here on kernels() are those that keep time, or the plain ones. For flows built thereafter.
void time_kernels(bool on);

// Seconds inside each part since the last call, summed over threads.
Seconds take_seconds();

}  // namespace flow
