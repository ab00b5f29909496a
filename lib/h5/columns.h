// The names of columns, in an attribute `columns`: an array of strings, or one string of names
// parted by tabs, commas or spaces. And what the numbers 0, 1, ... of column J, from 1, stand for,
// in an attribute `words J` of the data set: an array of strings. For the files of this folder
// only.
#pragma once
#include <string>
#include <vector>

#include "core/rows.h"
#include "h5/handle.h"

namespace flow {

// Those of the data set, else of its group, else of the file: the first that are as many as the
// columns; empty where none are.
std::vector<std::string> column_names(hid_t file, const std::string& path, std::size_t columns);

void write_column_names(hid_t object, const std::vector<std::string>& names);

// More are not read.
constexpr std::size_t most_words = 4096;
Words column_words(hid_t dataset, std::size_t columns);
void write_column_words(hid_t dataset, const Words& words);

// An attribute of strings as a list; empty when it holds none.
std::vector<std::string> string_attribute(hid_t object, const char* name);
void write_string_attribute(hid_t object, const char* name, const std::vector<std::string>& texts,
                            bool scalar);

}  // namespace flow
