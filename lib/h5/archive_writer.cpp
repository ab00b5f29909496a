#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <cstring>

#include "core/error.h"
#include "core/input.h"
#include "h5/archive.h"
#include "h5/archive_reader.h"
#include "h5/archive_type.h"
#include "h5/create.h"
#include "h5/sha256.h"
#include "h5/store.h"

namespace flow {

namespace {

void write_entry(hid_t file, const std::string& name, const ArchiveEntry& entry) {
  const std::vector<hsize_t> dims(entry.dims.begin(), entry.dims.end());
  const Handle type = stored_type(entry.type, entry.bytes.size());
  Handle dataset = create_dataset(file, name, type, dims);
  write_attribute(dataset, "sha256", entry.sha256);
  if (!entry.bytes.empty())
    check(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, entry.bytes.data()));
  dataset.close();
}

std::vector<std::byte> archive_bytes(const ArchiveContent& content) {
  std::vector<std::byte> bytes;
  std::size_t size = 0;
  for (const auto& [name, entry] : content.entries) size += entry.bytes.size();
  bytes.reserve(size + 65536);  // and what HDF5 puts between them
  Store store;
  store.written = &bytes;
  Handle file = create_store(store);
  for (const auto& [name, value] : content.attributes) {
    if (const std::string* text = std::get_if<std::string>(&value))
      write_attribute(file, name, *text);
    else
      write_attribute(file, name, std::get<std::int64_t>(value));
  }
  write_attribute(file, "digest", archive_digest(content));
  for (const auto& [name, entry] : content.entries) write_entry(file, name, entry);
  file.close();
  return bytes;
}

[[maybe_unused]] std::size_t product(const std::vector<std::size_t>& dims) {
  std::size_t n = 1;
  for (const std::size_t d : dims) n *= d;
  return n;
}

std::string absolute(const std::string& name) { return name.starts_with('/') ? name : '/' + name; }

void add(ArchiveContent& content, const std::string& name, ArchiveEntry entry) {
  entry.sha256 = sha256_hex(entry.bytes);
  [[maybe_unused]] const bool added =
      content.entries.emplace(absolute(name), std::move(entry)).second;
  assert(added);
}

template <class T>
void add_array(ArchiveContent& content, const std::string& name, ArchiveType type, hid_t native,
               const std::vector<std::size_t>& dims, std::span<const T> values) {
  assert(product(dims) == values.size());
  const auto bytes = std::as_bytes(values);
  ArchiveEntry e{type, dims, {bytes.begin(), bytes.end()}, {}};
  check(H5Tconvert(native, stored_type(type, 0), values.size(), e.bytes.data(), nullptr,
                   H5P_DEFAULT));
  add(content, name, std::move(e));
}

// Whether a file has these bytes and can be read.
bool holds(int descriptor, std::span<const std::byte> bytes) {
  std::vector<std::byte> piece(std::size_t{1} << 20);
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t wanted = std::min(piece.size(), bytes.size() - at);
    const ssize_t n = pread(descriptor, piece.data(), wanted, static_cast<off_t>(at));
    if (n <= 0 || std::memcmp(piece.data(), bytes.data() + at, static_cast<std::size_t>(n)) != 0)
      return false;
    at += static_cast<std::size_t>(n);
  }
  return true;
}

}  // namespace

ArchiveWriter::ArchiveWriter(const std::string& path, bool replace) : output_(path, replace) {
  start_hdf5();
}

void ArchiveWriter::attribute(const std::string& name, std::string value) {
  content_.attributes[name] = std::move(value);
}

void ArchiveWriter::attribute(const std::string& name, std::int64_t value) {
  content_.attributes[name] = value;
}

void ArchiveWriter::text(const std::string& name, const std::string& value) {
  assert(!value.ends_with('\0'));
  const std::string stored = value.empty() ? std::string(1, '\0') : value;
  const auto bytes = std::as_bytes(std::span(stored));
  add(content_, name, {ArchiveType::text, {}, {bytes.begin(), bytes.end()}, {}});
}

void ArchiveWriter::array(const std::string& name, const Dims& dims, std::span<const float> v) {
  add_array(content_, name, ArchiveType::f32, H5T_NATIVE_FLOAT, dims, v);
}

void ArchiveWriter::array(const std::string& name, const Dims& dims, std::span<const double> v) {
  add_array(content_, name, ArchiveType::f64, H5T_NATIVE_DOUBLE, dims, v);
}

void ArchiveWriter::array(const std::string& name, const Dims& dims,
                          std::span<const std::int64_t> v) {
  add_array(content_, name, ArchiveType::i64, H5T_NATIVE_INT64, dims, v);
}

void ArchiveWriter::finish() {
  std::vector<std::byte> bytes;
  try {
    bytes = archive_bytes(content_);
  } catch (const Hdf5Failure& e) {
    throw Error(Exit::failed, output_.name() + ": cannot be written as HDF5: " + e.what());
  }
  // What is read back proves the bytes, and that they are those on the disk.
  require(holds_archive({.memory = bytes, .size = bytes.size()}, output_.name(), content_),
          Exit::failed, output_.name() + ": reads back other than it was made");
  output_.write(bytes.data(), bytes.size());
  if (!output_.is_stream()) {
    output_.sync();
    require(holds(output_.descriptor(), bytes), Exit::failed,
            output_.name() + ": reads back other than it was written; check the disk");
  }
  output_.commit();
}

}  // namespace flow
