#include "h5/writer.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <limits>
#include <optional>

#include "config/scalar.h"
#include "core/error.h"
#include "core/input.h"
#include "core/output.h"
#include "h5/columns.h"
#include "h5/create.h"
#include "h5/store.h"

namespace flow {

namespace {

// Calls f with a zero of the type.
template <class F>
auto with_type(NumberType type, F f) {
  switch (type) {
    case NumberType::f32:
      return f(float{});
    case NumberType::f64:
      return f(double{});
    case NumberType::i8:
      return f(std::int8_t{});
    case NumberType::u8:
      return f(std::uint8_t{});
    case NumberType::i16:
      return f(std::int16_t{});
    case NumberType::u16:
      return f(std::uint16_t{});
    case NumberType::i32:
      return f(std::int32_t{});
    case NumberType::u32:
      return f(std::uint32_t{});
    case NumberType::i64:
      return f(std::int64_t{});
    case NumberType::u64:
      break;
  }
  return f(std::uint64_t{});
}

std::size_t size_of(NumberType type) {
  return with_type(type, [](auto zero) { return sizeof zero; });
}

// The machine's own byte order, so that rows need no swapping on either side of a pipe.
hid_t type_of(NumberType type) {
  switch (type) {
    case NumberType::f32:
      return H5T_NATIVE_FLOAT;
    case NumberType::f64:
      return H5T_NATIVE_DOUBLE;
    case NumberType::i8:
      return H5T_NATIVE_INT8;
    case NumberType::u8:
      return H5T_NATIVE_UINT8;
    case NumberType::i16:
      return H5T_NATIVE_INT16;
    case NumberType::u16:
      return H5T_NATIVE_UINT16;
    case NumberType::i32:
      return H5T_NATIVE_INT32;
    case NumberType::u32:
      return H5T_NATIVE_UINT32;
    case NumberType::i64:
      return H5T_NATIVE_INT64;
    case NumberType::u64:
      break;
  }
  return H5T_NATIVE_UINT64;
}

// Writes value as a T, if T holds it.
template <class T>
bool narrow(double value, T& to) {
  if constexpr (std::numeric_limits<T>::is_integer) {
    value = std::nearbyint(value);
    const double end = std::ldexp(1.0, std::numeric_limits<T>::digits);  // max + 1, exact
    if (!(value >= static_cast<double>(std::numeric_limits<T>::min()) && value < end)) return false;
    to = static_cast<T>(value);
    return true;
  } else {
    to = static_cast<T>(value);
    return std::isfinite(static_cast<double>(to)) || !std::isfinite(value);
  }
}

// Writing one number allocates all rows of a data set, in the file's address space only. Returns
// where they begin.
std::uint64_t allocate(hid_t dataset, hid_t type, std::size_t rank) {
  const Handle space(H5Dget_space(dataset), H5Sclose);
  const std::vector<hsize_t> first(rank, 0);
  check(H5Sselect_elements(space, H5S_SELECT_SET, 1, first.data()));
  const Handle one(H5Screate(H5S_SCALAR), H5Sclose);
  const std::uint64_t zero = 0;
  check(H5Dwrite(dataset, type, one, space, H5P_DEFAULT, &zero));
  return H5Dget_offset(dataset);
}

// All of the file before its rows (for no rows: all of the file).
std::vector<std::byte> skeleton(const Hdf5Spec& spec, std::span<const Hdf5Part> parts) {
  std::vector<std::byte> bytes;
  Store store;
  store.written = &bytes;
  Handle file = create_store(store);
  for (const auto& [name, value] : spec.attributes) write_attribute(file, name, value);
  std::vector<hsize_t> dims{0};
  dims.insert(dims.end(), spec.shape.dims.begin(), spec.shape.dims.end());
  const hid_t type = type_of(spec.type);
  std::vector<Handle> datasets;
  for (const Hdf5Part& part : parts) {
    dims[0] = part.rows;
    datasets.push_back(create_dataset(file, part.dataset, type, dims));
    write_column_names(datasets.back(), spec.shape.names);
    write_column_words(datasets.back(), spec.shape.words);
  }
  const std::uint64_t row_bytes = spec.shape.columns * size_of(spec.type);
  std::uint64_t next = 0;  // where the rows of the next part begin
  for (std::size_t k = 0; k < parts.size(); ++k) {
    if (parts[k].rows == 0) continue;
    const std::uint64_t offset = allocate(datasets[k], type, dims.size());
    if (next == 0) next = store.kept = offset;
    if (offset != next) throw Hdf5Failure("its data sets do not lie one behind the other");
    next += parts[k].rows * row_bytes;
  }
  for (Handle& dataset : datasets) dataset.close();
  file.close();
  if (next > 0) {
    assert(bytes.size() == store.kept + size_of(spec.type) && "nothing lies behind the rows");
    bytes.resize(store.kept);
  }
  return bytes;
}

class Hdf5Rows : public RowWriter {
 public:
  Hdf5Rows(const std::string& path, bool replace, Hdf5Spec spec)
      : output_(path, replace), spec_(std::move(spec)) {
    if (spec_.shape.dims.empty()) spec_.shape.dims = {spec_.shape.columns};
    if (!spec_.parts.empty()) {
      spec_.shape.rows = 0;
      for (const Hdf5Part& part : spec_.parts) *spec_.shape.rows += part.rows;
    }
    skeleton_of(0);  // what cannot be is told now
    if (!spec_.shape.rows && output_.is_stream()) spool_.emplace(open_unnamed_file(), path);
  }

