// The conditional log-densities of the columns under an autoregressive flow. Where every layer maps
// a column by itself, or given columns before it, in one and the same order, dz/dx is triangular
// and
//   log p(x_j | the columns before) = log p_base(z_j) + log |dz_j/dx_j|,
// whose sum is log p(x). dz_j/dx_j is an element of a vector-Jacobian product, so a row costs a
// pass forward and back for each of its columns.
#pragma once
#include <span>
#include <vector>

#include "core/aligned.h"
#include "flow/flow.h"

namespace flow {

class Conditionals {
 public:
  // Error(Exit::usage) for a flow that has no such order, naming the layer; and for a base with
  // parameters, whose columns cannot be told apart.
  Conditionals(const Flow& flow, const ParamTable& table, CVec theta, std::size_t threads);

  // The columns, in the order of the flow.
  const std::vector<std::size_t>& order() const { return order_; }
  // rows: count x width, row by row. out: count x columns, in the order of the rows; NaN for cells
  // that are NaN.
  void log_density(const real* rows, std::size_t count, std::span<double> out);

 private:
  struct Memory {
    Aligned<real> grad, kept, scratch, x, dz;
  };
  void block(const real* rows, std::size_t count, const Memory& m, double* out) const;

  const Flow& flow_;
  CVec theta_;
  Aligned<real> derived_;
  std::vector<Memory> memory_;  // one a thread
  std::vector<std::size_t> order_;
};

}  // namespace flow
