// How much a flow enlarges relative errors on the way to latents and back: with J the Jacobian of a
// row whose columns are measured in deviations of the data, |J|_F |J^-1|_F / D, which is 1 for a
// rotation and at most the condition number of J (Demmel, The probability that a numerical analysis
// problem is difficult, 1988, has this norm). So a float32 round trip is right to about 16 eps
// times this, eps = 6e-8.
//
// Estimated without a matrix: |A|_F^2 / D is the mean of |A u|^2 / |u|^2 over random directions u,
// and J u and J^-1 v are differences of two encodings, or two decodings, a hundredth apart.
#pragma once
#include "flow/evaluate.h"

namespace flow {

// The largest of the first 256 of these rows (count x width, row by row); infinite where one does
// not come back finite. periods: of the columns, 0 where there is none, or empty.
double condition(Evaluator& evaluator, const Flow& flow, std::span<const real> rows,
                 std::span<const double> periods = {});

}  // namespace flow
