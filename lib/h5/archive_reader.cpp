#include "h5/archive_reader.h"

#include <algorithm>
#include <array>

#include "h5/archive_type.h"
#include "h5/columns.h"
#include "h5/dataset.h"
#include "h5/sha256.h"

namespace flow {

namespace {

using Names = std::vector<std::string>;
using Value = std::variant<std::string, std::int64_t>;

herr_t collect_dataset(hid_t, const char* name, const H5O_info_t* info, void* names) {
  if (info->type == H5O_TYPE_DATASET) static_cast<Names*>(names)->emplace_back(name);
  return static_cast<Names*>(names)->size() < 100000 ? 0 : -1;
}

herr_t collect_attribute(hid_t, const char* name, const H5A_info_t*, void* names) {
  static_cast<Names*>(names)->emplace_back(name);
  return 0;
}

ArchiveType type_of(hid_t dataset_type, Origin origin, const Place& place) {
  const std::size_t size = H5Tget_size(dataset_type);
  for (const ArchiveType t : {ArchiveType::f32, ArchiveType::f64, ArchiveType::i64})
    if (check(H5Tequal(dataset_type, stored_type(t, 0))) > 0) return t;
  const bool text = origin == Origin::own
                        ? check(H5Tequal(dataset_type, stored_type(ArchiveType::text, size))) > 0
                        : H5Tget_class(dataset_type) == H5T_STRING &&
                              check(H5Tis_variable_str(dataset_type)) == 0;
  place.require(text, "has a type that no model holds; the file is damaged or of another program");
  return ArchiveType::text;
}

// Takes the size of an entry from what is left of the file's bytes: a bound for what is allocated.
std::size_t claim(std::uint64_t& left, std::uint64_t element, std::span<const std::size_t> dims,
                  const Place& place) {
  std::uint64_t bytes = element;
  bool fits = true;
  for (const std::size_t n : dims) {
    fits = fits && (n == 0 || bytes <= left / n);
    bytes *= n;
  }
  place.require(fits && bytes <= left, "is larger than the file; the file is damaged");
  left -= bytes;
  return static_cast<std::size_t>(bytes);
}

struct StoredEntry {
  std::string name;
  std::uint64_t element;  // bytes of one number, or of one text
  ArchiveEntry entry;
  std::string sha256;  // as the file says
};

StoredEntry read_entry(hid_t file, Origin origin, const Place& place, std::uint64_t& left) {
  const Handle dataset(H5Dopen2(file, place.name.c_str(), H5P_DEFAULT), H5Dclose);
  const Handle creation(H5Dget_create_plist(dataset), H5Pclose);
  place.require(foreign_storage(creation).empty() && H5Pget_layout(creation) == H5D_CONTIGUOUS,
                "is not stored in one piece; the file is damaged or was repacked");
  const Handle type(H5Dget_type(dataset), H5Tclose);
  const Handle space(H5Dget_space(dataset), H5Sclose);
  std::array<hsize_t, H5S_MAX_RANK> extent{};
  const auto rank =
      static_cast<std::size_t>(check(H5Sget_simple_extent_dims(space, extent.data(), nullptr)));
  place.require(H5Sget_simple_extent_type(space) != H5S_NULL, "is empty; the file is damaged");
  StoredEntry e{place.name, H5Tget_size(type), {type_of(type, origin, place), {}, {}, {}}, {}};
  e.entry.dims.assign(extent.begin(), extent.begin() + static_cast<std::ptrdiff_t>(rank));
  e.entry.bytes.resize(claim(left, e.element, e.entry.dims, place));
  if (!e.entry.bytes.empty())
    check(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, e.entry.bytes.data()));
  const Names digest = string_attribute(dataset, "sha256");
  if (digest.size() == 1) e.sha256 = digest[0];
  return e;
}

Value read_attribute(hid_t file, const Place& place) {
  const Names texts = string_attribute(file, place.name.c_str());
  if (texts.size() == 1) return texts[0];
  const Handle attribute(H5Aopen(file, place.name.c_str(), H5P_DEFAULT), H5Aclose);
  const Handle type(H5Aget_type(attribute), H5Tclose);
  const Handle space(H5Aget_space(attribute), H5Sclose);
  place.require(
      H5Sget_simple_extent_npoints(space) == 1 && check(H5Tequal(type, H5T_STD_I64LE)) > 0,
      "is an attribute that no model has; the file is damaged or of another program");
  std::int64_t value = 0;
  check(H5Aread(attribute, H5T_NATIVE_INT64, &value));
  return value;
}

// Hands each part to `parts`, as it is stored.
template <class Parts>
void read_parts(Store& store, Origin origin, const std::string& name, Parts& parts) {
  try {
    const Handle file = open_store(store);
    Names attributes, datasets;
    hsize_t index = 0;
    check(H5Aiterate2(file, H5_INDEX_NAME, H5_ITER_INC, &index, collect_attribute, &attributes));
    if (origin == Origin::own)
      for (const std::string& a : attributes) parts.attribute(a, read_attribute(file, {name, a}));
    check(H5Ovisit2(file, H5_INDEX_NAME, H5_ITER_INC, collect_dataset, &datasets, H5O_INFO_BASIC));
    std::uint64_t left = store.size;
    for (const std::string& d : datasets)
      parts.entry(read_entry(file, origin, {name, "/" + d}, left));
  } catch (const Hdf5Failure& e) {
    if (store.declared > store.size)
      Place{name, ""}.fail("is truncated, " + std::to_string(store.declared - store.size) +
                           " bytes short; copy it again");
    Place{name, ""}.fail(std::string("cannot be read as a model: ") + e.what());
  }
}

// Believes nothing of its own but what has its digest.
class Verified {
 public:
  Verified(std::string file, Origin origin) : file_(std::move(file)), origin_(origin) {}

