#include "layers/permute.h"

#include "core/error.h"

namespace flow {

namespace {

Start start_order(Order order) {
  return [order](Vec p, const Random& random) {
    const std::size_t n = p.size(), firsts = (n + 1) / 2;
    std::vector<std::uint64_t> drawn;
    if (order == Order::random) drawn = random.permutation(n);
    for (std::size_t j = 0; j < n; ++j) switch (order) {
        case Order::reverse:
          p[j] = static_cast<real>(n - 1 - j);
          break;
        case Order::random:
          p[j] = static_cast<real>(drawn[j]);
          break;
        case Order::interleave:
          p[j] = static_cast<real>(j < firsts ? 2 * j : 2 * (j - firsts) + 1);
          break;
      }
  };
}

std::size_t index(real p) { return static_cast<std::size_t>(p); }

}  // namespace

Permute::Permute(const std::string& name, std::size_t columns, Order order, ParamTable& table)
    : name_(name),
      order_(table.add(name + "/order", 1, columns, Role::buffer, start_order(order))),
      seen_(table.reserve(columns)) {}

void Permute::prepare(const real* theta, real* derived, bool) const {
  real* seen = derived + seen_.offset;
  std::fill_n(seen, order_.cols, real(0));
  for (std::size_t j = 0; j < order_.cols; ++j) {
    const real p = theta[order_.offset + j];
    const bool valid =
        p >= 0 && p < static_cast<real>(order_.cols) && p == static_cast<real>(index(p));
    require(valid && seen[index(p)] == 0, Exit::model,
            name_ + "/order: no permutation of the columns; the model is damaged");
    seen[index(p)] = 1;
  }
}

void Permute::forward(Mat x, LogDet, Frame f) const {
  const CVec order = f.theta(order_);
  const Mat from = f.scratch(x.cols);
  copy(x, from);
  for (std::size_t j = 0; j < x.cols; ++j) std::copy_n(from.col(index(order[j])), x.rows, x.col(j));
}

void Permute::apply_inverse(Mat z, Frame f) const {
  const CVec order = f.theta(order_);
  const Mat from = f.scratch(z.cols);
  copy(z, from);
  for (std::size_t j = 0; j < z.cols; ++j) std::copy_n(from.col(j), z.rows, z.col(index(order[j])));
}

void Permute::inverse(Mat z, LogDet, Frame f) const { apply_inverse(z, f); }

void Permute::backward(Mat z, Mat dz, CLogDet, Frame f) const {
  apply_inverse(z, f);
  apply_inverse(dz, f);
}

FrameSize Permute::frame_size(std::size_t rows) const {
  return {.kept = 0, .scratch = rows * order_.cols};
}

}  // namespace flow
