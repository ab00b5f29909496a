#include "data/npy.h"

#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>
#include <utility>

#include "core/aligned.h"
#include "core/error.h"
#include "data/npy_header.h"
#include "data/raw.h"

namespace flow {

namespace {

constexpr std::uint64_t max_whole = 1 << 30;  // bytes of an array that must be read whole

// An array in Fortran order is its transpose in C order: read whole, then handed out by rows.
class FortranReader : public RowReader {
 public:
  FortranReader(RawReader transposed, RowShape shape)
      : transposed_(std::move(transposed)), shape_(std::move(shape)) {}

  const RowShape& shape() const override { return shape_; }
  const std::string& name() const override { return transposed_.name(); }
  std::size_t read(std::span<double> values) override {
    const std::size_t n = static_cast<std::size_t>(*shape_.rows), d = shape_.columns;
    if (values_.size() != n * d) {
      values_ = Aligned<double>(n * d);  // no page is touched before its numbers arrive
      transposed_.read(values_);
    }
    const double* const all = values_.data();
    const std::size_t rows = std::min(values.size() / d, n - row_);
    for (std::size_t i = 0; i < rows; ++i) {
      for (std::size_t j = 0; j < d; ++j) values[i * d + j] = all[j * n + row_ + i];
    }
    row_ += rows;
    return rows;
  }

 private:
  RawReader transposed_;
  RowShape shape_;
  Aligned<double> values_;
  std::size_t row_ = 0;
};

}  // namespace

std::unique_ptr<RowReader> open_npy(Input input) {
  const std::string name = input.name();
  const NpyHeader header = read_npy_header(input);
  RowShape shape = array_shape(input, header.element, header.dims, header.bytes);
  shape.format = "npy";
  if (!header.fortran || header.dims.size() == 1 || *shape.rows == 0) {
    return std::make_unique<RawReader>(std::move(input), header.element, std::move(shape));
  }
  require(header.dims.size() == 2 && *shape.rows <= max_whole / 8 / shape.columns, Exit::data,
          name + ": is in Fortran order; save numpy.ascontiguousarray(a)");
  const std::size_t n = static_cast<std::size_t>(*shape.rows);
  RowShape transposed{n, {n}, {}, shape.columns};
  return std::make_unique<FortranReader>(
      RawReader(std::move(input), header.element, std::move(transposed)), std::move(shape));
}

NpyWriter::NpyWriter(const std::string& path, bool replace, RowShape shape, bool as_float)
    : file_(path, replace), shape_(std::move(shape)), as_float_(as_float) {
  if (file_.is_stream() && !shape_.rows) spool_ = open_unnamed_file();
  // A regular file gets its header once more when the rows are known.
  if (spool_ < 0) {
    const std::string text = header(shape_.rows.value_or(0));
    file_.write(text.data(), text.size());
  }
}

NpyWriter::~NpyWriter() {
  if (spool_ >= 0) close(spool_);
}

std::string NpyWriter::header(std::uint64_t rows) const {
  std::string dims = std::to_string(rows) + ",";
  for (const std::size_t d : shape_.dims) dims += " " + std::to_string(d) + ",";
  if (shape_.dims.size() > 0) dims.pop_back();
  std::string text =
      std::string("{'descr': '") + (std::endian::native == std::endian::little ? '<' : '>') +
      (as_float_ ? "f4" : "f8") + "', 'fortran_order': False, 'shape': (" + dims + "), }";
  constexpr std::size_t whole = 192, before = 10;  // room for every rank; a multiple of 64
  assert(text.size() + before < whole);
  text.resize(whole - before - 1, ' ');
  return std::string("\x93NUMPY\x01\x00", 8) + static_cast<char>(whole - before) + '\0' + text +
         '\n';
}

void NpyWriter::put(const void* bytes, std::size_t count) {
  if (spool_ < 0) return file_.write(bytes, count);
  write_unnamed(spool_, {static_cast<const std::byte*>(bytes), count},
                "the temporary file cannot be written");
}

void NpyWriter::write(std::span<const double> values) {
  numbers_ += values.size();
  if (!as_float_) return put(values.data(), values.size_bytes());
  floats_.resize(values.size());
  std::transform(values.begin(), values.end(), floats_.begin(),
                 [](double v) { return static_cast<float>(v); });
  put(floats_.data(), floats_.size() * sizeof(float));
}

void NpyWriter::copy_spool() {
  seek_file(spool_, 0);
  Input spool(std::exchange(spool_, -1), "the temporary file");
  std::vector<std::byte> buffer(1 << 18);
  while (const std::size_t n = spool.read(buffer.data(), buffer.size())) {
    file_.write(buffer.data(), n);
  }
}

void NpyWriter::finish() {
  const std::uint64_t rows = numbers_ / shape_.columns;
  assert(!shape_.rows || *shape_.rows == rows);
  const std::string text = header(rows);
  if (spool_ >= 0) {
    file_.write(text.data(), text.size());
    copy_spool();
  } else if (!shape_.rows) {
    file_.rewrite(text.data(), text.size());
  }
  file_.commit();
}

}  // namespace flow
