#include "h5/archive.h"

#include <algorithm>
#include <array>
#include <type_traits>

#include "core/error.h"
#include "core/input.h"
#include "h5/archive_type.h"
#include "h5/columns.h"
#include "h5/dataset.h"
#include "h5/reader.h"
#include "h5/sha256.h"
#include "h5/store.h"

namespace flow {

namespace {

// Says which file and data set a failure is about.
struct Place {
  std::string file, name;

  [[noreturn]] void fail(const std::string& what) const {
    throw Error(Exit::model, file + ": " + (name.empty() ? "" : name + ": ") + what);
  }
  void require(bool holds, const std::string& what) const {
    if (!holds) fail(what);
  }
};

using Names = std::vector<std::string>;

herr_t collect_dataset(hid_t, const char* name, const H5O_info_t* info, void* names) {
  if (info->type == H5O_TYPE_DATASET) static_cast<Names*>(names)->emplace_back(name);
  return static_cast<Names*>(names)->size() < 100000 ? 0 : -1;
}

herr_t collect_attribute(hid_t, const char* name, const H5A_info_t*, void* names) {
  static_cast<Names*>(names)->emplace_back(name);
  return 0;
}

ArchiveType type_of(hid_t dataset_type, const Place& place) {
  const std::size_t size = H5Tget_size(dataset_type);
  for (const ArchiveType t : {ArchiveType::f32, ArchiveType::f64, ArchiveType::i64})
    if (check(H5Tequal(dataset_type, stored_type(t, 0))) > 0) return t;
  place.require(check(H5Tequal(dataset_type, stored_type(ArchiveType::text, size))) > 0,
                "has a type that no model holds; the file is damaged or of another program");
  return ArchiveType::text;
}

// left: the bytes of the file that no data set has claimed yet, which bounds what is allocated.
ArchiveEntry read_entry(hid_t file, const Place& place, std::uint64_t& left) {
  const Handle dataset(H5Dopen2(file, place.name.c_str(), H5P_DEFAULT), H5Dclose);
  const Handle creation(H5Dget_create_plist(dataset), H5Pclose);
  place.require(foreign_storage(creation).empty() && H5Pget_layout(creation) == H5D_CONTIGUOUS,
                "is not stored in one piece; the file is damaged or was repacked");
  const Handle type(H5Dget_type(dataset), H5Tclose);
  const Handle space(H5Dget_space(dataset), H5Sclose);
  std::array<hsize_t, H5S_MAX_RANK> extent{};
  const auto rank =
      static_cast<std::size_t>(check(H5Sget_simple_extent_dims(space, extent.data(), nullptr)));
  ArchiveEntry e{type_of(type, place), {}, {}};
  std::uint64_t bytes = H5Tget_size(type);
  for (const hsize_t n : std::span(extent).first(rank)) {
    place.require(n == 0 || bytes <= left / n, "is larger than the file; the file is damaged");
    bytes *= n;
    e.dims.push_back(static_cast<std::size_t>(n));
  }
  place.require(bytes <= left && H5Sget_simple_extent_type(space) != H5S_NULL,
                "is larger than the file; the file is damaged");
  left -= bytes;
  e.bytes.resize(static_cast<std::size_t>(bytes));
  if (bytes > 0) check(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, e.bytes.data()));
  place.require(string_attribute(dataset, "sha256") == Names{sha256_hex(e.bytes)},
                "digest does not match; the file is damaged");
  return e;
}

void read_attribute(hid_t file, const Place& place, ArchiveContent& content) {
  const Names texts = string_attribute(file, place.name.c_str());
  if (texts.size() == 1) {
    content.attributes[place.name] = texts[0];
    return;
  }
  const Handle attribute(H5Aopen(file, place.name.c_str(), H5P_DEFAULT), H5Aclose);
  const Handle type(H5Aget_type(attribute), H5Tclose);
  const Handle space(H5Aget_space(attribute), H5Sclose);
  place.require(
      H5Sget_simple_extent_npoints(space) == 1 && check(H5Tequal(type, H5T_STD_I64LE)) > 0,
      "is an attribute that no model has; the file is damaged or of another program");
  std::int64_t value = 0;
  check(H5Aread(attribute, H5T_NATIVE_INT64, &value));
  content.attributes[place.name] = value;
}

ArchiveContent read_content(Store& store, const std::string& name) {
  const Handle file = open_store(store);
  ArchiveContent content;
  Names attributes, datasets;
  hsize_t index = 0;
  check(H5Aiterate2(file, H5_INDEX_NAME, H5_ITER_INC, &index, collect_attribute, &attributes));
  for (const std::string& a : attributes)
    if (a != "digest") read_attribute(file, {name, a}, content);
  const Names digest = string_attribute(file, "digest");
  Place{name, ""}.require(digest.size() == 1,
                          "has no digest, so is no model; flow-train writes one");
  check(H5Ovisit2(file, H5_INDEX_NAME, H5_ITER_INC, collect_dataset, &datasets, H5O_INFO_BASIC));
  std::uint64_t left = store.size;
  for (const std::string& d : datasets)
    content.entries.emplace("/" + d, read_entry(file, {name, "/" + d}, left));
  Place{name, ""}.require(digest[0] == archive_digest(content),
                          "digest does not match; the file is damaged");
  return content;
}

ArchiveContent read_store(Store& store, const std::string& name) {
  try {
    return read_content(store, name);
  } catch (const Hdf5Failure& e) {
    if (store.declared > store.size)
      Place{name, ""}.fail("is truncated, " + std::to_string(store.declared - store.size) +
                           " bytes short; copy it again");
    Place{name, ""}.fail(std::string("cannot be read as a model: ") + e.what());
  }
}

}  // namespace

