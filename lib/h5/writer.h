// Rows of numbers to an HDF5 file or pipe: one contiguous data set behind all metadata, so that the
// next reader streams it. h5py, h5ls and h5dump read it; equal content gives equal bytes.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/rows.h"

namespace flow {

enum class NumberType { f32, f64, i8, u8, i16, u16, i32, u32, i64, u64 };

struct Hdf5Part {
  std::string dataset;
  std::uint64_t rows = 0;
};

struct Hdf5Spec {
  std::string dataset = "x";  // may lie in groups: "train/x"
  NumberType type = NumberType::f32;
  // Of the rows: columns, dims (empty: {columns}), names and words, which may be set until the
  // first row is written (where rows are kept meanwhile, until the last); rows, where the number is
  // known.
  RowShape shape;
  // Instead of `dataset` and shape.rows: data sets that get the rows one after the other.
  std::vector<Hdf5Part> parts = {};
  // Of the file: "creator", "seed" ...
  std::vector<std::pair<std::string, std::variant<std::string, std::int64_t, double>>> attributes;
};

// path "-" is stdout; an existing file is refused unless replace is set (core/output.h). In
// constant memory; a pipe and an unknown number of rows take an unnamed file in $TMPDIR meanwhile.
// Integer types round to nearest. Error(Exit::failed) for a number that the type cannot hold, named
// by row, for rows that are not as many as were promised, and for what goes wrong in writing.
std::unique_ptr<RowWriter> create_hdf5(const std::string& path, bool replace, Hdf5Spec spec);

}  // namespace flow
