// Where an invertible 1x1 convolution starts: Kingma, Dhariwal: Glow (2018), section 3.2.
#pragma once
#include "core/params.h"

namespace flow {

// The LU factors of a random rotation (or reflection) Q of d columns, as layers/linear.h holds
// them: with row exchanges E, and signs S that make the diagonal of U positive, L U = S E Q, which
// is one too.
Start start_rotation(std::size_t d);

// Q itself, row by row.
Start start_rotation_matrix(std::size_t d);

}  // namespace flow
