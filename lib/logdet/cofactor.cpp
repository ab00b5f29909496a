// Laplace's expansion along the first row, det A = sum_j (-1)^j a_1j det A_1j: O(N!) operations,
// the definition of the textbook and a warning.
#include "logdet/given_matrix.h"

namespace flow {

namespace {

// The determinant of rows row .. N-1 of a, of the columns whose bit of `used` is not set.
real expand(CMat a, std::size_t row, unsigned used) {
  if (row == a.rows) return 1;
  real sum = 0, sign = 1;
  for (std::size_t j = 0; j < a.cols; ++j) {
    if (used >> j & 1) continue;
    sum += sign * a(row, j) * expand(a, row + 1, used | 1u << j);
    sign = -sign;
  }
  return sum;
}

class Cofactor final : public GivenMatrix {
 public:
  explicit Cofactor(const Size& size) : GivenMatrix(size.n) {}
  void restore() override {}
  double run() override { return std::log(std::abs(static_cast<double>(expand(given(), 0, 0)))); }
};

}  // namespace

std::unique_ptr<Trial> make_cofactor(const Size& size) { return std::make_unique<Cofactor>(size); }

}  // namespace flow
