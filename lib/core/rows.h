// Rows of numbers in, rows of numbers out, block by block and in constant memory: the shape of
// every format (HDF5, npy, text, raw, pipes). Numbers travel as double, so that every integer up to
// 2^53 and every float16 .. float64 arrives exact; the flow works on `real`.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace flow {

// For each column of words: what its numbers 0, 1, ... stand for; nothing for columns of numbers.
using Words = std::vector<std::vector<std::string>>;

struct RowShape {
  std::size_t columns = 0;            // numbers in a row
  std::vector<std::size_t> dims;      // what a row is: {columns}, or {height, width[, channels]}
  std::vector<std::string> names;     // of the columns; empty where the file has none
  std::optional<std::uint64_t> rows;  // where the format says so beforehand
  bool integers = false;              // stored as an integer type (text: unknown, false)
  Words words = {};                   // of the columns; empty where all hold numbers
  bool bytes = false;                 // stored as unsigned bytes, 0 to 255
  bool single = false;      // float32 holds each number: stored so, or as integers of up to 16 bits
  std::string format = {};  // of the file, in words: "HDF5", "text" ...
};

// The name of a column, or its number from 1.
inline std::string label_of(const RowShape& shape, std::size_t j) {
  return j < shape.names.size() ? shape.names[j] : std::to_string(j + 1);
}

// The numbers of some rows in their input, from 0: one after the other from the first on, or with
// gaps, where some are left out; places: of each.
class RowNumbers {
 public:
  RowNumbers(std::uint64_t first, std::span<const std::uint64_t> places = {})
      : first_(first), places_(places) {}
  std::uint64_t operator[](std::size_t i) const {
    return first_ + (places_.empty() ? i : places_[i]);
  }

 private:
  std::uint64_t first_;
  std::span<const std::uint64_t> places_;
};

class RowReader {
 public:
  virtual ~RowReader() = default;
  virtual const RowShape& shape() const = 0;
  // The file as the user named it, for messages: "rows.csv", "data.h5:/train", "standard input".
  virtual const std::string& name() const = 0;
  // Fills values, row by row, with up to values.size() / columns rows, and returns how many: fewer
  // only at the end. A truncated or malformed input is an Error(Exit::data) that names the place.
  virtual std::size_t read(std::span<double> values) = 0;
  // Whether rows can be read in any order: where it is so, the next row read is the one that was
  // sought, from 0; not above shape().rows, which is then known.
  virtual bool seeks() const { return false; }
  virtual void seek(std::uint64_t) {}
  // Which column of the file column j is, from 0.
  virtual std::size_t column_of_file(std::size_t j) const { return j; }
  // Whatever stands in the other columns is no error: nobody looks at it. Before the first read.
  virtual void want(const std::vector<bool>&) {}
  // Those met so far, where a reader learns them.
  virtual Words words() const { return shape().words; }
  // Words that were met elsewhere, of each column: a reader that learns goes on with their numbers.
  // Before the first read.
  virtual void know(const Words&) {}
  // Column j tells whose a row is: it may hold more words than a category. Before the first read.
  virtual void take_names(std::size_t) {}
};

class RowWriter {
 public:
  virtual ~RowWriter() = default;
  // Whole rows, row by row.
  virtual void write(std::span<const double> values) = 0;
  // Hands on what was written so far, where the output is a stream of text or raw numbers.
  virtual void flush() {}
  // What the numbers of words stand for, where a reader has learned more of them since.
  virtual void set_words(const Words&) {}
  // Completes the output (and renames it to its final name). Without it nothing stands there.
  virtual void finish() = 0;
};

}  // namespace flow
