// The dense Jacobian of a flow at one row, made of vector-Jacobian products: what O(D) log-dets
// save us, and what they are checked against.
#pragma once
#include <span>
#include <vector>

#include "core/aligned.h"
#include "flow/flow.h"

namespace flow {

class DenseJacobian {
 public:
  DenseJacobian(const Flow& flow, const ParamTable& table, CVec theta);

  // Sets out (D x D): out[j * D + k] = dz_k / dx_j at this row of D numbers, and returns the flow's
  // own log-det there. One backward pass gives block_rows rows of the matrix: every row of the
  // block is the same x, and row i carries dz = e_(first + i).
  double at(std::span<const real> row, std::span<real> out);

 private:
  const Flow& flow_;
  CVec theta_;
  Aligned<real> derived_, grad_, kept_, scratch_, x_, dz_;
};

}  // namespace flow
