// y = x W^T of an upper triangular W, in blocks of its columns: what is zero is left out, and no
// sum is longer than a block before it is added to the rest, which halves its rounding for 64
// columns.
#pragma once
#include <vector>

#include "core/frame.h"

namespace flow {

class UpperProduct {
 public:
  UpperProduct(std::size_t columns, ParamTable& table);
  // w: columns x columns, row by row; what lies below its diagonal is zero.
  void prepare(const real* w, real* derived) const;
  void forward(CMat x, Mat y, Frame f) const;

 private:
  struct Block {
    std::size_t first, columns;  // of x
    std::size_t outputs;         // those of y that they add to, from the first
    Slot packed;
  };
  std::size_t columns_;
  std::vector<Block> blocks_;  // the last columns first: they reach all of y
};

}  // namespace flow
