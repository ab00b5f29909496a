// What becomes of rows with NaN or infinite numbers, and all rows of an input in memory.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "core/rows.h"
#include "core/view.h"

namespace flow {

enum class OnNan { fail, skip, keep };

// "fail", "skip", "keep". Error(Exit::usage).
OnNan parse_on_nan(const std::string& name);

// Rows in which every number is finite; with keep all rows. With fail the first other row is an
// Error(Exit::data) that names row and column, numbered from 1. In the first `may_miss` columns NaN
// is a missing cell, and lets the row through.
class FiniteRows : public RowReader {
 public:
  FiniteRows(std::unique_ptr<RowReader> rows, OnNan on_nan, std::size_t may_miss = 0);

  const RowShape& shape() const override { return shape_; }
  const std::string& name() const override { return rows_->name(); }
  std::size_t read(std::span<double> values) override;
  Words words() const override { return rows_->words(); }
  void know(const Words& words) override { rows_->know(words); }
  std::size_t column_of_file(std::size_t j) const override { return rows_->column_of_file(j); }

  // As read, of so many rows of the input: fewer where some are left out.
  std::size_t read_part(std::span<double> values);
  // Rows left out stand in the input all the same: rows() of them, where that is known.
  bool seeks() const override { return rows_->seeks(); }
  void seek(std::uint64_t row) override { rows_->seek(row), row_ = row, kept_ = 0; }
  std::optional<std::uint64_t> rows() const { return rows_->shape().rows; }
  // Before the first is read: rows that cannot be sought are kept in a temporary file.
  void keep();

  std::uint64_t skipped() const { return skipped_; }
  // Where the rows of the last read stand in the input, from 0. Not with OnNan::keep.
  const std::vector<std::uint64_t>& places() const { return places_; }
  // The same for every policy, counted from `offset`; until the next read.
  RowNumbers numbers(std::uint64_t offset = 0) const;
  // One line: "x.csv: 3 rows with NaN or infinite numbers were left out: 17, 18, 402"; empty when
  // there were none.
  std::string report() const;

 private:
  std::size_t keep_finite(std::span<double> values, std::size_t rows);

  std::unique_ptr<RowReader> rows_;
  OnNan on_nan_;
  std::size_t may_miss_;
  RowShape shape_;
  std::uint64_t row_ = 0, kept_ = 0, skipped_ = 0;  // kept: of the last read
  std::vector<std::uint64_t> first_skipped_, places_;
};

// Rows that were read, the first of them row first_row, as numbers of type real.
// Error(Exit::data) for one that is finite only as a double.
void to_reals(const RowReader& rows, std::span<const double> values, std::uint64_t first_row,
              real* out);

// All rows, row by row. Memory grows as they arrive and never beyond max_bytes: Error(Exit::data),
// as for a number that is finite only as a double.
std::vector<real> read_all(RowReader& rows, std::uint64_t max_bytes);

}  // namespace flow
