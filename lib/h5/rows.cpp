#include "h5/rows.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "core/aligned.h"
#include "core/error.h"
#include "h5/columns.h"

namespace flow {

namespace {

constexpr std::size_t max_cache_bytes = std::size_t{256} << 20;
// At once: what stays in the cache between reading and decoding; of HDF5, whose calls cost more.
constexpr std::size_t read_numbers = std::size_t{1} << 15, chunk_numbers = std::size_t{1} << 17;

std::size_t rows_of(const StoredRows& stored, std::size_t numbers) {
  return std::max<std::size_t>(1, numbers / stored.shape.columns);
}

// Numbers of a data set from the bytes that stand for them.
class Numbers {
 public:
  // at_once: how many numbers, about.
  Numbers(const StoredRows& stored, std::size_t at_once)
      : element_(element_of(stored.kind)),
        piece_(rows_of(stored, at_once) * stored.shape.columns) {}

  // fetch(bytes) fills them, some rows at a time.
  template <class F>
  void read(std::span<double> values, F fetch) {
    while (!values.empty()) {
      const std::size_t n = std::min(values.size(), piece_), bytes = n * element_.size;
      if (bytes_.size() < bytes) bytes_ = Aligned<std::byte>(bytes);
      fetch(std::span(bytes_.data(), bytes));
      // Integers beyond 2^53 are rounded.
      for (std::size_t at = 0; at < n; ++at)
        at += decode(element_, bytes_.data() + at * element_.size, values.first(n).subspan(at));
      values = values.subspan(n);
    }
  }

 private:
  Element element_;
  std::size_t piece_;
  Aligned<std::byte> bytes_;  // a page costs memory once its numbers arrive
};

class ContiguousRows : public RowReader {
 public:
  ContiguousRows(Input input, StoredRows stored, std::uint64_t end)
      : input_(std::move(input)),
        stored_(std::move(stored)),
        numbers_(stored_, read_numbers),
        end_(end) {
    if (stored_.rows > 0 && (place_ = input_.skip(stored_.offset)) < stored_.offset)
      refuse_truncated(stored_, 0);
  }

  const RowShape& shape() const override { return stored_.shape; }
  const std::string& name() const override { return stored_.name; }

  // Without HDF5, which is not made for threads: rows are read ahead in one of their own.
  std::size_t read(std::span<double> values) override {
    const std::uint64_t room = values.size() / stored_.shape.columns;
    const auto n = static_cast<std::size_t>(std::min(room, stored_.rows - done_));
    std::uint64_t held = done_ * stored_.row_bytes;
    numbers_.read(values.first(n * stored_.shape.columns), [&](std::span<std::byte> bytes) {
      const std::size_t got = input_.read(bytes.data(), bytes.size());
      place_ += got, held += got;
      if (got < bytes.size()) refuse_truncated(stored_, held);
    });
    done_ += n;
    if (done_ == stored_.rows && !ended_) end();
    return n;
  }
  bool seeks() const override { return input_.size().has_value(); }
  void seek(std::uint64_t row) override {
    input_.seek(stored_.offset + row * stored_.row_bytes);
    done_ = row;
  }

 private:
  // A pipe is read to its end, lest its writer be stopped, and so that what is cut off behind the
  // rows is noticed as it is in a file.
  void end() {
    ended_ = true;
    if (input_.size()) return;
    while (const std::uint64_t n = input_.skip(std::uint64_t{1} << 20)) place_ += n;
    require(place_ >= end_, Exit::data,
            input_.name() + ": is truncated behind the rows of " + stored_.name + ", " +
                bytes_short(end_ - place_));
  }

