// Rows kept in an unnamed file of $TMPDIR, to be read again.
#pragma once
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "core/input.h"
#include "core/rows.h"

namespace flow {

class Spool {
 public:
  // columns: numbers in a row.
  explicit Spool(std::size_t columns) : columns_(columns) {}

  // Whole rows. Error(Exit::failed) where $TMPDIR has no room.
  void add(std::span<const double> values);
  std::uint64_t rows() const { return numbers_ / columns_; }
  // As RowReader::read, from the first row on; nothing can be added any more.
  std::size_t read(std::span<double> values);

 private:
  void flush();

  std::size_t columns_;
  std::uint64_t numbers_ = 0;
  bool reading_ = false;
  std::vector<double> held_;   // not yet in the file
  std::optional<Input> file_;  // made when first needed
};

// All rows of a reader, read now and kept as numbers of the type that the raw reader has: float32
// where that holds them, else float64. They can be sought. Error(Exit::failed) where $TMPDIR has no
// room.
std::unique_ptr<RowReader> spool_rows(std::unique_ptr<RowReader> rows);

}  // namespace flow
