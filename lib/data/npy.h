// numpy's .npy files, versions 1 to 3 (numpy.lib.format): a magic string, a Python dict as text,
// the numbers of one array.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "core/input.h"
#include "core/output.h"
#include "core/rows.h"

namespace flow {

// Arrays of rank 1 (one column) to 4 (rows of images: height, width, channels). In C order they
// stream in constant memory; in Fortran order rank 2 is read whole, up to 1 GiB. Error(Exit::data).
std::unique_ptr<RowReader> open_npy(Input input);

// Version 1.0. A stream of which the number of rows is not known beforehand is kept in an unnamed
// file in $TMPDIR until finish.
class NpyWriter : public RowWriter {
 public:
  NpyWriter(const std::string& path, bool replace, RowShape shape, bool as_float);
  ~NpyWriter() override;

  void write(std::span<const double> values) override;
  void finish() override;

 private:
  std::string header(std::uint64_t rows) const;
  void put(const void* bytes, std::size_t count);
  void copy_spool();

  OutputFile file_;
  RowShape shape_;
  bool as_float_;
  int spool_ = -1;
  std::uint64_t numbers_ = 0;
  std::vector<float> floats_;
};

}  // namespace flow
