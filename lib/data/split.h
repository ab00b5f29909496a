// Which rows train and which validate, where a file does not say.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

namespace flow {

struct Split {
  std::vector<std::uint64_t> train, validation;  // rows, ascending
};

// A random share of n rows validates: fraction * n to the nearest, but at least one row, and at
// least one is left to train, where n >= 2 and fraction > 0. The same for the same (n, fraction,
// seed). fraction is in [0, 1).
Split split_rows(std::uint64_t n, double fraction, std::uint64_t seed);

}  // namespace flow
