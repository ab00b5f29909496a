// Uniform dequantisation: integers become a density over the unit cubes above them (Theis, van den
// Oord, Bethge, A note on the evaluation of generative models, 2016, section 3.1).
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <type_traits>

#include "core/view.h"

namespace flow {

// Adds noise in [0, 1) on a grid of 2^-16, on which float32 holds integers up to 255 plus noise
// exactly: so floor gives the integers back. The noise of a number depends on (seed, epoch, row,
// column) only. T: float or double; rows one after the other, the first being row first_row.
// steps: noise in (0, step) of each column, none for a step of 0.
template <class T>
void dequantise(std::span<T> rows, std::size_t columns, std::uint64_t first_row, std::uint64_t seed,
                std::uint32_t epoch, std::type_identity_t<std::span<const T>> steps = {});

struct IntegerRange {
  double min, max;
};

// The range, if there are values and all are integers.
template <class T>
std::optional<IntegerRange> looks_like_integers(std::span<const T> values);

// Back to integers in the range, as of samples.
template <class T>
void quantise(std::span<T> rows, IntegerRange range);

}  // namespace flow
