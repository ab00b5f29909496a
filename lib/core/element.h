// How one number is stored in a file: the kinds and sizes that npy and raw files have, of either
// byte order. Numbers travel as double (core/rows.h).
#pragma once
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace flow {

struct Element {
  char kind = 'f';       // f float, i signed, u unsigned, b truth value
  std::size_t size = 4;  // bytes
  bool swapped = false;  // the byte order is not that of this machine

  bool fits_single() const { return size <= (kind == 'f' ? 4u : 2u); }  // float32 holds them
};

// "f4", "<f8", ">i2", "|u1": kind and bytes, with numpy's mark of the byte order. Empty for all but
// f2 f4 f8, i1 .. i8, u1 .. u8 and b1.
std::optional<Element> parse_element(std::string_view text);

// Fills `to` from to.size() elements. Returns how many were taken: fewer when an integer beyond
// 2^53 is met, that no double holds.
std::size_t decode(const Element& element, const std::byte* from, std::span<double> to);

// The other way: of floats and unsigned bytes, the kinds that are written. False for a number that
// is no byte.
bool encode(const Element& element, double value, std::byte* to);

}  // namespace flow
