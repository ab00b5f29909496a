// Rows of numbers from HDF5 files and pipes: the only numeric data set of rank 2 to 4, or a named
// one. Rank 2 is rows x columns; rank 3 and 4 are rows x height x width [x channels], flattened;
// rank 1 is one column. f16, f32, f64, and integers of 1 to 8 bytes, of either byte order.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/input.h"
#include "core/rows.h"

namespace flow {

struct DatasetName {
  std::string file;
  std::string dataset;  // "/train/x", or empty
};

// "data.h5:/train/x" -> {"data.h5", "/train/x"}; a file whose whole name is there is that file.
DatasetName split_dataset(const std::string& operand);

struct DatasetChoice {
  std::string dataset = {};  // a data set, or a group that holds one; empty: see below
  std::vector<std::string> preferred = {};  // without a name: the first of these that is there
  std::uint64_t max_bytes = std::uint64_t{1} << 44;  // what a data set may declare
  bool trusted = false;  // read in this process, which a damaged file may end or a hostile one take
};

// Whether the first bytes of a file, 8 or more, are those of HDF5.
bool is_hdf5(std::span<const std::byte> head);

// Opens the data set chosen, else the only one of rank 2 to 4, else the only one.
// A pipe is streamed in constant memory when its metadata lie in front and its rows in one piece,
// and otherwise kept in an unnamed file; what is read is the same. Error(Exit::data) for all that
// is missing, truncated ("N of M rows, K bytes short"), not numbers, or unsafe to open.
std::unique_ptr<RowReader> open_hdf5(Input input, const DatasetChoice& choice = {});

// The paths of all numeric data sets of a regular file, sorted: "/test/x", "/train/x" ...
std::vector<std::string> hdf5_datasets(const std::string& file, bool trusted = false);

}  // namespace flow
