// A file of its own, so that a program can be linked with another table in front of this one, as
// tests/bench/shares.cpp is.
#include "kernels/kernels.h"

namespace flow {

const Kernels& kernels() {
  static const Kernels& best = best_kernels();
  return best;
}

}  // namespace flow
