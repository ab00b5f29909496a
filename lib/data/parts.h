// Rows split into those to train on, to validate on, and to test with, in one HDF5 file: the data
// sets that flow-train and flow-score look for.
#pragma once
#include <functional>
#include <memory>
#include <optional>

#include "core/rows.h"
#include "data/split.h"
#include "h5/writer.h"

namespace flow {

struct PartsSpec {
  double validation = 0.1, test = 0.1;  // shares of the groups, at least 0, less than 1 together
  bool ordered = false;                 // train, validation, test, as the rows stand; else by seed
  std::uint64_t seed = 0;
  std::optional<std::size_t> group = {};  // a column: rows of equal value in it stay together
};

struct Parts {
  std::vector<std::uint64_t> train, validation, test;  // rows, ascending
};

// Of n rows, as split_rows (data/split.h) does.
Parts split_parts(std::uint64_t n, const PartsSpec& spec, std::span<const double> groups = {});

// Keeps the rows in temporary files, and hands them to the writer that `create` makes for the parts
// "train", "validation" and "test"; empty ones are left out. Returns the parts.
// Error(Exit::data) for no rows.
using CreateParts = std::function<std::unique_ptr<RowWriter>(std::vector<Hdf5Part>)>;
Parts write_parts(RowReader& rows, const PartsSpec& spec, const CreateParts& create);

}  // namespace flow
