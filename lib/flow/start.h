// Parameters that start from data: each layer sees the rows as the layers before it leave them.
#pragma once
#include <algorithm>

#include "flow/flow.h"

namespace flow {

// At most this many rows are looked at: enough for moments to three digits.
constexpr std::size_t start_rows(std::size_t columns) {
  return std::clamp<std::size_t>((std::size_t{1} << 22) / columns, 1024, 65536);
}

enum class StartOf { all, statistics };  // statistics: only of layers that couple rows (batch norm)

// x: rows (a multiple of lanes) x columns, any number of rows; x becomes z. Sets theta's slices.
void start_from_data(const Flow& flow, const ParamTable& table, Vec theta, Mat x, StartOf what,
                     std::size_t threads);

}  // namespace flow
