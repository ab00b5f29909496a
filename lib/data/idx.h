// IDX files, the format of MNIST (LeCun, Cortes, Burges): bytes 0 0 TYPE RANK, the dimensions as
// big-endian 32-bit numbers, then the numbers of one array, big-endian. TYPE is 08 unsigned byte,
// 09 signed byte, 0B int16, 0C int32, 0D float32, 0E float64.
#pragma once
#include <memory>
#include <span>
#include <string>

#include "core/input.h"
#include "core/rows.h"

namespace flow {

// Whether the first bytes of a file are those of IDX.
bool is_idx(std::span<const std::byte> head);

// The input begins so. Arrays of rank 1 (labels: one column) to 4 (images of height x width x
// channels), in constant memory. Error(Exit::data).
std::unique_ptr<RowReader> open_idx(Input input);

// Arrays of rank 2 to 4, as rows have dims. element: one of the types above, as core/element.h
// writes it. A number of rows that is not known beforehand needs a regular file:
// Error(Exit::usage). Error(Exit::failed) for a number that is no byte, named by row.
std::unique_ptr<RowWriter> create_idx(const std::string& path, bool replace, const RowShape& shape,
                                      const std::string& element);

}  // namespace flow
