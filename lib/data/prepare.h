// What published benchmarks do to whole rows before any flow sees them. It is no bijection of the
// rows, so the density is that of the prepared ones.
#pragma once
#include <memory>

#include "core/rows.h"

namespace flow {

// patches: grey images of bytes, D numbers each, as Zoran and Weiss (From learning models of
// natural image patches to whole image restoration, 2011) and, with BSDS300, Uria, Murray and
// Larochelle (RNADE, 2013) take them: y_i = (x_i + u_i) / 256 less the mean of these D, and without
// the last, which the others and a sum of 0 tell. u is uniform in [0, 1) and stays: it depends on
// the place of the row in its input only.
enum class Preparation { none, patches };

// Rows that are prepared as they are read. Error(Exit::data) for what that cannot take.
std::unique_ptr<RowReader> prepare_rows(std::unique_ptr<RowReader> rows, Preparation preparation);

}  // namespace flow
