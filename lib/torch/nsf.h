// Modules that nflows and normflows have in common: both come from the code of Neural Spline Flows
// (Durkan, Bekasov, Murray, Papamakarios, 2019). Each is added to a draft as it maps data to noise.
#pragma once
#include "torch/draft.h"
#include "torch/masked.h"

namespace flow {

// A tensor that holds 0 .. n-1 in some order.
Columns permutation_of(const TorchModule& module, const std::string& name, std::size_t n);

// A vector of n numbers.
std::vector<double> vector_of(const TorchModule& module, const std::string& name, std::size_t n);

// Permutation, RandomPermutation, ReversePermutation.
void add_permutation(const TorchModule& permutation, Draft& draft);

// LULinear: z = L U x + b.
void add_lu(const TorchModule& linear, Draft& draft);

// PiecewiseRationalQuadraticCoupling(Transform), and the spline of the columns that it keeps.
void add_spline_coupling(const TorchModule& coupling, Draft& draft);

// The MADE of an autoregressive layer, of `params` numbers for each column.
MaskedNet made_of(const TorchModule& made, std::size_t columns, std::size_t params);

// MaskedPiecewiseRationalQuadraticAutoregressive(Transform).
void add_spline_autoregressive(const TorchModule& layer, Draft& draft);

// MaskedAffineAutoregressive(Transform); options: how the scale is made, and the direction.
void add_affine_autoregressive(const TorchModule& layer, const std::string& options, Draft& draft);

// Kept and moved columns of a coupling.
struct Halves {
  Columns kept, moved;
};
Halves halves_of(const TorchModule& coupling, const Draft& draft);

[[noreturn]] inline void refuse_mask(const TorchModule& coupling) {
  coupling.refuse("its mask does not keep half of the columns; only such are here");
}

}  // namespace flow
