// The checksums of HDF5's metadata, found in a whole file and put right in a damaged one, so that
// damage gets past them: an attacker's would (HDF5 File Format Specification 3.0, appendix
// "Checksum": Jenkins's lookup3).
#pragma once
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace flow::fuzz {

// hashlittle() of lookup3.c, in the bytewise reading of its words, with seed 0.
inline std::uint32_t lookup3(std::string_view bytes) {
  const auto rotated = [](std::uint32_t x, int k) { return x << k | x >> (32 - k); };
  std::uint32_t a = 0xdeadbeef + static_cast<std::uint32_t>(bytes.size()), b = a, c = a;
  const auto word = [&](std::size_t at) {
    std::uint32_t w = 0;
    for (std::size_t k = 0; k < 4 && at + k < bytes.size(); ++k)
      w |= std::uint32_t{static_cast<unsigned char>(bytes[at + k])} << (8 * k);
    return w;
  };
  while (bytes.size() > 12) {
    a += word(0), b += word(4), c += word(8);
    a -= c, a ^= rotated(c, 4), c += b;
    b -= a, b ^= rotated(a, 6), a += c;
    c -= b, c ^= rotated(b, 8), b += a;
    a -= c, a ^= rotated(c, 16), c += b;
    b -= a, b ^= rotated(a, 19), a += c;
    c -= b, c ^= rotated(b, 4), b += a;
    bytes.remove_prefix(12);
  }
  if (bytes.empty()) return c;
  a += word(0), b += word(4), c += word(8);
  c ^= b, c -= rotated(b, 14);
  a ^= c, a -= rotated(c, 11);
  b ^= a, b -= rotated(a, 25);
  c ^= b, c -= rotated(b, 16);
  a ^= c, a -= rotated(c, 4);
  b ^= a, b -= rotated(a, 14);
  c ^= b, c -= rotated(b, 24);
  return c;
}

inline std::uint32_t number_at(std::string_view file, std::size_t at) {
  std::uint32_t n = 0;
  std::memcpy(&n, file.data() + at, 4);
  return n;
}

// Bytes [first, end) whose checksum stands at end.
struct Checked {
  std::size_t first, end;
};

// Blocks begin with one of the format's signatures; the end is where the checksum fits.
inline std::vector<Checked> checked_blocks(const std::string& file) {
  constexpr std::string_view signatures[] = {
      "\x89HDF", "OHDR", "OCHK", "FRHP", "FHDB", "FHIB", "FSHD", "FSSE", "BTHD", "BTIN",
      "BTLF",    "FAHD", "FADB", "EAHD", "EAIB", "EASB", "EADB", "SMTB", "SMLI"};
  constexpr std::size_t longest = 8192;
  std::vector<Checked> blocks;
  for (const std::string_view s : signatures)
    for (std::size_t at = file.find(s); at != file.npos; at = file.find(s, at + 1))
      for (std::size_t end = at + 4; end + 4 <= file.size() && end < at + longest; ++end)
        if (lookup3(std::string_view(file).substr(at, end - at)) == number_at(file, end)) {
          blocks.push_back({at, end});
          break;
        }
  return blocks;
}

inline void put_right(std::string& file, const std::vector<Checked>& blocks) {
  for (const Checked& b : blocks)
    if (b.end + 4 <= file.size()) {
      const std::uint32_t sum = lookup3(std::string_view(file).substr(b.first, b.end - b.first));
      std::memcpy(file.data() + b.end, &sum, 4);
    }
}

}  // namespace flow::fuzz
