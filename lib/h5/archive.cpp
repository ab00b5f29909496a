#include "h5/archive.h"

#include <algorithm>
#include <type_traits>

#include "core/error.h"
#include "core/input.h"
#include "h5/archive_reader.h"
#include "h5/archive_type.h"
#include "h5/reader.h"
#include "h5/sha256.h"

namespace flow {

std::string archive_digest(const ArchiveContent& content) {
  const auto line = [](const std::string& name, const std::string& type, const std::string& rest) {
    return name + '\0' + type + '\0' + rest + '\n';
  };
  std::vector<std::string> lines;
  for (const auto& [name, e] : content.entries) {
    std::string dims;
    for (const std::size_t d : e.dims) dims += (dims.empty() ? "" : ",") + std::to_string(d);
    lines.push_back(line(name, name_of(e.type), dims + '\0' + e.sha256));
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

namespace {

struct Opened {
  std::string name;
  ArchiveContent content;
};

Opened open_archive(const std::string& path, bool trusted, Origin origin,
                    const std::string& writer) {
  try {
    Input named = open_input(path);
    Place{named.name(), ""}.require(is_hdf5(named.peek(8)),
                                    "is no HDF5 file, so no model; " + writer + " writes one");
    const Input input = spooled(std::move(named));
    return {input.name(),
            trusted ? read_archive({.descriptor = input.descriptor(), .size = *input.size()},
                                   input.name(), origin)
                    : read_archive_confined(input, origin)};
  } catch (const Error& e) {  // a model that cannot be opened is bad as a model, not as data
    if (e.code() == Exit::data) throw Error(Exit::model, e.what());
    throw;
  }
}

}  // namespace

Archive Archive::open(const std::string& path, bool trusted) {
  Opened o = open_archive(path, trusted, Origin::own, "flow-train");
  return {std::move(o.name), std::move(o.content)};
}

Archive Archive::open_foreign(const std::string& path, bool trusted) {
  Opened o = open_archive(path, trusted, Origin::foreign, "the script in flow-import(1)");
  return {std::move(o.name), std::move(o.content)};
}

Archive Archive::from_bytes(std::span<const std::byte> file, const std::string& name) {
  return {name, read_archive({.memory = file, .size = file.size()}, name)};
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
  check(H5Tconvert(stored, native, count, values.data(), nullptr, H5P_DEFAULT));
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
