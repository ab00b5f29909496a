// Whole layers with their nets, and the dense alternative of the same nets.
//
// Two layers follow each other, so that the Jacobian of the whole is dense and only its factors are
// triangular: couplings that condition on either half, autoregressive layers in either order. The
// flow gives z and log |det J| of a batch of rows; the dense alternative makes J at one row by N
// vector-Jacobian products (flow/jacobian.h) and factors it. A 1x1 convolution is a permutation and
// the layer `linear`, the pixels being the rows.
#include <cstring>

#include "flow/build.h"
#include "flow/evaluate.h"
#include "flow/jacobian.h"
#include "logdet/matrix.h"
#include "logdet/method.h"

namespace flow {

namespace {

std::string layers_of(const std::string& kind) {
  const std::string one = "{kind: " + kind + "}";
  if (kind == "linear") return "[{kind: permute}, " + one + "]";
  if (kind.ends_with("autoregressive"))
    return "[" + one + ", {kind: permute, order: reverse}, " + one + "]";
  return "[" + one + ", {kind: " + kind + ", condition: second}]";
}

// A flow whose parameters are all off their start, and rows to put through it.
struct Drawn {
  ParamTable table;
  std::unique_ptr<Flow> flow;
  std::vector<real> theta, rows;

  Drawn(const Size& size, const std::string& kind) {
    const std::string h = std::to_string(size.hidden);
    Config config = Config::parse(
        "net: {hidden: [" + h + ", " + h + "], start: 0.05}\nlayers: " + layers_of(kind) + "\n",
        "flow-bench-logdet");
    if (kind == "linear") config.map("net");
    flow = build_flow(config, {.columns = size.n}, table);
    theta.resize(table.size()), rows.resize(size.rows * size.n);
    table.start(theta, 0);
    if (kind == "linear") disturb(0.5 / std::sqrt(static_cast<double>(size.n)));
    const Random random(size.n, Stream::test);
    std::vector<double> row(size.n);
    for (std::size_t i = 0; i < size.rows; ++i) {
      random.normal(i, row);
      std::copy(row.begin(), row.end(), rows.begin() + static_cast<std::ptrdiff_t>(i * size.n));
    }
  }
  // A matrix starts as the identity, whose determinant would be no test.
  void disturb(double deviation) {
    for (const auto& e : table.entries()) {
      if (e.role == Role::buffer) continue;
      const auto noise = normal_numbers(e.param.size(), e.param.offset, deviation);
      for (std::size_t i = 0; i < e.param.size(); ++i) theta[e.param.offset + i] += noise.data()[i];
    }
  }
};

// Its Jacobian at the first row.
class JacobianAt {
 public:
  explicit JacobianAt(const Drawn& d)
      : drawn_(d), dense_(*d.flow, d.table, d.theta), j_(d.flow->columns() * d.flow->columns()) {}
  void make() { dense_.at(std::span(drawn_.rows).first(columns()), j_); }
  Mat view() const { return {j_.data(), columns(), columns(), columns()}; }

 private:
  std::size_t columns() const { return drawn_.flow->columns(); }
  const Drawn& drawn_;
  DenseJacobian dense_;
  Aligned<real> j_;
};

class Layers final : public Trial {
 public:
  Layers(const Size& size, const char* kind)
      : drawn_(size, kind),
        evaluator_(*drawn_.flow, drawn_.table, drawn_.theta, size.threads),
        z_(drawn_.rows),
        logdet_(size.rows) {}
  std::size_t log_dets() const override { return logdet_.size(); }
  void restore() override { z_ = drawn_.rows; }
  double run() override {
    evaluator_.encode(z_.data(), logdet_.size(), logdet_, drawn_.flow->depth());
    return logdet_[0];
  }
  double reference() override {
    JacobianAt jacobian(drawn_);
    jacobian.make();
    return log_det_in_double<real>(jacobian.view());
  }

 private:
  Drawn drawn_;
  Evaluator evaluator_;
  std::vector<real> z_;
  std::vector<double> logdet_;
};

class Dense final : public Trial {
 public:
  Dense(const Size& size, const char* kind)
      : drawn_(size, kind), jacobian_(drawn_), work_(size.n), pivots_(size.n), size_(size) {}
  double run() override {
    jacobian_.make();
    copy_matrix<real>(jacobian_.view(), work_.view());
    return log_abs_det(work_.view(), pivots_, size_.threads).log_abs;
  }
  // What the flow itself says.
  double reference() override {
    Evaluator evaluator(*drawn_.flow, drawn_.table, drawn_.theta, 1);
    std::vector<real> row(drawn_.rows.begin(),
                          drawn_.rows.begin() + static_cast<std::ptrdiff_t>(size_.n));
    double logdet = 0;
    evaluator.encode(row.data(), 1, {&logdet, 1}, drawn_.flow->depth());
    return logdet;
  }

 private:
  Drawn drawn_;
  JacobianAt jacobian_;
  Square<real> work_;
  std::vector<std::size_t> pivots_;
  Size size_;
};

}  // namespace

std::unique_ptr<Trial> make_layers(const Size& size, const char* kind) {
  return std::make_unique<Layers>(size, kind);
}
std::unique_ptr<Trial> make_dense(const Size& size, const char* kind) {
  return std::make_unique<Dense>(size, kind);
}

}  // namespace flow
