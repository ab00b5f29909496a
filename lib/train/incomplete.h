// A Gaussian of rows in which cells are missing (NaN), by expectation and maximisation.
#pragma once
#include "train/gaussian.h"

namespace flow {

// The mean and the covariance of most likelihood of the cells that are there. Nothing where they
// cannot be had: a column without cells, or more patterns of gaps than can be worked through in
// about a second.
std::optional<GaussianMoments> incomplete_moments(Rows x, std::span<const double> weight);

// out[i] = the log-density of the cells of row i that are there. False: the covariance has no
// factor.
bool incomplete_log_density(const GaussianMoments& gaussian, Rows x, std::span<double> out);

}  // namespace flow
