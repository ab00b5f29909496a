#include "core/random.h"

#include <Random123/philox.h>

#include <cmath>
#include <numbers>
#include <numeric>
#include <utility>

namespace flow {

namespace {

using Philox = r123::Philox4x32;

// Counter: (row, quad, sub); key: (seed, mixed with the stream).
Philox::ctr_type philox(std::uint64_t seed, Stream stream, std::uint32_t sub, std::uint64_t row,
                        std::uint32_t quad) {
  const auto low = [](std::uint64_t x) { return static_cast<std::uint32_t>(x); };
  const std::uint32_t name = static_cast<std::uint32_t>(stream) * 0x9e3779b9u;
  return Philox{}({{low(row), low(row >> 32), quad, sub}}, {{low(seed), low(seed >> 32) ^ name}});
}

}  // namespace

std::uint64_t Random::bits(std::uint64_t row, std::uint32_t index) const {
  const auto v = philox(seed_, stream_, sub_, row, index / 2);
  const std::size_t half = 2 * (index % 2);
  return std::uint64_t{v[half]} << 32 | v[half + 1];
}

double Random::uniform(std::uint64_t row, std::uint32_t index) const {
  return static_cast<double>(bits(row, index) >> 11) * 0x1p-53;
}

void Random::words(std::uint64_t row, std::uint32_t quad, std::span<std::uint32_t> out) const {
  for (std::size_t i = 0; i < out.size(); i += 4) {
    const auto v = philox(seed_, stream_, sub_, row, quad++);
    for (std::size_t k = 0; k < 4 && i + k < out.size(); ++k) out[i + k] = v[k];
  }
}

void Random::halves(std::uint64_t row, std::uint32_t quad, std::span<std::uint16_t> out) const {
  for (std::size_t i = 0; i < out.size(); i += 8) {
    const auto v = philox(seed_, stream_, sub_, row, quad++);
    for (std::size_t k = 0; k < 8 && i + k < out.size(); ++k)
      out[i + k] = static_cast<std::uint16_t>(v[k / 2] >> (k % 2 * 16));
  }
}

void Random::uniform(std::uint64_t row, std::span<double> out) const {
  for (std::size_t i = 0; i < out.size(); i += 4) {
    std::uint32_t v[4];
    words(row, static_cast<std::uint32_t>(i / 4), v);
    for (std::size_t k = 0; k < 4 && i + k < out.size(); ++k) out[i + k] = v[k] * 0x1p-32;
  }
}

void Random::normal(std::uint64_t row, std::span<double> out) const {
  for (std::size_t i = 0; i < out.size(); i += 4) {
    const auto v = philox(seed_, stream_, sub_, row, static_cast<std::uint32_t>(i / 4));
    for (std::size_t k = 0; k < 4 && i + k < out.size(); k += 2) {
      const double u = (v[k] + 0.5) * 0x1p-32;  // never 0
      const double angle = 2 * std::numbers::pi * 0x1p-32 * v[k + 1];
      const double radius = std::sqrt(-2 * std::log(u));
      out[i + k] = radius * std::cos(angle);
      if (i + k + 1 < out.size()) out[i + k + 1] = radius * std::sin(angle);
    }
  }
}

std::vector<std::uint64_t> Random::permutation(std::uint64_t n) const {
  std::vector<std::uint64_t> order(n);
  std::iota(order.begin(), order.end(), std::uint64_t{0});
  for (std::uint64_t i = n; i-- > 1;) std::swap(order[i], order[bits(i, 0) % (i + 1)]);
  return order;
}

}  // namespace flow
