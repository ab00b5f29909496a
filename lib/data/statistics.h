// What the numbers of each column are, of any number of rows in bounded memory.
#pragma once
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "core/json.h"
#include "core/rows.h"
#include "data/quantiles.h"

namespace flow {

struct ColumnStatistics {
  std::uint64_t count = 0, missing = 0, infinite = 0;  // count: finite numbers; missing: NaN
  double min = std::numeric_limits<double>::infinity();
  double max = -std::numeric_limits<double>::infinity();
  double mean = 0, squares = 0;  // of deviations from the mean, summed (Welford, 1962)
  Quantiles quantiles;

  void add(double value);
  // Of the sample, divided by count - 1; NaN for less than two numbers.
  double deviation() const;
};

// Reads all rows.
std::vector<ColumnStatistics> statistics_of(RowReader& rows);

// A table of a line a column: count, missing, min, these quantiles, max, mean, deviation.
std::string describe(std::span<const ColumnStatistics> columns, const RowShape& shape,
                     std::span<const double> shares);
// {"rows": .., "columns": [{"name", "count", "missing", "infinite", "min", ...}]}
JsonLine json_of(std::span<const ColumnStatistics> columns, const RowShape& shape,
                 std::span<const double> shares);

}  // namespace flow