  void attribute(const std::string& name, Value value) {
    if (name != "digest") {
      content_.attributes[name] = std::move(value);
    } else if (const std::string* text = std::get_if<std::string>(&value)) {
      digest_ = *text;
    }
  }
  void entry(StoredEntry e) {
    require_digest();
    // The digest over everything would tell, but not where the damage is.
    e.entry.sha256 = sha256_hex(e.entry.bytes);
    Place{file_, e.name}.require(origin_ == Origin::foreign || e.sha256 == e.entry.sha256,
                                 "digest does not match; the file is damaged");
    content_.entries.emplace(std::move(e.name), std::move(e.entry));
  }
  ArchiveContent finish() {
    require_digest();
    Place{file_, ""}.require(origin_ == Origin::foreign || digest_ == archive_digest(content_),
                             "digest does not match; the file is damaged");
    return std::move(content_);
  }

 private:
  void require_digest() const {
    Place{file_, ""}.require(origin_ == Origin::foreign || !digest_.empty(),
                             "has no digest, so is no model; flow-train writes one");
  }
  std::string file_, digest_;
  Origin origin_;
  ArchiveContent content_;
};

// Whether it is another content, number by number: the digest of what is equal need not be taken
// again.
class Compared {
 public:
  explicit Compared(const ArchiveContent& content) : content_(content) {}

  void attribute(const std::string& name, Value value) {
    if (name == "digest")
      digest_ = std::move(value);
    else
      found_.attributes[name] = std::move(value);
  }
  void entry(const StoredEntry& e) {
    const auto meant = content_.entries.find(e.name);
    same_ = same_ && meant != content_.entries.end() && e.entry.bytes == meant->second.bytes;
    found_.entries[e.name] = {e.entry.type, e.entry.dims, {}, e.sha256};
  }
  bool finish() const {
    const std::string digest = archive_digest(content_);
    return same_ && digest_ == Value(digest) && archive_digest(found_) == digest;
  }

