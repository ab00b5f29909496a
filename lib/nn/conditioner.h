// A conditioner: the network that gives a coupling its parameters, h = net(x). Any function will
// do: it is never inverted, and its Jacobian never enters the determinant.
#pragma once
#include "core/frame.h"

namespace flow {

class Conditioner {
 public:
  virtual ~Conditioner() = default;
  virtual std::size_t inputs() const = 0;
  virtual std::size_t outputs() const = 0;
  // Once per step: packs weights into derived; what only backward needs is left out without
  // gradient.
  virtual void prepare(const real* theta, real* derived, bool gradient) const = 0;
  // x: rows x inputs; h (rows x outputs) is set.
  virtual void forward(CMat x, Mat h, Frame f) const = 0;
  // After a forward with the same frame: dL/dx is ADDED to dx, dL/dtheta to the gradient.
  virtual void backward(CMat x, Mat dx, CMat dh, Frame f) const = 0;
  virtual FrameSize frame_size(std::size_t rows) const = 0;
};

}  // namespace flow
