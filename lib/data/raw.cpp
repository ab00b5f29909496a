#include "data/raw.h"

#include <algorithm>
#include <cassert>

#include "core/error.h"

namespace flow {

namespace {

constexpr std::uint64_t max_columns = 1 << 26;  // what one row may make us allocate: 512 MiB

[[noreturn]] void refuse_truncated(const std::string& name, std::uint64_t held, std::uint64_t rows,
                                   std::uint64_t missing) {
  throw Error(Exit::data, name + ": truncated: " + std::to_string(held) + " of " +
                              std::to_string(rows) + " rows, " + std::to_string(missing) +
                              " bytes short; make the file again");
}

}  // namespace

RowShape array_shape(const Input& input, const Element& element,
                     std::span<const std::uint64_t> dims, std::uint64_t header) {
  require(!dims.empty() && dims.size() <= 4, Exit::data,
          input.name() + ": an array of rank " + std::to_string(dims.size()) +
              "; expected rows of numbers (rank 1 or 2) or of images (rank 3 or 4)");
  RowShape shape;
  std::uint64_t columns = 1;
  for (const std::uint64_t dim : dims.subspan(1)) {
    require(dim > 0 && dim <= max_columns && columns * dim <= max_columns, Exit::data,
            input.name() + ": rows of " + std::to_string(dim) + " numbers; expected 1 to " +
                std::to_string(max_columns));
    columns *= dim;
    shape.dims.push_back(static_cast<std::size_t>(dim));
  }
  if (shape.dims.empty()) shape.dims = {1};
  shape.columns = static_cast<std::size_t>(columns);
  shape.rows = dims[0];
  shape.integers = element.kind != 'f';
  shape.bytes = element.kind == 'u' && element.size == 1, shape.single = element.fits_single();
  require(
      dims[0] <= UINT64_MAX / 16 / columns, Exit::data,
      input.name() + ": the header declares " + std::to_string(dims[0]) + " rows; it is damaged");
  const std::uint64_t row_bytes = columns * element.size, all = dims[0] * row_bytes;
  if (!input.size() || *input.size() >= header + all) return shape;
  const std::uint64_t held = *input.size() - std::min(*input.size(), header);
  refuse_truncated(input.name(), held / row_bytes, dims[0], all - held);
}

RawReader::RawReader(Input input, Element element, RowShape shape)
    : input_(std::move(input)), element_(element), shape_(std::move(shape)) {
  assert(shape_.columns > 0);
  shape_.integers = element.kind != 'f';
  if (seeks()) first_ = input_.place();
}

void RawReader::seek(std::uint64_t row) {
  input_.seek(first_ + row * shape_.columns * element_.size);
  row_ = row;
}

std::size_t RawReader::read(std::span<double> values) {
  std::size_t rows = values.size() / shape_.columns;
  if (shape_.rows)
    rows = static_cast<std::size_t>(std::min<std::uint64_t>(rows, *shape_.rows - row_));
  // Pieces of about 256 KiB stay in the cache between reading and decoding.
  const std::size_t piece = std::max<std::size_t>(1, (1u << 18) / (8 * shape_.columns));
  std::size_t done = 0;
  while (done < rows) {
    const std::size_t n = std::min(piece, rows - done);
    const std::size_t got = read_piece(values.subspan(done * shape_.columns, n * shape_.columns));
    done += got;
    if (got < n) break;
  }
  if (shape_.rows && row_ == *shape_.rows && !input_.peek(1).empty()) {
    throw Error(Exit::data, name() + ": bytes follow the last of " + std::to_string(row_) +
                                " rows; give a file with one array");
  }
  return done;
}

std::size_t RawReader::read_piece(std::span<double> values) {
  const std::size_t row_bytes = shape_.columns * element_.size;
  const std::size_t wanted = values.size() * element_.size;
  if (bytes_.size() < wanted) bytes_ = Aligned<std::byte>(wanted);
  const std::size_t got = input_.read(bytes_.data(), wanted);
  const std::size_t rows = got / row_bytes, partial = got % row_bytes;
  const std::size_t taken = decode(element_, bytes_.data(), values.first(rows * shape_.columns));
  if (taken < rows * shape_.columns) {
    throw Error(Exit::data, name() + ": row " + std::to_string(row_ + taken / shape_.columns + 1) +
                                ": column " + std::to_string(taken % shape_.columns + 1) +
                                " is an integer of 2^53 or more; store it as a float64");
  }
  row_ += rows;
  if (got < wanted) end(partial);
  return rows;
}

void RawReader::end(std::size_t partial) {
  const std::size_t row_bytes = shape_.columns * element_.size;
  if (shape_.rows) {
    refuse_truncated(name(), row_, *shape_.rows, (*shape_.rows - row_) * row_bytes - partial);
  }
  if (partial != 0) {
    throw Error(Exit::data, name() + ": truncated: row " + std::to_string(row_ + 1) + " is " +
                                std::to_string(row_bytes - partial) +
                                " bytes short; check --raw-columns and --dtype");
  }
}

void RawWriter::write(std::span<const double> values) {
  if (!as_float_) return file_.write(values.data(), values.size_bytes());
  floats_.resize(values.size());
  std::transform(values.begin(), values.end(), floats_.begin(),
                 [](double v) { return static_cast<float>(v); });
  file_.write(floats_.data(), floats_.size() * sizeof(float));
}

}  // namespace flow
