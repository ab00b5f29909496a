// Rows in random order, in bounded memory. Each row gets a random key of 64 bits, a function of the
// seed and its number, and rows are written in the order of their keys: so the order does not
// depend on memory or blocks. Rows go to 256 temporary files by the first 8 bits of their keys;
// these are then sorted in memory one after the other, about a 256th of the rows at a time
// (Sandelius, A simple randomization procedure, 1962).
#pragma once
#include <cstdint>

#include "core/rows.h"

namespace flow {

// Returns how many rows there were. The writer is not finished.
std::uint64_t shuffle(RowReader& rows, std::uint64_t seed, RowWriter& to);

}  // namespace flow