  Input input_;
  StoredRows stored_;
  Numbers numbers_;
  std::uint64_t end_, place_ = 0, done_ = 0;
  bool ended_ = false;
};

// The rows of chunks, as they are stored: HDF5 converts numbers one by one, decode many at a time.
class Chunks {
 public:
  Chunks(std::unique_ptr<Store> store, Found found)
      : store_(std::move(store)),
        file_(std::move(found.file)),
        dataset_(std::move(found.dataset)),
        type_(number_type(stored().kind)) {
    // Room for all chunks that hold one row, so that none is unpacked twice.
    const Handle access(H5Pcreate(H5P_DATASET_ACCESS), H5Pclose);
    const std::size_t cache =
        std::clamp(stored().slab_bytes, std::size_t{1} << 20, max_cache_bytes);
    check(H5Pset_chunk_cache(access, 12421, cache, 1.0));
    std::string path(static_cast<std::size_t>(check(H5Iget_name(dataset_.id, nullptr, 0))), '\0');
    check(H5Iget_name(dataset_.id, path.data(), path.size() + 1));
    dataset_.id = Handle();  // a data set that stays open keeps its first cache
    dataset_.id = Handle(H5Dopen2(file_, path.c_str(), access), H5Dclose);
  }

  const StoredRows& stored() const { return dataset_.stored; }
  void read(std::uint64_t first, std::uint64_t n, std::byte* to) const {
    const Handle space(H5Dget_space(dataset_.id), H5Sclose);
    std::array<hsize_t, 4> start{first}, count{};
    const int rank = check(H5Sget_simple_extent_dims(space, count.data(), nullptr));
    count[0] = n;
    check(H5Sselect_hyperslab(space, H5S_SELECT_SET, start.data(), nullptr, count.data(), nullptr));
    // Of the same shape: HDF5 maps other shapes number by number.
    const Handle memory(H5Screate_simple(rank, count.data(), nullptr), H5Sclose);
    check(H5Dread(dataset_.id, type_, memory, space, H5P_DEFAULT, to));
  }

 private:
  std::unique_ptr<Store> store_;  // before what is open in it
  Handle file_;
  Hdf5Dataset dataset_;
  Handle type_;
};

class ChunkedRows : public RowReader {
 public:
  ChunkedRows(Input input, Chunks chunks)
      : input_(std::move(input)),
        chunks_(std::move(chunks)),
        numbers_(chunks_.stored(), chunk_numbers) {}

  const RowShape& shape() const override { return chunks_.stored().shape; }
  const std::string& name() const override { return chunks_.stored().name; }

  std::size_t read(std::span<double> values) override {
    const std::uint64_t room = values.size() / shape().columns;
    const std::uint64_t n = std::min(room, chunks_.stored().rows - done_);
    with_file_name(name(), [&] {
      numbers_.read(values.first(n * shape().columns), [&](std::span<std::byte> bytes) {
        const std::uint64_t rows = bytes.size() / chunks_.stored().row_bytes;
        chunks_.read(done_, rows, bytes.data());
        done_ += rows;
      });
      return true;
    });
    return static_cast<std::size_t>(n);
  }

 private:
  Input input_;
  Chunks chunks_;
  Numbers numbers_;
  std::uint64_t done_ = 0;
};

class TakenRows : public RowReader {
 public:
  TakenRows(std::unique_ptr<ConfinedStream> stream, StoredRows stored)
      : stream_(std::move(stream)), stored_(std::move(stored)), numbers_(stored_, read_numbers) {
    stream_->expect(stored_.slab_bytes + stored_.row_bytes);
  }

  const RowShape& shape() const override { return stored_.shape; }
  const std::string& name() const override { return stored_.name; }

  std::size_t read(std::span<double> values) override {
    const std::uint64_t room = values.size() / stored_.shape.columns;
    const auto n = static_cast<std::size_t>(std::min(room, stored_.rows - done_));
    numbers_.read(values.first(n * stored_.shape.columns),
                  [&](std::span<std::byte> bytes) { stream_->take(bytes); });
    done_ += n;
    return n;
  }

