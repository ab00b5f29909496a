// What a column seems to be, from its values.
#pragma once
#include <span>
#include <string>

#include "core/columns.h"
#include "core/view.h"

namespace flow {

struct Proposal {
  Column column;
  std::string
      reason;  // "positive: 5000 values from 0.2 to 5.01, skew 1.1, 0.1 of their logarithms"
};

// A column with more values than this is not told apart value by value.
constexpr std::size_t few = 32;
// Of the steps that are looked for, coarse to fine, the number of the first of which v is a
// multiple: with the extremes and values of the greatest such number a column keeps its step.
std::size_t fineness(double v);
constexpr std::size_t finest = 6;  // of a multiple of none

// Of column j; rows: row by row; cells that are NaN are missing, and at least one is there.
//
// Values that are all equal are a constant, and an earlier column repeated is a duplicate.
// Integers, and decimal fractions that repeat, are discrete, since a density on ties grows without
// bound: with few values between bounds, or categories where they are far apart. What is above 0
// and more symmetric in its logarithms is positive, what fills [0, 1] an interval. Else the column
// is real, robust where a value lies ten deviations out.
Proposal propose_column(std::span<const real> rows, std::size_t columns, std::size_t j);

}  // namespace flow
