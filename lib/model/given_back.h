// Whether integers come back from their latents as they were.
#pragma once
#include <cstdint>
#include <span>

#include "model/model.h"

namespace flow {

struct GivenBack {
  std::uint64_t count = 0, other = 0;  // integers, and those that came back as others
  std::uint64_t row = 0;               // the first that has one

  // read: rows with their context; back: what from_flow made of their latents. With data.bits the
  // byte that stands for a pixel's level is what should come back.
  void add(const DataSpec& data, std::span<const double> read, std::span<const double> back,
           RowNumbers at) {
    const std::size_t d = data.shape.columns, width = d + data.context.size();
    const Levels& l = data.levels;
    for (std::size_t k = 0; k < back.size(); ++k) {
      const double x = read[k / d * width + k % d];
      const double wanted = l.bits ? from_level(l, static_cast<double>(to_level(l, x))) : x;
      if (back[k] != wanted && other++ == 0) row = at[k / d];
    }
    count += back.size();
  }
};

}  // namespace flow
