#include "h5/rows.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "core/aligned.h"
#include "core/error.h"

namespace flow {

namespace {

constexpr std::size_t max_cache_bytes = std::size_t{256} << 20;
constexpr std::size_t sent_numbers = std::size_t{1} << 17;  // at once, by a confined reader

class ContiguousRows : public RowReader {
 public:
  ContiguousRows(Input input, StoredRows stored, std::uint64_t end)
      : input_(std::move(input)),
        stored_(std::move(stored)),
        element_(element_of(stored_.kind)),
        end_(end) {
    if (stored_.rows > 0 && (place_ = input_.skip(stored_.offset)) < stored_.offset)
      refuse_truncated(stored_, 0);
  }

  const RowShape& shape() const override { return stored_.shape; }
  const std::string& name() const override { return stored_.name; }

  std::size_t read(std::span<double> values) override {
    const std::uint64_t room = values.size() / stored_.shape.columns;
    const auto n = static_cast<std::size_t>(std::min(room, stored_.rows - done_));
    // Pieces of about 256 KiB stay in the cache between reading and decoding.
    const std::size_t d = stored_.shape.columns,
                      piece = std::max<std::size_t>(1, (std::size_t{1} << 15) / d);
    for (std::size_t at = 0; at < n; at += piece)
      read_piece(values.subspan(at * d, std::min(piece, n - at) * d));
    if (done_ == stored_.rows && !ended_) end();
    return n;
  }
  bool seeks() const override { return input_.size().has_value(); }
  void seek(std::uint64_t row) override {
    input_.seek(stored_.offset + row * stored_.row_bytes);
    done_ = row;
  }

 private:
  // Without HDF5, which is not made for threads: rows are read ahead in one of their own.
  void read_piece(std::span<double> values) {
    const std::size_t bytes = values.size() * element_.size;
    if (bytes_.size() < bytes) bytes_ = Aligned<std::byte>(bytes);
    const std::size_t got = input_.read(bytes_.data(), bytes);
    place_ += got;
    if (got < bytes) refuse_truncated(stored_, done_ * stored_.row_bytes + got);
    // Integers beyond 2^53 are rounded, as HDF5 rounds those of chunks.
    for (std::size_t at = 0; at < values.size(); ++at)
      at += decode(element_, bytes_.data() + at * element_.size, values.subspan(at));
    done_ += values.size() / stored_.shape.columns;
  }

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
  Element element_;
  Aligned<std::byte> bytes_;  // a page costs memory once its numbers arrive
  std::uint64_t end_, place_ = 0, done_ = 0;
  bool ended_ = false;
};

class ChunkedRows : public RowReader {
 public:
  ChunkedRows(std::optional<Input> input, std::unique_ptr<Store> store, Found found)
      : input_(std::move(input)),
        store_(std::move(store)),
        file_(std::move(found.file)),
        dataset_(std::move(found.dataset)) {
    // Room for all chunks that hold one row, so that none is unpacked twice.
    const Handle access(H5Pcreate(H5P_DATASET_ACCESS), H5Pclose);
    const std::size_t cache =
        std::clamp(dataset_.stored.slab_bytes, std::size_t{1} << 20, max_cache_bytes);
    check(H5Pset_chunk_cache(access, 12421, cache, 1.0));
    std::string path(static_cast<std::size_t>(check(H5Iget_name(dataset_.id, nullptr, 0))), '\0');
    check(H5Iget_name(dataset_.id, path.data(), path.size() + 1));
    dataset_.id = Handle();  // a data set that stays open keeps its first cache
    dataset_.id = Handle(H5Dopen2(file_, path.c_str(), access), H5Dclose);
  }

  const RowShape& shape() const override { return dataset_.stored.shape; }
  const std::string& name() const override { return dataset_.stored.name; }

