// Whether the first line of a table was taken for what it is not: a row for names, or names for a
// row.
#pragma once
#include <span>
#include <string>
#include <vector>

#include "core/view.h"

namespace flow {

// What speaks for it, and what to do; empty where nothing does.
std::string doubt_of_names(const std::vector<std::string>& names);
std::string doubt_of_first_row(std::span<const real> row);

}  // namespace flow
