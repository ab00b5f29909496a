// Two inputs of equally many rows side by side: rows, and what they are conditional on.
#pragma once
#include <memory>

#include "core/rows.h"

namespace flow {

// The columns of the right input stand behind those of the left. Names are those of both, where
// both have some. Error(Exit::data) where one has more rows than the other.
std::unique_ptr<RowReader> join_rows(std::unique_ptr<RowReader> left,
                                     std::unique_ptr<RowReader> right);

}  // namespace flow