  std::size_t read(std::span<double> values) override {
    const std::uint64_t room = values.size() / shape().columns;
    const std::uint64_t n = std::min(room, dataset_.stored.rows - done_);
    if (n > 0) with_file_name(name(), [&] { return read_rows(n, values.data()), true; });
    done_ += n;
    return static_cast<std::size_t>(n);
  }

 private:
  void read_rows(std::uint64_t n, double* values) const {
    const Handle space(H5Dget_space(dataset_.id), H5Sclose);
    std::array<hsize_t, 4> first{done_}, count{};
    const int rank = check(H5Sget_simple_extent_dims(space, count.data(), nullptr));
    count[0] = n;
    check(H5Sselect_hyperslab(space, H5S_SELECT_SET, first.data(), nullptr, count.data(), nullptr));
    // Of the same shape: HDF5 maps other shapes number by number.
    const Handle memory(H5Screate_simple(rank, count.data(), nullptr), H5Sclose);
    check(H5Dread(dataset_.id, H5T_NATIVE_DOUBLE, memory, space, H5P_DEFAULT, values));
  }

  std::optional<Input> input_;
  std::unique_ptr<Store> store_;  // before what is open in it
  Handle file_;
  Dataset dataset_;
  std::uint64_t done_ = 0;
};

class TakenRows : public RowReader {
 public:
  TakenRows(std::unique_ptr<ConfinedStream> stream, StoredRows stored)
      : stream_(std::move(stream)), stored_(std::move(stored)) {
    stream_->expect(stored_.slab_bytes + stored_.shape.columns * sizeof(double));
  }

  const RowShape& shape() const override { return stored_.shape; }
  const std::string& name() const override { return stored_.name; }

  std::size_t read(std::span<double> values) override {
    const std::uint64_t room = values.size() / stored_.shape.columns;
    const auto n = static_cast<std::size_t>(std::min(room, stored_.rows - done_));
    stream_->take(std::as_writable_bytes(values.first(n * stored_.shape.columns)));
    done_ += n;
    return n;
  }

 private:
  std::unique_ptr<ConfinedStream> stream_;
  StoredRows stored_;
  std::uint64_t done_ = 0;
};

}  // namespace

std::string bytes_short(std::uint64_t n) {
  return std::to_string(n) + (n == 1 ? " byte" : " bytes") + " short";
}

void refuse_truncated(const StoredRows& d, std::uint64_t held) {
  throw Error(Exit::data, d.name + ": is truncated: " + std::to_string(held / d.row_bytes) +
                              " of " + std::to_string(d.rows) + " rows, " +
                              bytes_short(d.rows * d.row_bytes - held));
}

std::unique_ptr<RowReader> contiguous_rows(Input input, StoredRows stored, std::uint64_t end) {
  return std::make_unique<ContiguousRows>(std::move(input), std::move(stored), end);
}

std::unique_ptr<RowReader> chunked_rows(std::optional<Input> input, std::unique_ptr<Store> store,
                                        Found found) {
  return std::make_unique<ChunkedRows>(std::move(input), std::move(store), std::move(found));
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
  d.shape.integers = is_integer(d.kind);
  d.shape.bytes = is_unsigned_byte(d.kind), d.shape.single = fits_single(d.kind);
  const auto names = stream.take<std::uint64_t>();
  stream.require(names == 0 || names == columns);
  for (std::uint64_t k = 0; k < names; ++k) d.shape.names.push_back(stream.take_text());
  return d;
}

void put_rows(ConfinedSink& sink, RowReader& rows) {
  const std::size_t columns = rows.shape().columns;
  std::vector<double> block(std::max<std::size_t>(1, sent_numbers / columns) * columns);
  while (const std::size_t n = rows.read(block))
    sink.put(std::as_bytes(std::span<const double>(block).first(n * columns)));
}

std::unique_ptr<RowReader> taken_rows(std::unique_ptr<ConfinedStream> stream, StoredRows stored) {
  return std::make_unique<TakenRows>(std::move(stream), std::move(stored));
}

}  // namespace flow
