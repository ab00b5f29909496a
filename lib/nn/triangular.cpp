#include "nn/triangular.h"

#include <algorithm>

#include "nn/dense.h"

namespace flow {

UpperProduct::UpperProduct(std::size_t columns, ParamTable& table) : columns_(columns) {
  constexpr std::size_t most = 16;
  for (std::size_t first = 0; first < columns; first += most) {
    const std::size_t n = std::min(most, columns - first);
    blocks_.push_back({first, n, first + n, reserve_packed(first + n, n, table)});
  }
  std::reverse(blocks_.begin(), blocks_.end());
}

void UpperProduct::prepare(const real* w, real* derived) const {
  for (const Block& b : blocks_)
    kernels().pack(w + b.first, b.outputs, b.columns, columns_, 1, derived + b.packed.offset);
}

void UpperProduct::forward(CMat x, Mat y, Frame f) const {
  Epilogue how = Epilogue::set;
  for (const Block& b : blocks_) {
    product(x.columns(b.first, b.columns), f.derived(b.packed), nullptr, how,
            y.columns(0, b.outputs), f);
    how = Epilogue::add;
  }
}

}  // namespace flow
