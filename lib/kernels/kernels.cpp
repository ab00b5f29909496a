// Compiled once per instruction set, each time with other flags and another FLOW_ISA. Nothing here
// may be an inline function with external linkage: the linker would keep one copy for all of them
// and might hand AVX-512 code to an old CPU. Vectors are GCC's vector extension: the same source
// serves every width, and no option that breaks Inf and NaN is needed.
#include "kernels/kernels.h"

#include <math.h>
#include <string.h>

#include <type_traits>
#include <utility>

#define STRING(x) STRING_(x)
#define STRING_(x) #x

namespace flow::FLOW_ISA {
namespace {

#include "kernels/vec.inc"
// on which stands
#include "kernels/tile.inc"
// on which stand
#include "kernels/distribution.inc"
#include "kernels/row_tile.inc"
#include "kernels/turn.inc"
// and on those all others
#include "kernels/activation.inc"
#include "kernels/additive.inc"
#include "kernels/affine.inc"
#include "kernels/base.inc"
#include "kernels/columns.inc"
#include "kernels/components.inc"
#include "kernels/convolution.inc"
#include "kernels/logit.inc"
#include "kernels/mixture.inc"
#include "kernels/optimise.inc"
#include "kernels/peak.inc"
#include "kernels/product.inc"
#include "kernels/spline.inc"
#include "kernels/triangular.inc"

template <vec (*f)(vec)>
void each(std::size_t n, real* x) {
  for (std::size_t i = 0; i < n; i += width) store(x + i, f(load(x + i)));
}

}  // namespace

extern const Kernels kernels = {
    .isa = STRING(FLOW_ISA),
    .panel = panel,
    .packed_size = packed_size,
    .pack = pack,
    .product = product,
    .row_product = row_product,
    .weight_gradient = weight_gradient,
    .combine = combine,
    .weight_gradient_scratch = weight_gradient_scratch,
    .convolve = convolve,
    .convolve_row = convolve_row,
    .convolve_gradient = convolve_gradient,
    .convolve_gradient_scratch = convolve_gradient_scratch,
    .sum = column_sum,
    .dot = column_dot,
    .scale_shift = scale_shift,
    .standardise = standardise,
    .axpy = axpy,
    .solve_upper = solve_upper,
    .multiply_lu = multiply_lu,
    .solve_lu = solve_lu,
    .multiply = multiply,
    .relu = relu_forward,
    .relu_backward = relu_backward,
    .tanh = tanh_forward,
    .tanh_backward = tanh_backward,
    .silu = silu_forward,
    .silu_backward = silu_backward,
    .additive = {"additive", additive_params, additive_forward, additive_inverse,
                 additive_backward},
    .affine = {"affine", affine_params, affine_forward, affine_inverse, affine_backward},
    .spline = {"spline", spline_params, spline_forward, spline_inverse, spline_backward},
    .logistics = components_map<Logistic>("logistics"),
    .gaussians = components_map<Gaussian>("gaussians"),
    .normal = normal_density,
    .normal_backward = normal_backward,
    .logistic = logistic_density,
    .logistic_backward = logistic_backward,
    .laplace = laplace_density,
    .laplace_backward = laplace_backward,
    .box = box_density,
    .student_t = student_t_density,
    .student_t_backward = student_t_backward,
    .mixture = mixture_density,
    .mixture_backward = mixture_backward,
    .logit = logit_forward,
    .logit_inverse = logit_inverse,
    .logit_backward = logit_backward,
    .log = log_forward,
    .log_inverse = log_inverse,
    .log_backward = log_backward,
    .adam = adam,
    .adamax = adamax,
    .rmsprop = rmsprop,
    .move_to = move_to,
    .average = average,
    .square_sum = square_sum,
    .multiply_adds = multiply_adds,
    .exp = each<vexp>,
    .ln = each<vlog>,
    .log1p_exp_minus_abs = each<vlog1p_exp_minus_abs>,
};

}  // namespace flow::FLOW_ISA
