// Some columns of rows, chosen as in datamash.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/rows.h"

namespace flow {

// "a,c-f,7": names, 1-based numbers, and ranges of either; the indices from 0 in that order. A name
// goes before a number. Error(Exit::usage) for an unknown column, with the nearest name.
std::vector<std::size_t> parse_selection(const std::string& selection, const RowShape& shape,
                                         const std::string& file);

// Error(exit): there is no such column, with the nearest name.
[[noreturn]] void refuse_column(const std::string& name, const RowShape& shape,
                                const std::string& file, Exit exit);

// The reader itself for an empty selection.
std::unique_ptr<RowReader> select_columns(std::unique_ptr<RowReader> rows,
                                          const std::string& selection);

// These columns, in this order.
std::unique_ptr<RowReader> select_columns(std::unique_ptr<RowReader> rows,
                                          std::vector<std::size_t> columns);

}  // namespace flow
