#include "h5/reader.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <string_view>
#include <utility>

#include "core/error.h"
#include "h5/dataset.h"
#include "h5/store.h"

namespace flow {

namespace {

constexpr std::size_t head_bytes = std::size_t{256} << 10;  // metadata of a pipe are sought in it
constexpr std::size_t max_cache_bytes = std::size_t{256} << 20;

std::string bytes_short(std::uint64_t n) {
  return std::to_string(n) + (n == 1 ? " byte" : " bytes") + " short";
}

[[noreturn]] void refuse_truncated(const Dataset& d, std::uint64_t held) {
  throw Error(Exit::data, d.name + ": is truncated: " + std::to_string(held / d.row_bytes) +
                              " of " + std::to_string(d.rows) + " rows, " +
                              bytes_short(d.rows * d.row_bytes - held));
}

// HDF5's own words name no file.
template <class F>
auto with_file_name(const std::string& file, F f) {
  try {
    return f();
  } catch (const Hdf5Failure& e) {
    throw Error(Exit::data, file + ": cannot be read as HDF5: " + e.what());
  }
}

// Rows in one piece: from the bytes themselves, whether file or pipe. HDF5 only converts.
class ContiguousRows : public RowReader {
 public:
  // The input stands at the file's first byte; end: of the file, as it says itself.
  ContiguousRows(Input input, Dataset dataset, std::uint64_t end)
      : input_(std::move(input)), dataset_(std::move(dataset)), end_(end) {
    dataset_.id = Handle();
    if (dataset_.rows > 0 && (place_ = input_.skip(dataset_.offset)) < dataset_.offset)
      refuse_truncated(dataset_, 0);
  }

  const RowShape& shape() const override { return dataset_.shape; }
  const std::string& name() const override { return dataset_.name; }

  std::size_t read(std::span<double> values) override {
    const std::uint64_t room = values.size() / dataset_.shape.columns;
    const auto n = static_cast<std::size_t>(std::min(room, dataset_.rows - done_));
    const std::size_t bytes = n * static_cast<std::size_t>(dataset_.row_bytes);
    const std::size_t got = input_.read(values.data(), bytes);
    place_ += got;
    if (got < bytes) refuse_truncated(dataset_, done_ * dataset_.row_bytes + got);
    convert(values.data(), n * dataset_.shape.columns);
    done_ += n;
    if (done_ == dataset_.rows && !ended_) end();
    return n;
  }

 private:
  // Numbers of up to 8 bytes grow to doubles in place.
  void convert(double* values, std::size_t count) const {
    with_file_name(dataset_.name, [&] {
      return check(
          H5Tconvert(dataset_.type, H5T_NATIVE_DOUBLE, count, values, nullptr, H5P_DEFAULT));
    });
  }

  // A pipe is read to its end, lest its writer be stopped, and so that what is cut off behind the
  // rows is noticed as it is in a file.
  void end() {
    ended_ = true;
    if (input_.size()) return;
    while (const std::uint64_t n = input_.skip(std::uint64_t{1} << 20)) place_ += n;
    require(place_ >= end_, Exit::data,
            input_.name() + ": is truncated behind the rows of " + dataset_.name + ", " +
                bytes_short(end_ - place_));
  }

  Input input_;
  Dataset dataset_;
  std::uint64_t end_, place_ = 0, done_ = 0;
  bool ended_ = false;
};

// Rows in chunks, packed or not: through HDF5.
class ChunkedRows : public RowReader {
 public:
  ChunkedRows(Input input, std::unique_ptr<Store> store, Handle file, Dataset dataset,
              const std::string& path)
      : input_(std::move(input)),
        store_(std::move(store)),
        file_(std::move(file)),
        dataset_(std::move(dataset)) {
    // Room for all chunks that hold one row, so that none is unpacked twice.
    const Handle access(H5Pcreate(H5P_DATASET_ACCESS), H5Pclose);
    const std::size_t cache =
        std::clamp(dataset_.slab_bytes, std::size_t{1} << 20, max_cache_bytes);
    check(H5Pset_chunk_cache(access, 12421, cache, 1.0));
    dataset_.id = Handle();  // a data set that stays open keeps its first cache
    dataset_.id = Handle(H5Dopen2(file_, path.c_str(), access), H5Dclose);
  }

  const RowShape& shape() const override { return dataset_.shape; }
  const std::string& name() const override { return dataset_.name; }

  std::size_t read(std::span<double> values) override {
    const std::uint64_t room = values.size() / dataset_.shape.columns;
    const std::uint64_t n = std::min(room, dataset_.rows - done_);
    if (n > 0) with_file_name(dataset_.name, [&] { return read_rows(n, values.data()), true; });
    done_ += n;
    return static_cast<std::size_t>(n);
  }