std::string archive_digest(const ArchiveContent& content) {
  const auto line = [](const std::string& name, const std::string& type, const std::string& rest) {
    return name + '\0' + type + '\0' + rest + '\n';
  };
  std::vector<std::string> lines;
  for (const auto& [name, e] : content.entries) {
    std::string dims;
    for (const std::size_t d : e.dims) dims += (dims.empty() ? "" : ",") + std::to_string(d);
    lines.push_back(line(name, name_of(e.type), dims + '\0' + sha256_hex(e.bytes)));
  }
  for (const auto& [name, value] : content.attributes) {
    const std::string* text = std::get_if<std::string>(&value);
    lines.push_back(line('@' + name, text ? "text" : "i64",
                         text ? *text : std::to_string(std::get<std::int64_t>(value))));
  }
  std::sort(lines.begin(), lines.end());
  std::string all;
  for (const std::string& l : lines) all += l;
  return sha256_hex(all);
}

Archive Archive::open(const std::string& path) {
  try {
    Input named = open_input(path);
    Place{named.name(), ""}.require(is_hdf5(named.peek(8)),
                                    "is no HDF5 file, so no model; flow-train writes one");
    const Input input = spooled(std::move(named));
    Store store;
    store.descriptor = input.descriptor();
    store.size = *input.size();
    return {input.name(), read_store(store, input.name())};
  } catch (const Error& e) {  // a model that cannot be opened is bad as a model, not as data
    if (e.code() == Exit::data) throw Error(Exit::model, e.what());
    throw;
  }
}

Archive Archive::from_bytes(std::span<const std::byte> file, const std::string& name) {
  Store store;
  store.memory = file;
  store.size = file.size();
  return {name, read_store(store, name)};
}

std::vector<std::string> Archive::names() const {
  std::vector<std::string> all;
  for (const auto& named : content_.entries) all.push_back(named.first);
  return all;
}

bool Archive::has(const std::string& name) const { return content_.entries.contains(name); }

const ArchiveEntry& Archive::entry(const std::string& name) const {
  const auto found = content_.entries.find(name);
  if (found == content_.entries.end()) Place{file_, name}.fail("is missing");
  return found->second;
}

const std::vector<std::size_t>& Archive::dims(const std::string& name) const {
  return entry(name).dims;
}

std::string Archive::text(const std::string& name) const {
  const ArchiveEntry& e = entry(name);
  Place{file_, name}.require(e.type == ArchiveType::text, "is no text");
  std::string text(reinterpret_cast<const char*>(e.bytes.data()), e.bytes.size());
  text.resize(text.find_last_not_of('\0') + 1);
  return text;
}

template <class T>
std::vector<T> Archive::array(const std::string& name) const {
  const ArchiveEntry& e = entry(name);
  const bool integers = e.type == ArchiveType::i64;
  Place{file_, name}.require(e.type != ArchiveType::text && integers == std::is_integral_v<T>,
                             std::string("holds ") + name_of(e.type) + ", which is not expected");
  const Handle stored = stored_type(e.type, 0);
  const std::size_t size = H5Tget_size(stored), count = e.bytes.size() / size;
  std::vector<T> values(count * std::max<std::size_t>(1, size / sizeof(T)));  // converted in place
  std::copy(e.bytes.begin(), e.bytes.end(), reinterpret_cast<std::byte*>(values.data()));
  const hid_t native = std::is_integral_v<T>      ? H5T_NATIVE_INT64
                       : std::is_same_v<T, float> ? H5T_NATIVE_FLOAT
                                                  : H5T_NATIVE_DOUBLE;
  if (H5Tconvert(stored, native, count, values.data(), nullptr, H5P_DEFAULT) < 0)
    Place{file_, name}.fail("cannot be converted");
  values.resize(count);
  return values;
}

template std::vector<float> Archive::array(const std::string&) const;
template std::vector<double> Archive::array(const std::string&) const;
template std::vector<std::int64_t> Archive::array(const std::string&) const;

const std::string& Archive::text_attribute(const std::string& name) const {
  const auto found = content_.attributes.find(name);
  const std::string* text =
      found == content_.attributes.end() ? nullptr : std::get_if<std::string>(&found->second);
  Place{file_, ""}.require(text, "has no text attribute " + name);
  return *text;
}

std::int64_t Archive::integer_attribute(const std::string& name) const {
  const auto found = content_.attributes.find(name);
  const std::int64_t* value =
      found == content_.attributes.end() ? nullptr : std::get_if<std::int64_t>(&found->second);
  Place{file_, ""}.require(value, "has no integer attribute " + name);
  return *value;
}

}  // namespace flow
