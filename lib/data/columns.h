// Between the rows of a table and the rows of a flow, by what the columns are: constant and
// duplicated columns are left out and given back, discrete values are counted from 0, and periodic
// ones measured from their low on.
#pragma once
#include <span>
#include <string>
#include <vector>

#include "core/columns.h"
#include "core/view.h"

namespace flow {

// What the flow sees.
std::vector<Column> modelled(std::span<const Column> columns);
// How far the noise reaches that dequantises each modelled column; 0: none.
std::vector<real> noise_steps(std::span<const Column> columns);

// After what distance each modelled column comes back to the same; 0: never.
std::vector<double> periods(std::span<const Column> columns);

// A row to the numbers of its modelled columns, without noise. A row that the columns cannot hold
// is all NaN; or where cells may be missing (marginal), which are NaN, all Inf.
void to_numbers(std::span<const Column> columns, std::span<const double> row, real* numbers,
                bool marginal = false);
// And back: every value is one that its column can hold.
void from_numbers(std::span<const Column> columns, const real* numbers, std::span<double> row);

// "column 3 ('carat') is -1; it holds numbers above 0" of the first column that cannot hold its
// value, as if it were float32; empty where all can. NaN and infinities are
// a matter of --on-nan.
std::string misfit(std::span<const Column> columns, std::span<const std::string> names,
                   std::span<const double> row);

}  // namespace flow
