#include "nn/gemm.h"

#include <blis.h>

#include <type_traits>

namespace flow {
namespace {

template <class T>
void product(T alpha, Op op_a, View<const T> a, Op op_b, View<const T> b, T beta, View<T> c,
             std::size_t threads) {
  const std::size_t depth = op_a == Op::as_is ? a.cols : a.rows;
  assert(c.rows == (op_a == Op::as_is ? a.rows : a.cols));
  assert(depth == (op_b == Op::as_is ? b.rows : b.cols));
  assert(c.cols == (op_b == Op::as_is ? b.cols : b.rows));
  // A runtime object of its own: BLIS then looks at neither its environment nor a global setting
  // that another thread may change.
  rntm_t runtime;
  bli_rntm_init(&runtime);
  bli_rntm_set_num_threads(static_cast<dim_t>(threads), &runtime);
  const auto n = [](std::size_t i) { return static_cast<dim_t>(i); };
  const auto trans = [](Op op) { return op == Op::as_is ? BLIS_NO_TRANSPOSE : BLIS_TRANSPOSE; };
  T* const a_data = const_cast<T*>(a.data);  // BLIS reads them only, but does not say so
  T* const b_data = const_cast<T*>(b.data);
  const auto call = [&](auto gemm_ex) {
    gemm_ex(trans(op_a), trans(op_b), n(c.rows), n(c.cols), n(depth), &alpha, a_data, 1, n(a.ld),
            b_data, 1, n(b.ld), &beta, c.data, 1, n(c.ld), nullptr, &runtime);
  };
  if constexpr (std::is_same_v<T, float>)
    call(bli_sgemm_ex);
  else
    call(bli_dgemm_ex);
}

}  // namespace

void gemm(float alpha, Op op_a, View<const float> a, Op op_b, View<const float> b, float beta,
          View<float> c, std::size_t threads) {
  product(alpha, op_a, a, op_b, b, beta, c, threads);
}

void gemm(double alpha, Op op_a, View<const double> a, Op op_b, View<const double> b, double beta,
          View<double> c, std::size_t threads) {
  product(alpha, op_a, a, op_b, b, beta, c, threads);
}

std::string blas_name() { return std::string("BLIS ") + bli_info_get_version_str(); }

}  // namespace flow
