#include "nn/triangular.h"

#include <algorithm>

#include "nn/dense.h"

namespace flow {

TriangularProduct::TriangularProduct(Triangle which, std::size_t columns, ParamTable& table)
    : columns_(columns) {
  constexpr std::size_t most = 16;
  for (std::size_t first = 0; first < columns; first += most) {
    const std::size_t n = std::min(most, columns - first);
    const bool lower = which == Triangle::lower;
    const std::size_t to = lower ? first : 0, outputs = lower ? columns - first : first + n;
    blocks_.push_back({first, n, to, outputs, reserve_packed(outputs, n, table)});
  }
  if (which == Triangle::upper) std::reverse(blocks_.begin(), blocks_.end());
}

void TriangularProduct::prepare(const real* w, real* derived) const {
  for (const Block& b : blocks_)
    kernels().pack(w + b.to * columns_ + b.first, b.outputs, b.columns, columns_, 1,
                   derived + b.packed.offset);
}

void TriangularProduct::forward(CMat x, Mat y, Frame f) const {
  Epilogue how = Epilogue::set;
  for (const Block& b : blocks_) {
    product(x.columns(b.first, b.columns), f.derived(b.packed), nullptr, how,
            y.columns(b.to, b.outputs), f);
    how = Epilogue::add;
  }
}

}  // namespace flow
