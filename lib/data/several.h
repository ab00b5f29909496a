// Several files as one set of rows, one behind the other.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/rows.h"

namespace flow {

// The files that a pattern names (*, ?, [...] as in a shell), in the order of their names:
// "day-*.h5:/x" -> {"day-1.h5:/x", "day-2.h5:/x"}. The operand itself where it is no pattern, or
// the name of a file. Error(Exit::data) where no file matches.
std::vector<std::string> matching_files(const std::string& operand);

using OpenFile = std::function<std::unique_ptr<RowReader>(const std::string& path)>;

// At least one file. All are opened now. Those that can be sought stay open, and pipes, which are
// read once; others, which may have a process each, are closed and opened again in their turn.
// Error(Exit::data) for a file with other columns than the first.
std::unique_ptr<RowReader> open_several(const std::vector<std::string>& paths, OpenFile open);

}  // namespace flow
