// What the rows of a file are, for people and for programs.
#pragma once
#include <string>
#include <vector>

#include "core/json.h"
#include "core/rows.h"
#include "data/propose.h"

namespace flow {

constexpr std::size_t shown_columns = 24;  // on a page

struct DataInfo {
  std::string name;
  std::vector<std::string> datasets;    // of an HDF5 file, all that hold numbers
  RowShape shape;                       // with all words
  std::uint64_t rows = 0, missing = 0;  // missing: rows with NaN or infinite numbers
  // What each column seems to be, from what numbers the first rows have; empty for images.
  std::vector<Proposal> columns;
};

// Reads all rows, in bounded memory. name is left to the caller.
DataInfo inspect(RowReader& rows);

std::string describe(const DataInfo& info);
// flow-info(1) lists the keys.
JsonLine json_of(const DataInfo& info);

// "28 x 28 image, 784 numbers" or "3 columns".
std::string describe(const RowShape& shape);

}  // namespace flow