  void set_words(const Words& words) override {
    if (words == spec_.shape.words) return;
    require(!begun_ || spool_, Exit::failed,
            output_.name() +
                ": words came behind rows that are written; this input goes to text alone, -O csv");
    spec_.shape.words = words;
  }

  void write(std::span<const double> values) override {
    begin();
    const std::size_t columns = spec_.shape.columns;
    assert(values.size() % columns == 0);
    const std::size_t piece = std::max<std::size_t>(1, (std::size_t{1} << 16) / columns) * columns;
    for (std::size_t at = 0; at < values.size(); at += piece)
      write_piece(values.subspan(at, std::min(piece, values.size() - at)));
  }

  void finish() override {
    begin();
    const std::uint64_t promised = spec_.shape.rows.value_or(rows_);
    require(rows_ == promised, Exit::failed,
            output_.name() + ": " + std::to_string(rows_) + " of " + std::to_string(promised) +
                " rows were written; it is left out");
    if (spool_) {
      send_skeleton(rows_);
      send_spool();
    } else if (!spec_.shape.rows) {
      replace_skeleton();
    }
    output_.commit();
  }

 private:
  template <class F>
  auto with_path(F f) const {
    try {
      return f();
    } catch (const Hdf5Failure& e) {
      throw Error(Exit::failed, output_.name() + ": cannot be written as HDF5: " + e.what());
    }
  }

  std::vector<std::byte> skeleton_of(std::uint64_t rows) const {
    const std::vector<Hdf5Part> one{{spec_.dataset, rows}};
    return with_path([&] { return skeleton(spec_, spec_.parts.empty() ? one : spec_.parts); });
  }

  // With the first row: words may be learned until then.
  void begin() {
    if (begun_) return;
    begun_ = true;
    if (!spool_) send_skeleton(spec_.shape.rows.value_or(1));  // as long as that of any number
  }

  void send_skeleton(std::uint64_t rows) {
    const auto bytes = skeleton_of(rows);
    skeleton_bytes_ = bytes.size();
    output_.write(bytes.data(), bytes.size());
  }

  void replace_skeleton() {
    const auto bytes = skeleton_of(rows_);
    assert(bytes.size() == skeleton_bytes_ && "the rows stay where they are");
    output_.rewrite(bytes.data(), bytes.size());
  }

  void write_piece(std::span<const double> values) {
    const std::size_t size = size_of(spec_.type);
    bytes_.resize(values.size() * size);
    with_type(spec_.type, [&](auto number) {
      for (std::size_t i = 0; i < values.size(); ++i) {
        if (!narrow(values[i], number)) refuse(values[i], i);
        std::memcpy(bytes_.data() + i * size, &number, size);
      }
    });
    if (spool_) {
      spool(bytes_);
    } else {
      output_.write(bytes_.data(), bytes_.size());
    }
    rows_ += values.size() / spec_.shape.columns;
  }

  [[noreturn]] void refuse(double value, std::size_t index) const {
    throw Error(Exit::failed, output_.name() + ": row " +
                                  std::to_string(rows_ + index / spec_.shape.columns + 1) + ": " +
                                  shortest(value) +
                                  " does not fit the number type of the file; choose a wider one");
  }

  void spool(std::span<const std::byte> bytes) const {
    write_unnamed(spool_->descriptor(), bytes,
                  output_.name() + ": rows cannot be kept in a temporary file");
  }

  void send_spool() {
    seek_file(spool_->descriptor(), 0);
    bytes_.resize(std::size_t{1} << 18);
    while (const std::size_t n = spool_->read(bytes_.data(), bytes_.size()))
      output_.write(bytes_.data(), n);
  }

  OutputFile output_;
  Hdf5Spec spec_;
  std::optional<Input> spool_;
  std::vector<std::byte> bytes_;
  std::uint64_t rows_ = 0;
  std::size_t skeleton_bytes_ = 0;
  bool begun_ = false;
};

}  // namespace

std::unique_ptr<RowWriter> create_hdf5(const std::string& path, bool replace, Hdf5Spec spec) {
  assert(spec.shape.columns > 0);
  return std::make_unique<Hdf5Rows>(path, replace, std::move(spec));
}

}  // namespace flow
