// How many times the rounding of a number becomes larger on the way from a row to its latent and
// back.
//
// With h_0 = x, h_k = f_k(h_k-1) the row behind layer k, and M_k = (d h_k / d x)^-1, numbers that
// are rounded by e_k in h_k, going there or coming back, move what comes back by M_k e_k to first
// order. Rounding is relative, e_kj = eps |h_kj| xi_kj, and of either sign, so that the errors of
// all layers add as their squares do:
//   |x' - x|_i  ~  eps c_i max(1, |x_i|),   c_i^2 max(1, |x_i|)^2 = sum_kj (M_k_ij h_kj)^2,
// and the condition is the largest c_i of the rows. It is a sum over layers, not the largest of
// them: a deep flow of rotations, each exact to eps, does lose sqrt(K) eps.
//
// Estimated as in Monte Carlo arithmetic (Parker, Pierce, Eggert: Monte Carlo arithmetic, 2000):
// latents are decoded once as they are, and again with each number that a layer gives multiplied
// by 1 + t xi, xi = +-1 at random, t = 2^8 eps: large beside what is rounded anyway, small beside
// the curvature of layers. The mean of ((x' - x)_i / t)^2 has the expectation above, without a
// matrix. What a layer only hands on is not rounded, and not moved. Sums inside a layer, which
// lose more than eps of their result where they cancel, are what the factor 16 of the promise is
// for: a round trip is right to 16 eps times the condition, eps = 2^-23 in float32.
#pragma once
#include <limits>

#include "flow/evaluate.h"
#include "flow/round_trip.h"

namespace flow {

constexpr double round_trip_per_condition =
    16 * static_cast<double>(std::numeric_limits<real>::epsilon());

// The largest of these rows (count x width, row by row); infinite where one does not come back
// finite. trip: how far numbers of each column are apart. probes: how many directions xi, of which
// so few will do since the largest of many numbers is wanted.
double condition(Evaluator& evaluator, const Flow& flow, std::span<const real> rows,
                 const RoundTrip& trip = {}, std::uint32_t probes = 4);

}  // namespace flow