 private:
  const ArchiveContent& content_;
  ArchiveContent found_;  // without its numbers
  Value digest_;
  bool same_ = true;
};

enum class Part : std::uint8_t { text, integer, entry, end };

class Sent {
 public:
  explicit Sent(ConfinedSink& sink) : sink_(sink) {}

  void attribute(const std::string& name, const Value& value) {
    const std::string* text = std::get_if<std::string>(&value);
    part(text ? Part::text : Part::integer, name);
    if (text)
      sink_.put(*text);
    else
      sink_.put(std::get<std::int64_t>(value));
  }
  void entry(const StoredEntry& e) {
    part(Part::entry, e.name);
    sink_.put(e.sha256);
    sink_.put(static_cast<std::uint8_t>(e.entry.type));
    sink_.put(std::uint64_t{e.entry.dims.size()});
    for (const std::size_t n : e.entry.dims) sink_.put(std::uint64_t{n});
    sink_.put(e.element);
    sink_.put(e.entry.bytes);
  }
  void end() { part(Part::end, ""); }

 private:
  void part(Part kind, const std::string& name) {
    sink_.put(static_cast<std::uint8_t>(kind));
    sink_.put(name);
  }
  ConfinedSink& sink_;
};

StoredEntry take_entry(ConfinedStream& stream, const Place& place, std::uint64_t& left) {
  StoredEntry e{place.name, 0, {}, stream.take_text()};
  const auto type = stream.take<std::uint8_t>();
  stream.require(type <= static_cast<std::uint8_t>(ArchiveType::text));
  e.entry.type = static_cast<ArchiveType>(type);
  const auto rank = stream.take<std::uint64_t>();
  stream.require(rank <= H5S_MAX_RANK);
  for (std::uint64_t k = 0; k < rank; ++k)
    e.entry.dims.push_back(static_cast<std::size_t>(stream.take<std::uint64_t>()));
  e.element = stream.take<std::uint64_t>();
  stream.require(e.entry.type == ArchiveType::text ||
                 e.element == H5Tget_size(stored_type(e.entry.type, 0)));
  e.entry.bytes.resize(claim(left, e.element, e.entry.dims, place));
  stream.take(e.entry.bytes);
  return e;
}

}  // namespace

ArchiveContent read_archive(Store store, const std::string& name, Origin origin) {
  Verified parts(name, origin);
  read_parts(store, origin, name, parts);
  return parts.finish();
}

bool holds_archive(Store store, const std::string& name, const ArchiveContent& content) {
  Compared parts(content);
  read_parts(store, Origin::own, name, parts);
  return parts.finish();
}

ArchiveContent read_archive_confined(const Input& input, Origin origin) {
  start_hdf5();  // before a child would have to
  const std::string& name = input.name();
  const std::uint64_t size = *input.size();
  constexpr std::uint64_t metadata_bytes = std::uint64_t{256} << 20;
  ConfinedStream stream(name, Exit::model, input.descriptor(), metadata_bytes + size, size,
                        [&](int descriptor, ConfinedSink& sink) {
                          put_archive(sink, {.descriptor = descriptor, .size = size}, name, origin);
                        });
  return take_archive(stream, name, size, origin);
}

void put_archive(ConfinedSink& sink, Store store, const std::string& name, Origin origin) {
  Sent parts(sink);
  read_parts(store, origin, name, parts);
  parts.end();
}

ArchiveContent take_archive(ConfinedStream& stream, const std::string& name, std::uint64_t size,
                            Origin origin) {
  Verified parts(name, origin);
  std::uint64_t left = size;
  for (;;) {
    const auto kind = static_cast<Part>(stream.take<std::uint8_t>());
    stream.require(kind <= Part::end);
    const std::string part = stream.take_text();
    if (kind == Part::end) return parts.finish();
    if (kind == Part::text)
      parts.attribute(part, stream.take_text());
    else if (kind == Part::integer)
      parts.attribute(part, stream.take<std::int64_t>());
    else
      parts.entry(take_entry(stream, {name, part}, left));
  }
}

}  // namespace flow
