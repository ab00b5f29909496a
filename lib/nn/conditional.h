// h = net(x, c): any net that also sees the context of the row, in the columns behind x.
#pragma once
#include <memory>

#include "core/missing.h"
#include "nn/conditioner.h"

namespace flow {

class ConditionalNet final : public Conditioner {
 public:
  // net: context columns more than inputs(). marginal: cells of x may be missing; the net sees 0.
  ConditionalNet(std::size_t context, std::unique_ptr<Conditioner> net, bool marginal = false)
      : context_(context), marginal_(marginal), net_(std::move(net)) {}
  std::size_t inputs() const override { return net_->inputs() - context_; }
  std::size_t outputs() const override { return net_->outputs(); }
  void prepare(const real* theta, real* derived, bool gradient) const override {
    net_->prepare(theta, derived, gradient);
  }
  void forward(CMat x, Mat h, Frame f) const override {
    const Mat both = f.keep(net_->inputs());
    marginal_ ? copy_observed(x, both.columns(0, x.cols)) : copy(x, both.columns(0, x.cols));
    copy(f.context(), both.columns(x.cols, context_));
    net_->forward(both, h, f);
  }
  void backward(CMat, Mat dx, CMat dh, Frame f) const override {
    const Mat both = f.keep(net_->inputs()), d = f.scratch(net_->inputs());
    copy(dx, d.columns(0, dx.cols));
    fill(d.columns(dx.cols, context_), 0);
    net_->backward(both, d, dh, f);
    copy(d.columns(0, dx.cols), dx);
    if (f.context_gradient().cols > 0) add(d.columns(dx.cols, context_), f.context_gradient());
  }
  FrameSize frame_size(std::size_t rows) const override {
    const FrameSize net = net_->frame_size(rows);
    const std::size_t both = rows * net_->inputs();
    return {.kept = net.kept + both, .scratch = net.scratch + both};
  }

 private:
  std::size_t context_;
  bool marginal_;
  std::unique_ptr<Conditioner> net_;
};

}  // namespace flow
