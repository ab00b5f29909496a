// Making groups, data sets and attributes that carry no times; for the files of this folder only.
// All throw Hdf5Failure.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <variant>

#include "h5/handle.h"

namespace flow {

using Attribute = std::variant<std::string, std::int64_t, double>;

// A contiguous data set, and the groups of its path that are not there yet. Its rows are allocated
// by the first write to it, so that they lie behind all metadata made before.
Handle create_dataset(hid_t file, const std::string& path, hid_t type,
                      std::span<const hsize_t> dims);

void write_attribute(hid_t object, const std::string& name, const Attribute& value);

}  // namespace flow
