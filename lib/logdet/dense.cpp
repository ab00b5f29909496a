// P A = L U with partial pivoting, log |det A| = sum_i log |u_ii|: 2/3 N^3 operations, by the
// library's recursive LU over BLIS (nn/lu.h).
//
// A 1x1 convolution that is trained as a plain matrix must keep it, so that each step takes a copy
// and factors that: Glow's published code with its switch for LU off (section 3.2).
#include "logdet/given_matrix.h"

namespace flow {

namespace {

class Lu : public GivenMatrix {
 public:
  explicit Lu(const Size& size) : GivenMatrix(size.n), pivots_(size.n), threads_(size.threads) {}
  double run() override { return log_abs_det(work(), pivots_, threads_).log_abs; }

 private:
  std::vector<std::size_t> pivots_;
  std::size_t threads_;
};

class Slogdet final : public Lu {
 public:
  using Lu::Lu;
  void restore() override {}
  double run() override {
    Lu::restore();
    return Lu::run();
  }
};

}  // namespace

std::unique_ptr<Trial> make_lu(const Size& size) { return std::make_unique<Lu>(size); }
std::unique_ptr<Trial> make_slogdet(const Size& size) { return std::make_unique<Slogdet>(size); }

}  // namespace flow
