// Two nets side by side, h = (scale(x), shift(x)): RealNVP's separate s and t nets.
#pragma once
#include <memory>

#include "nn/conditioner.h"

namespace flow {

class PairNet final : public Conditioner {
 public:
  // Both read the same inputs.
  PairNet(std::unique_ptr<Conditioner> scale, std::unique_ptr<Conditioner> shift)
      : scale_(std::move(scale)), shift_(std::move(shift)) {}
  std::size_t inputs() const override { return scale_->inputs(); }
  std::size_t outputs() const override { return scale_->outputs() + shift_->outputs(); }
  void prepare(const real* theta, real* derived, bool gradient) const override {
    scale_->prepare(theta, derived, gradient);
    shift_->prepare(theta, derived, gradient);
  }
  void forward(CMat x, Mat h, Frame f) const override {
    scale_->forward(x, h.columns(0, scale_->outputs()), f);
    f.skip(scale_->frame_size(f.rows()));
    shift_->forward(x, h.columns(scale_->outputs(), shift_->outputs()), f);
  }
  void backward(CMat x, Mat dx, CMat dh, Frame f) const override {
    scale_->backward(x, dx, dh.columns(0, scale_->outputs()), f);
    f.skip(scale_->frame_size(f.rows()));
    shift_->backward(x, dx, dh.columns(scale_->outputs(), shift_->outputs()), f);
  }
  FrameSize frame_size(std::size_t rows) const override {
    const FrameSize a = scale_->frame_size(rows), b = shift_->frame_size(rows);
    return {.kept = a.kept + b.kept, .scratch = std::max(a.scratch, b.scratch)};
  }

 private:
  std::unique_ptr<Conditioner> scale_, shift_;
};

}  // namespace flow
