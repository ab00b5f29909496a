// LAPACK's getrf where this machine has one, loaded at run time: the rival of our LU, so that
// nobody can say the dense side was made slow.
#pragma once
#include <cstddef>
#include <string>

#include "core/view.h"

namespace flow {

// Looks for OpenBLAS, then for LAPACK, and loads what is there; a name asks for that library only.
// Error(Exit::usage) where the named one cannot be loaded or has no getrf.
void load_lapack(const std::string& name);
bool has_lapack();
// "OpenBLAS 0.3.21 ... (libopenblas.so.0)", "LAPACK 3.11.0 (liblapack.so.3)", "none".
const std::string& lapack_name();

// P A = L U as LAPACK does it; pivots: n of scratch. threads: for libraries that can be told.
void factor_by_lapack(Mat a, std::span<int> pivots, std::size_t threads);

}  // namespace flow
