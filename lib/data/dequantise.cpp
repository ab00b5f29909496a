#include "data/dequantise.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "core/random.h"

namespace flow {

template <class T>
void dequantise(std::span<T> rows, std::size_t columns, std::uint64_t first_row, std::uint64_t seed,
                std::uint32_t epoch, std::type_identity_t<std::span<const T>> steps) {
  assert(columns > 0 && rows.size() % columns == 0);
  const Random random(seed, Stream::dequantise, epoch);
  std::uint16_t noise[128];
  for (std::size_t i = 0; i < rows.size() / columns; ++i) {
    T* row = rows.data() + i * columns;
    for (std::size_t first = 0; first < columns; first += std::size(noise)) {
      const std::size_t n = std::min(std::size(noise), columns - first);
      random.halves(first_row + i, static_cast<std::uint32_t>(first / 8), {noise, n});
      for (std::size_t j = 0; j < n; ++j) {
        const T u = static_cast<T>(noise[j]);
        // Above 0: a logarithm may follow.
        row[first + j] +=
            steps.empty() ? u * T{0x1p-16} : std::max(u, T{0.5}) * T{0x1p-16} * steps[first + j];
      }
    }
  }
}

template <class T>
std::optional<IntegerRange> looks_like_integers(std::span<const T> values) {
  if (values.empty()) return {};
  IntegerRange range{static_cast<double>(values[0]), static_cast<double>(values[0])};
  for (const T v : values) {
    if (!std::isfinite(v) || v != std::floor(v)) return {};
    range.min = std::min(range.min, static_cast<double>(v));
    range.max = std::max(range.max, static_cast<double>(v));
  }
  return range;
}

template <class T>
void quantise(std::span<T> rows, IntegerRange range) {
  const T min = static_cast<T>(range.min), max = static_cast<T>(range.max);
  for (T& v : rows) v = std::clamp(std::floor(v), min, max);
}

template void dequantise(std::span<float>, std::size_t, std::uint64_t, std::uint64_t, std::uint32_t,
                         std::span<const float>);
template void dequantise(std::span<double>, std::size_t, std::uint64_t, std::uint64_t,
                         std::uint32_t, std::span<const double>);
template std::optional<IntegerRange> looks_like_integers(std::span<const float>);
template std::optional<IntegerRange> looks_like_integers(std::span<const double>);
template void quantise(std::span<float>, IntegerRange);
template void quantise(std::span<double>, IntegerRange);

}  // namespace flow
