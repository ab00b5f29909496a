#include "core/element.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <limits>

namespace flow {

namespace {

double from_half(std::uint16_t h) {
  const int exponent = h >> 10 & 31, fraction = h & 1023;
  double value;
  if (exponent == 31) {
    value = fraction ? std::numeric_limits<double>::quiet_NaN()
                     : std::numeric_limits<double>::infinity();
  } else {
    value = exponent ? std::ldexp(1024 + fraction, exponent - 25) : std::ldexp(fraction, -24);
  }
  return h >> 15 ? -value : value;
}

// Stored: an unsigned integer of the element's size, for the byte order; Number: what its bits are.
template <class Stored, class Number>
std::size_t decode_as(bool swapped, const std::byte* from, std::span<double> to) {
  for (std::size_t i = 0; i < to.size(); ++i) {
    std::byte bytes[sizeof(Stored)];
    std::memcpy(bytes, from + i * sizeof(Stored), sizeof(Stored));
    if (swapped) std::reverse(std::begin(bytes), std::end(bytes));
    const Number value = std::bit_cast<Number>(bytes);
    to[i] = static_cast<double>(value);
    if constexpr (std::integral<Number> && sizeof(Number) == 8) {
      if (std::abs(to[i]) >= 0x1p53) return i;
    }
  }
  return to.size();
}

template <class Stored>
std::size_t decode_integer(const Element& e, const std::byte* from, std::span<double> to) {
  return e.kind == 'i' ? decode_as<Stored, std::make_signed_t<Stored>>(e.swapped, from, to)
                       : decode_as<Stored, Stored>(e.swapped, from, to);
}

template <class Number>
void put(bool swapped, Number value, std::byte* to) {
  std::memcpy(to, &value, sizeof value);
  if (swapped) std::reverse(to, to + sizeof value);
}

}  // namespace

std::optional<Element> parse_element(std::string_view text) {
  Element e;
  if (!text.empty() && std::string_view("<>=|").find(text[0]) != std::string_view::npos) {
    const bool native_little = std::endian::native == std::endian::little;
    e.swapped = (text[0] == '>' && native_little) || (text[0] == '<' && !native_little);
    text.remove_prefix(1);
  }
  if (text.size() != 2) return std::nullopt;
  e.kind = text[0];
  e.size = static_cast<std::size_t>(text[1] - '0');
  const std::string_view sizes = e.kind == 'f'                    ? "248"
                                 : e.kind == 'i' || e.kind == 'u' ? "1248"
                                 : e.kind == 'b'                  ? "1"
                                                                  : "";
  if (sizes.find(text[1]) == std::string_view::npos) return std::nullopt;
  return e;
}

std::size_t decode(const Element& e, const std::byte* from, std::span<double> to) {
  if (e.kind == 'b') {
    std::transform(from, from + to.size(), to.begin(),
                   [](std::byte b) { return b != std::byte{}; });
    return to.size();
  }
  if (e.kind == 'f' && e.size == 4) {
    return decode_as<std::uint32_t, float>(e.swapped, from, to);
  }
  if (e.kind == 'f' && e.size == 8) {
    return decode_as<std::uint64_t, double>(e.swapped, from, to);
  }
  if (e.kind == 'f') {
    for (std::size_t i = 0; i < to.size(); ++i) {
      std::uint16_t h;
      std::memcpy(&h, from + 2 * i, 2);
      to[i] = from_half(e.swapped ? static_cast<std::uint16_t>(h << 8 | h >> 8) : h);
    }
    return to.size();
  }
  switch (e.size) {
    case 1:
      return decode_integer<std::uint8_t>(e, from, to);
    case 2:
      return decode_integer<std::uint16_t>(e, from, to);
    case 4:
      return decode_integer<std::uint32_t>(e, from, to);
    default:
      return decode_integer<std::uint64_t>(e, from, to);
  }
}

bool encode(const Element& e, double value, std::byte* to) {
  if (e.kind == 'u') {
    assert(e.size == 1);
    if (!(value >= 0 && value <= 255 && value == std::floor(value))) return false;
    *to = static_cast<std::byte>(value);
  } else if (e.size == 4) {
    put(e.swapped, static_cast<float>(value), to);
  } else {
    put(e.swapped, value, to);
  }
  return true;
}

}  // namespace flow
