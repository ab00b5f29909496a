// Finding, refusing and describing data sets of rows in an open file; for the files of this folder
// only. Files may be hostile: only hard links are followed, and storage outside the file, virtual
// layouts, unusual filters and declarations far beyond what is stored are refused.
// All throw flow::Error(Exit::data), or Hdf5Failure.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/rows.h"
#include "h5/handle.h"
#include "h5/number.h"
#include "h5/reader.h"

namespace flow {

// How rows lie in a file: plain values.
struct StoredRows {
  std::string name;  // "data.h5:/train/x"
  RowShape shape;
  std::size_t kind = 0;  // of its numbers: h5/number.h
  std::uint64_t rows = 0, row_bytes = 0;
  bool contiguous = false;
  std::uint64_t offset = 0;    // of contiguous rows in the file
  std::size_t slab_bytes = 0;  // of all chunks that hold one row
};

struct Hdf5Dataset {
  Handle id;
  StoredRows stored;
};

// The paths of the data sets below a group ("/" for all) that hold numbers, by name.
std::vector<std::string> number_datasets(hid_t file, const std::string& group);

// The data set that the choice names or leaves.
std::string choose_dataset(hid_t file, const std::string& file_name, const DatasetChoice& choice);

Hdf5Dataset open_dataset(hid_t file, const std::string& file_name, const std::string& path,
                         std::uint64_t max_bytes);

// An object by its absolute path, over hard links only.
Handle open_object(hid_t file, const std::string& path);

// Refuses what a hostile file uses to reach other files or code; the text says what, and is empty
// when there is nothing to refuse.
std::string foreign_storage(hid_t creation);

}  // namespace flow
