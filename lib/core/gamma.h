// The logarithm of the gamma function and its derivative, for x > 0: the recurrence up to 10, then
// Stirling's series (Abramowitz, Stegun, 6.1.40 and 6.3.18). About 1e-14 of max(1, |result|).
// (C's lgamma writes a global variable, and C has no digamma.)
#pragma once

namespace flow {

double log_gamma(double x);
double digamma(double x);

}  // namespace flow