 private:
  std::unique_ptr<ConfinedStream> stream_;
  StoredRows stored_;
  Numbers numbers_;
  std::uint64_t done_ = 0;
};

}  // namespace

std::string bytes_short(std::uint64_t n) {
  return std::to_string(n) + (n == 1 ? " byte" : " bytes") + " short; make the file again";
}

void refuse_truncated(const StoredRows& d, std::uint64_t held) {
  throw Error(Exit::data, d.name + ": is truncated: " + std::to_string(held / d.row_bytes) +
                              " of " + std::to_string(d.rows) + " rows, " +
                              bytes_short(d.rows * d.row_bytes - held));
}

std::unique_ptr<RowReader> contiguous_rows(Input input, StoredRows stored, std::uint64_t end) {
  return std::make_unique<ContiguousRows>(std::move(input), std::move(stored), end);
}

std::unique_ptr<RowReader> chunked_rows(Input input, std::unique_ptr<Store> store, Found found) {
  return std::make_unique<ChunkedRows>(std::move(input),
                                       Chunks(std::move(store), std::move(found)));
}

void put_found(ConfinedSink& sink, const StoredRows& d, std::uint64_t end) {
  sink.put(d.name);
  sink.put(std::uint64_t{d.kind});
  sink.put(d.rows);
  sink.put(std::uint8_t{d.contiguous});
  sink.put(d.offset);
  sink.put(end);
  sink.put(std::uint64_t{d.slab_bytes});
  sink.put(std::uint64_t{d.shape.dims.size()});
  for (const std::size_t n : d.shape.dims) sink.put(std::uint64_t{n});
  sink.put(std::uint64_t{d.shape.names.size()});
  for (const std::string& n : d.shape.names) sink.put(n);
  sink.put(std::uint64_t{d.shape.words.size()});
  for (const std::vector<std::string>& words : d.shape.words) {
    sink.put(std::uint64_t{words.size()});
    for (const std::string& w : words) sink.put(w);
  }
  sink.flush();
}

StoredRows take_found(ConfinedStream& stream, std::uint64_t max_bytes, std::uint64_t& end) {
  StoredRows d;
  d.name = stream.take_text();
  d.kind = static_cast<std::size_t>(stream.take<std::uint64_t>());
  stream.require(d.kind < number_kinds);
  d.rows = stream.take<std::uint64_t>();
  d.contiguous = stream.take<std::uint8_t>() != 0;
  d.offset = stream.take<std::uint64_t>();
  end = stream.take<std::uint64_t>();
  d.slab_bytes = static_cast<std::size_t>(stream.take<std::uint64_t>());
  const auto rank = stream.take<std::uint64_t>();
  stream.require(rank >= 1 && rank <= 3);
  std::uint64_t columns = 1;
  for (std::uint64_t k = 0; k < rank; ++k) {
    const auto n = stream.take<std::uint64_t>();
    stream.require(n >= 1 && n <= max_bytes / sizeof(double) / columns);
    d.shape.dims.push_back(static_cast<std::size_t>(n));
    columns *= n;
  }
  d.shape.columns = static_cast<std::size_t>(columns);
  d.row_bytes = columns * number_bytes(d.kind);
  stream.require(d.rows <= max_bytes / d.row_bytes);
  d.shape.rows = d.rows;
  d.shape.format = "HDF5";
  d.shape.integers = is_integer(d.kind);
  d.shape.bytes = is_unsigned_byte(d.kind), d.shape.single = fits_single(d.kind);
  const auto names = stream.take<std::uint64_t>();
  stream.require(names == 0 || names == columns);
  for (std::uint64_t k = 0; k < names; ++k) d.shape.names.push_back(stream.take_text());
  const auto words = stream.take<std::uint64_t>();
  stream.require(words == 0 || words == names);
  d.shape.words.resize(words);
  for (std::vector<std::string>& of_column : d.shape.words) {
    const auto n = stream.take<std::uint64_t>();
    stream.require(n <= most_words);
    for (std::uint64_t k = 0; k < n; ++k) of_column.push_back(stream.take_text());
  }
  return d;
}

void put_found_and_rows(ConfinedSink& sink, std::unique_ptr<Store> store, Found found) {
  put_found(sink, found.dataset.stored, found.end);
  if (found.dataset.stored.contiguous) return;
  const Chunks chunks(std::move(store), std::move(found));
  const StoredRows& stored = chunks.stored();
  const std::uint64_t at_once = rows_of(stored, chunk_numbers);
  for (std::uint64_t at = 0; at < stored.rows; at += at_once) {
    const std::uint64_t n = std::min(at_once, stored.rows - at);
    sink.fill(n * stored.row_bytes, [&](std::byte* to) { chunks.read(at, n, to); });
  }
}

std::unique_ptr<RowReader> taken_rows(std::unique_ptr<ConfinedStream> stream, StoredRows stored) {
  return std::make_unique<TakenRows>(std::move(stream), std::move(stored));
}

}  // namespace flow
