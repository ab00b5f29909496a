// Recursive LU with partial pivoting, and through it the dense log-determinant: P A = L U.
//
// Toledo, Locality of reference in LU decomposition with partial pivoting (1997). An m x n panel is
// halved by columns, A = (A1 A2), and nearly all work becomes matrix products:
//   factor A1;  apply its row exchanges to A2;  U12 = L11^-1 A12;  A22 -= L21 U12;
//   factor A22; apply its row exchanges to L21.
#pragma once
#include "core/view.h"

namespace flow {

// A (m x n, m >= n) becomes L (unit lower, its diagonal not stored) and U. In step i rows i and
// pivots[i] >= i were exchanged (n of them, from 0). A zero pivot column leaves a zero in U's
// diagonal and nothing else behind. threads: for the large products inside.
void factor_lu(View<float> a, std::span<std::size_t> pivots, std::size_t threads = 1);
void factor_lu(View<double> a, std::span<std::size_t> pivots, std::size_t threads = 1);

struct LogAbsDet {
  double log_abs;  // ln |det A|: -inf for a singular matrix, 0 for the empty one
  int sign;        // of det A: -1, 1, or 0 for a singular matrix
};

// O(n^3). A (n x n) is overwritten by its factors; pivots: n of scratch. Sums in double.
LogAbsDet log_abs_det(View<float> a, std::span<std::size_t> pivots, std::size_t threads = 1);
LogAbsDet log_abs_det(View<double> a, std::span<std::size_t> pivots, std::size_t threads = 1);

}  // namespace flow
