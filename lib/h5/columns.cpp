#include "h5/columns.h"

#include <algorithm>
#include <cstddef>
#include <cstring>

namespace flow {

namespace {

constexpr std::size_t max_attribute_bytes = std::size_t{64} << 20;

Handle string_type(std::size_t bytes) {
  Handle type(H5Tcopy(H5T_C_S1), H5Tclose);
  check(H5Tset_size(type, bytes));
  check(H5Tset_strpad(type, H5T_STR_NULLPAD));
  check(H5Tset_cset(type, H5T_CSET_UTF8));
  return type;
}

std::vector<std::string> read_fixed(hid_t attribute, hid_t type, std::size_t count) {
  const std::size_t size = H5Tget_size(type);
  if (size == 0 || count > max_attribute_bytes / size) return {};
  std::string bytes(count * size, '\0');
  check(H5Aread(attribute, type, bytes.data()));
  std::vector<std::string> texts(count);
  for (std::size_t i = 0; i < count; ++i) {
    texts[i] = bytes.substr(i * size, size);
    texts[i].resize(std::strlen(texts[i].c_str()));
    if (H5Tget_strpad(type) == H5T_STR_SPACEPAD)
      texts[i].resize(texts[i].find_last_not_of(' ') + 1);
  }
  return texts;
}

std::vector<std::string> read_varying(hid_t attribute, hid_t type, hid_t space, std::size_t count) {
  if (count > max_attribute_bytes / sizeof(char*)) return {};
  std::vector<char*> pointers(count, nullptr);
  check(H5Aread(attribute, type, pointers.data()));
  std::vector<std::string> texts;
  for (const char* p : pointers) texts.emplace_back(p ? p : "");
  check(H5Dvlen_reclaim(type, space, H5P_DEFAULT, pointers.data()));
  return texts;
}

std::vector<std::string> split(const std::string& text) {
  const char* separator = " ";
  if (text.find(',') != std::string::npos) separator = ",";
  if (text.find('\t') != std::string::npos) separator = "\t";
  std::vector<std::string> words;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(*separator, at), text.size());
    std::string word = text.substr(at, end - at);
    word.erase(0, word.find_first_not_of(' '));
    word.erase(word.find_last_not_of(' ') + 1);
    if (!word.empty() || *separator != ' ') words.push_back(word);
    at = end + 1;
  }
  return words;
}

}  // namespace

std::vector<std::string> string_attribute(hid_t object, const char* name) {
  if (check(H5Aexists(object, name)) == 0) return {};
  const Handle attribute(H5Aopen(object, name, H5P_DEFAULT), H5Aclose);
  const Handle type(H5Aget_type(attribute), H5Tclose);
  if (H5Tget_class(type) != H5T_STRING) return {};
  const Handle space(H5Aget_space(attribute), H5Sclose);
  const auto count = static_cast<std::size_t>(check(H5Sget_simple_extent_npoints(space)));
  return check(H5Tis_variable_str(type)) > 0 ? read_varying(attribute, type, space, count)
                                             : read_fixed(attribute, type, count);
}

void write_string_attribute(hid_t object, const char* name, const std::vector<std::string>& texts,
                            bool scalar) {
  std::size_t size = 1;
  for (const std::string& t : texts) size = std::max(size, t.size());
  std::string bytes;
  for (std::string t : texts) {
    t.resize(size, '\0');
    bytes += t;
  }
  const Handle type = string_type(size);
  const hsize_t count = texts.size();
  const Handle space(scalar ? H5Screate(H5S_SCALAR) : H5Screate_simple(1, &count, nullptr),
                     H5Sclose);
  Handle attribute(H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT), H5Aclose);
  check(H5Awrite(attribute, type, bytes.data()));
  attribute.close();
}

std::vector<std::string> column_names(hid_t file, const std::string& path, std::size_t columns) {
  const std::string group = path.substr(0, std::max<std::size_t>(1, path.rfind('/')));
  for (const std::string& place : {path, group, std::string("/")}) {
    const Handle object(H5Oopen(file, place.c_str(), H5P_DEFAULT), H5Oclose);
    std::vector<std::string> names = string_attribute(object, "columns");
    if (names.size() == 1 && columns > 1) names = split(names[0]);
    if (names.size() == columns) return names;
  }
  return {};
}

Words column_words(hid_t dataset, std::size_t columns) {
  Words words;
  for (std::size_t j = 0; j < columns; ++j) {
    std::vector<std::string> of_column =
        string_attribute(dataset, ("words " + std::to_string(j + 1)).c_str());
    if (of_column.empty() || of_column.size() > most_words) continue;
    words.resize(columns);
    words[j] = std::move(of_column);
  }
  return words;
}

void write_column_words(hid_t dataset, const Words& words) {
  for (std::size_t j = 0; j < words.size(); ++j)
    if (!words[j].empty())
      write_string_attribute(dataset, ("words " + std::to_string(j + 1)).c_str(), words[j], false);
}

void write_column_names(hid_t object, const std::vector<std::string>& names) {
  if (!names.empty()) write_string_attribute(object, "columns", names, false);
}

}  // namespace flow
