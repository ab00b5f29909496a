// A tree of named arrays and texts in one HDF5 file, whole or refused: what a model file is made
// of. Each data set is contiguous and carries an attribute `sha256` of its little-endian bytes; the
// root carries `digest`, over everything: the SHA-256 of these lines, sorted by bytes,
//   name NUL type NUL dims NUL sha256 LF     for a data set: "/a/b", f32 | f64 | i64 | text, "3,4"
//   @name NUL type NUL value LF              for an attribute of the root: text | i64
// A text is a scalar of UTF-8, NUL-padded, at least one byte long.
#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "core/output.h"

namespace flow {

enum class ArchiveType { f32, f64, i64, text };

struct ArchiveEntry {
  ArchiveType type;
  std::vector<std::size_t> dims;  // empty: a scalar
  std::vector<std::byte> bytes;   // little-endian, row by row
  std::string sha256;             // of the bytes, taken once by who made or verified them
};

// Everything in an archive, by name; names of data sets are absolute: "/a/b".
struct ArchiveContent {
  std::map<std::string, ArchiveEntry> entries;
  std::map<std::string, std::variant<std::string, std::int64_t>> attributes;  // of the root
};

std::string archive_digest(const ArchiveContent& content);

// Collects, and writes at finish: the file is read back and its digest verified before it gets its
// final name. Error(Exit::failed) for what goes wrong in writing. A name given twice is an assert.
class ArchiveWriter {
 public:
  // As OutputFile: "-" is stdout, an existing file is refused unless replace is set.
  ArchiveWriter(const std::string& path, bool replace);

  void attribute(const std::string& name, std::string value);  // holds no NUL
  void attribute(const std::string& name, std::int64_t value);
  void text(const std::string& name, const std::string& value);  // ends not in NUL
  using Dims = std::vector<std::size_t>;  // their product is the size of values
  void array(const std::string& name, const Dims& dims, std::span<const float> values);
  void array(const std::string& name, const Dims& dims, std::span<const double> values);
  void array(const std::string& name, const Dims& dims, std::span<const std::int64_t> values);
  void finish();

 private:
  OutputFile output_;
  ArchiveContent content_;
};

// An archive in memory, digests verified. All errors are Error(Exit::model) that name the file and
// the data set.
class Archive {
 public:
  // Libhdf5 sees the file in a confined child only (h5/confined.h), unless it is trusted.
  static Archive open(const std::string& path, bool trusted = false);
  // One that another program wrote: no digests, and texts may be ASCII. Its kinds of numbers are
  // those of an archive.
  static Archive open_foreign(const std::string& path, bool trusted = false);
  // Of this process's own making: libhdf5 reads them here.
  static Archive from_bytes(std::span<const std::byte> file, const std::string& name);

  std::vector<std::string> names() const;  // of all data sets, sorted
  bool has(const std::string& name) const;
  const std::vector<std::size_t>& dims(const std::string& name) const;
  std::string text(const std::string& name) const;
  // T: float, double (from f32 or f64, rounded where need be) or std::int64_t (from i64).
  template <class T>
  std::vector<T> array(const std::string& name) const;

  bool has_attribute(const std::string& name) const { return content_.attributes.contains(name); }
  const std::string& text_attribute(const std::string& name) const;
  std::int64_t integer_attribute(const std::string& name) const;
  // The digest over everything: it names this content.
  std::string digest() const { return archive_digest(content_); }

 private:
  Archive(std::string file, ArchiveContent content)
      : file_(std::move(file)), content_(std::move(content)) {}
  const ArchiveEntry& entry(const std::string& name) const;

  std::string file_;
  ArchiveContent content_;
};

}  // namespace flow
