// The general matrix product, and the one door to BLIS. (Dense layers use kernels/product.inc,
// whose weights are packed once a step; this serves everything else.)
#pragma once
#include <string>

#include "core/view.h"

namespace flow {

enum class Op { as_is, transposed };

// C = beta C + alpha op(A) op(B). op(A) is c.rows x k, op(B) k x c.cols; any size may be 0.
// C is not read where beta is 0, and must not overlap A or B. Both number types are there whatever
// `real` is. threads: within this one product, for large ones outside a parallel region; 1 is safe
// anywhere, and with 1 the bits depend on nothing but the arguments.
void gemm(float alpha, Op op_a, View<const float> a, Op op_b, View<const float> b, float beta,
          View<float> c, std::size_t threads = 1);
void gemm(double alpha, Op op_a, View<const double> a, Op op_b, View<const double> b, double beta,
          View<double> c, std::size_t threads = 1);

// "BLIS 0.9.0"
std::string blas_name();

}  // namespace flow
