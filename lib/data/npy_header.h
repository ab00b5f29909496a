// What stands before the numbers of a .npy file: the magic string, a version, a Python dict as
// text.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/element.h"
#include "core/input.h"

namespace flow {

struct NpyHeader {
  Element element;
  bool fortran = false;             // columns stand side by side, not rows
  std::vector<std::uint64_t> dims;  // of the whole array
  std::uint64_t bytes = 0;          // before the first number
};

// The dict of a header. Strict: the three keys of the format, once each, and nothing else. Error
// (Exit::data) for objects, structures and whatever else is no number.
NpyHeader parse_npy_header(std::string_view text, const std::string& name);

// Takes the header of versions 1 to 3, of at most 64 KiB, from the front of the input.
NpyHeader read_npy_header(Input& input);

}  // namespace flow
