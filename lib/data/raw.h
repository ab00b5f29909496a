// Numbers side by side, row by row, and nothing else: a raw file, and what follows the header of an
// npy file.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "core/aligned.h"
#include "core/element.h"
#include "core/input.h"
#include "core/output.h"
#include "core/rows.h"

namespace flow {

// The rows of an array of rank 1 to 4 whose first dimension counts them, and which follows a header
// of so many bytes: checked before room is made for any. Error(Exit::data): other ranks, rows of 0
// numbers or more than 2^26, and a file that is shorter ("N of M rows, K bytes short").
RowShape array_shape(const Input& input, const Element& element,
                     std::span<const std::uint64_t> dims, std::uint64_t header);

// Streams in constant memory. Where shape.rows is given the input must hold just that many, else it
// ends where the bytes end. Error(Exit::data): truncated ("N of M rows, K bytes short"), bytes
// behind the last row, an integer that no double holds.
class RawReader : public RowReader {
 public:
  RawReader(Input input, Element element, RowShape shape);

  const RowShape& shape() const override { return shape_; }
  const std::string& name() const override { return input_.name(); }
  std::size_t read(std::span<double> values) override;
  bool seeks() const override { return input_.size() && shape_.rows; }
  void seek(std::uint64_t row) override;

 private:
  std::size_t read_piece(std::span<double> values);
  void end(std::size_t partial);

  Input input_;
  Element element_;
  RowShape shape_;
  Aligned<std::byte> bytes_;  // a page costs memory once its numbers arrive
  std::uint64_t first_ = 0;   // byte of the first row, where it can be sought
  std::uint64_t row_ = 0;     // rows read
};

// Bytes of numbers as float32 or float64, in the byte order of this machine.
class RawWriter : public RowWriter {
 public:
  RawWriter(const std::string& path, bool replace, bool as_float)
      : file_(path, replace), as_float_(as_float) {}

  void write(std::span<const double> values) override;
  void finish() override { file_.commit(); }

 private:
  OutputFile file_;
  bool as_float_;
  std::vector<float> floats_;
};

}  // namespace flow
