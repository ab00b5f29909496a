// y = x W^T of a triangular W, in blocks of its columns: what is zero is left out, and no sum is
// longer than a block before it is added to the rest, which halves its rounding for 64 columns.
#pragma once
#include <vector>

#include "core/frame.h"

namespace flow {

enum class Triangle { lower, upper };

class TriangularProduct {
 public:
  TriangularProduct(Triangle which, std::size_t columns, ParamTable& table);
  // w: columns x columns, row by row; what lies beyond its diagonal is zero.
  void prepare(const real* w, real* derived) const;
  void forward(CMat x, Mat y, Frame f) const;

 private:
  struct Block {
    std::size_t first, columns;  // of x
    std::size_t to, outputs;     // those of y that they add to
    Slot packed;
  };
  std::size_t columns_;
  std::vector<Block> blocks_;  // the first one reaches all of y
};

}  // namespace flow
