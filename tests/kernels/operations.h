// Every kernel that works row by row, in one table beside its equation for one row in double.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "kernels/kernels.h"

namespace flow::test {

inline constexpr std::size_t d = 5;  // columns of x; h has two for each
inline constexpr real low = -2, high = 3, alpha = real(0.0625), bound = real(1.5);
inline constexpr real learned[d] = {1, real(-0.5), real(0.25), 2, real(0.75)};
inline constexpr real shifts[d] = {real(0.5), -1, 0, 3, real(-0.125)};

using Row = std::vector<double>;

struct Operation {
  std::string name;
  // x and h become what they become; l[i] is a number of row i.
  std::function<void(const Kernels&, Mat x, Mat h, double* l)> run;
  std::function<void(Row& x, Row& h, double& l)> row;
  double bound = 4;  // in units of epsilon max(1, |result|)
};

std::vector<Operation> operations();

}  // namespace flow::test
