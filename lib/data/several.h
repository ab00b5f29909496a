// Several files as one set of rows, one behind the other.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "data/text.h"

namespace flow {

// The files that a pattern names (*, ?, [...] as in a shell), in the order of their names:
// "day-*.h5:/x" -> {"day-1.h5:/x", "day-2.h5:/x"}. The operand itself where it is no pattern, or
// the name of a file. Error(Exit::data) where no file matches.
std::vector<std::string> matching_files(const std::string& operand);

// known: words that were met in the files before.
using OpenFile = std::function<std::unique_ptr<RowReader>(const std::string& path,
                                                          decltype(Vocabulary::known) known)>;

// At least one file. All are opened now; those that can be sought stay open, as others may have a
// process each. Error(Exit::data) for a file with other columns than the first.
std::unique_ptr<RowReader> open_several(const std::vector<std::string>& paths, OpenFile open);

}  // namespace flow
