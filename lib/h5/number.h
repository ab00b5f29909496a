// The types of numbers that are read: f16, f32, f64, and integers of 1, 2, 4 or 8 bytes, of either
// byte order. A kind is a plain number, which a confined reader (h5/confined.h) can hand over. For
// the files of this folder only.
#pragma once
#include <cstddef>
#include <optional>

#include "core/element.h"
#include "h5/handle.h"

namespace flow {

constexpr std::size_t number_kinds = 22;

// Empty for all other types.
std::optional<std::size_t> number_kind(hid_t type);

Handle number_type(std::size_t kind);
Element element_of(std::size_t kind);
std::size_t number_bytes(std::size_t kind);
bool is_integer(std::size_t kind);
bool is_unsigned_byte(std::size_t kind);
bool fits_single(std::size_t kind);  // whether float32 holds all its numbers

}  // namespace flow