 private:
  void read_rows(std::uint64_t n, double* values) const {
    const Handle space(H5Dget_space(dataset_.id), H5Sclose);
    std::array<hsize_t, 4> first{done_}, count{};
    check(H5Sget_simple_extent_dims(space, count.data(), nullptr));
    count[0] = n;
    check(H5Sselect_hyperslab(space, H5S_SELECT_SET, first.data(), nullptr, count.data(), nullptr));
    const hsize_t numbers = n * dataset_.shape.columns;
    const Handle memory(H5Screate_simple(1, &numbers, nullptr), H5Sclose);
    check(H5Dread(dataset_.id, H5T_NATIVE_DOUBLE, memory, space, H5P_DEFAULT, values));
  }

  Input input_;
  std::unique_ptr<Store> store_;  // before what is open in it
  Handle file_;
  Dataset dataset_;
  std::uint64_t done_ = 0;
};

// From the head of a pipe; nothing when that does not do.
std::unique_ptr<RowReader> open_stream(Input& input, const DatasetChoice& choice) {
  Store store;
  store.memory = input.peek(head_bytes);
  store.size = store.memory.size();
  try {
    const Handle file = open_store(store);
    const std::string path = choose_dataset(file, input.name(), choice);
    Dataset dataset = open_dataset(file, input.name(), path, choice.max_bytes);
    if (store.beyond || !dataset.contiguous) return nullptr;
    return std::make_unique<ContiguousRows>(std::move(input), std::move(dataset), store.declared);
  } catch (const Hdf5Failure&) {
    return nullptr;
  } catch (const Error&) {
    if (!store.beyond) throw;  // else the whole file may hold what its head lacks
    return nullptr;
  }
}

[[noreturn]] void refuse_cut_off(const Store& store, const std::string& name) {
  throw Error(Exit::data, name + ": is truncated, " + bytes_short(store.declared - store.size));
}

std::unique_ptr<RowReader> open_file(Input input, const DatasetChoice& choice) {
  auto store = std::make_unique<Store>();
  store->descriptor = input.descriptor();
  store->size = *input.size();
  Handle file;
  std::string path;
  Dataset d;
  try {
    file = open_store(*store);
    path = choose_dataset(file, input.name(), choice);
    d = open_dataset(file, input.name(), path, choice.max_bytes);
  } catch (const std::runtime_error&) {  // what is said of a cut-off file does not help
    if (store->beyond && store->declared > store->size) refuse_cut_off(*store, input.name());
    throw;
  }
  const std::uint64_t size = store->size, bytes = d.rows * d.row_bytes;
  if (d.contiguous && (d.offset > size || bytes > size - d.offset))
    refuse_truncated(d, d.offset < size ? size - d.offset : 0);
  if (store->declared > size) refuse_cut_off(*store, input.name());
  if (d.contiguous)
    return std::make_unique<ContiguousRows>(std::move(input), std::move(d), store->declared);
  return std::make_unique<ChunkedRows>(std::move(input), std::move(store), std::move(file),
                                       std::move(d), path);
}

}  // namespace

DatasetName split_dataset(const std::string& operand) {
  const std::size_t colon = operand.rfind(":/");
  if (colon == std::string::npos || colon == 0 || access(operand.c_str(), F_OK) == 0)
    return {operand, ""};
  return {operand.substr(0, colon), operand.substr(colon + 1)};
}

bool is_hdf5(std::span<const std::byte> head) {
  constexpr std::string_view signature = "\x89HDF\r\n\x1a\n";
  const std::string_view text(reinterpret_cast<const char*>(head.data()), head.size());
  // A user block of 512 bytes, or a power of two more, may stand in front.
  for (std::size_t at = 0; at < text.size(); at = at ? 2 * at : 512)
    if (text.substr(at).starts_with(signature)) return true;
  return false;
}

std::unique_ptr<RowReader> open_hdf5(Input input, const DatasetChoice& choice) {
  const std::string name = input.name();
  return with_file_name(name, [&]() -> std::unique_ptr<RowReader> {
    if (!input.size())
      if (auto reader = open_stream(input, choice)) return reader;
    return open_file(spooled(std::move(input)), choice);
  });
}

std::vector<std::string> hdf5_datasets(const std::string& path) {
  const Input input = open_input(path);
  require(input.size().has_value(), Exit::data,
          input.name() + ": is no regular file; its data sets cannot be listed");
  return with_file_name(input.name(), [&] {
    Store store;
    store.descriptor = input.descriptor();
    store.size = *input.size();
    const Handle file = open_store(store);
    return number_datasets(file, "/");
  });
}

}  // namespace flow
