// The `columns` part of a configuration: what each column of a table is.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "config/config.h"
#include "core/columns.h"
#include "core/rows.h"

namespace flow {

// One entry a column of the shape, nothing for columns that the configuration does not speak of.
// Entries are matched by name; where the shape has no names they are one a column, in order, and
// give the names. Error(Exit::usage) for an unknown or repeated name, and for what a type lacks.
std::vector<std::optional<Column>> read_columns(Config& config, RowShape& shape);

// Columns that are not spoken of are real; empty where none is spoken of.
std::vector<Column> known_columns(const std::vector<std::optional<Column>>& columns);

// "type: integer, step: 1, low: 0, high: 16": what an entry holds beside its name.
std::string describe(const Column& column);

// Sets `columns`, one entry a column, in order.
void write_columns(const std::vector<Column>& columns, const RowShape& shape, Config& config);

}  // namespace flow
