// Integers whose range is declared, as pixels are: 0 .. stored - 1. Of bytes only the leading bits
// may be kept (5-bit images as of Kingma, Dhariwal, Glow, 2018): x becomes the level
// floor(x / 2^(8 - bits)), and level k stands for round(255 k / (2^bits - 1)), which is of level k
// again, and black and white where k is the first and the last.
#pragma once
#include <cstddef>
#include <span>
#include <string>

#include "core/view.h"

namespace flow {

struct Levels {
  std::size_t stored = 0;  // 0: not declared
  std::size_t bits = 0;    // kept, where stored is 256; 0: all

  bool declared() const { return stored > 0; }
  std::size_t kept() const { return bits > 0 ? std::size_t{1} << bits : stored; }
};

// NaN for all but 0 .. stored - 1.
real to_level(const Levels& levels, double value);
double from_level(const Levels& levels, double level);

// "pixel (3, 7) is 300; levels are 0 to 255" of the first number of a row that is no level, "column
// 4" where a row is no image; empty where all are. NaN and infinities are a matter of --on-nan.
std::string misfit(const Levels& levels, std::span<const std::size_t> dims,
                   std::span<const double> row);

}  // namespace flow
