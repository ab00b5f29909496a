// h = net(cos a, sin a, c),  a = pi x / B: a net of points of the circle [-B, B), where -B and B
// are one. Of x itself h would jump there, and so would the density of a circular flow (Rezende and
// others: Normalizing flows on tori and spheres, 2020, section 2.1.3).
// Backward: dx = pi / B (cos a d_sin - sin a d_cos).
//
// A net of no angle sees the number 1, so that a single angle has a coupling too.
#pragma once
#include <memory>

#include "nn/conditioner.h"

namespace flow {

// Sets points (rows x 2n, the cosines before the sines) for x (rows x n) on the circle of bound B.
// What is not finite counts as 0.
void angles_to_points(CMat x, real bound, Mat points);
// Adds to dx what the gradient d of such points comes to.
void add_angle_gradient(CMat points, CMat d, real bound, Mat dx);

class AngleNet final : public Conditioner {
 public:
  // net: two inputs for each of x, or one where there is none; those of a context stand behind
  // (nn/conditional.h).
  AngleNet(std::size_t inputs, real bound, std::unique_ptr<Conditioner> net)
      : inputs_(inputs), bound_(bound), net_(std::move(net)) {}
  std::size_t inputs() const override { return inputs_; }
  std::size_t outputs() const override { return net_->outputs(); }
  void prepare(const real* theta, real* derived, bool gradient) const override {
    net_->prepare(theta, derived, gradient);
  }
  void forward(CMat x, Mat h, Frame f) const override;
  void backward(CMat x, Mat dx, CMat dh, Frame f) const override;
  FrameSize frame_size(std::size_t rows) const override;

 private:
  std::size_t points() const { return inputs_ > 0 ? 2 * inputs_ : 1; }

  std::size_t inputs_;
  real bound_;
  std::unique_ptr<Conditioner> net_;
};

}  // namespace flow
