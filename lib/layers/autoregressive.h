// z_j = map(x_j; h_j),  h_j = net(x_0 .. x_(j-1), c): the Jacobian is triangular, its
// log-determinant the sum of the map's own. One pass of a masked net gives all columns forward;
// backwards column after column, each unit of the net once.  Papamakarios, Pavlakou, Murray: Masked
// autoregressive flow (2017), section 3.
//
// Backward: the map gives dx_j and dh_j from dz_j and dlogdet; the net adds its share to dx of the
// columns before.
#pragma once
#include "kernels/kernels.h"
#include "layers/layer.h"
#include "nn/made.h"

namespace flow {

class Autoregressive final : public Layer {
 public:
  // context: columns of the frame's context.
  Autoregressive(const std::string& name, std::size_t columns, std::size_t context, const Map& map,
                 MapSpec spec, const NetSpec& net, ParamTable& table);
  void prepare(const real* theta, real* derived, bool gradient) const override;
  void forward(Mat x, LogDet logdet, Frame f) const override;
  void inverse(Mat z, LogDet logdet, Frame f) const override;
  void backward(Mat z, Mat dz, CLogDet dlogdet, Frame f) const override;
  Reach reach() const override { return Reach::before; }
  FrameSize frame_size(std::size_t rows) const override;

 private:
  std::size_t inputs() const { return context_ + columns_; }

  std::size_t columns_, context_;
  const Map& map_;
  MapSpec spec_;
  Made net_;  // of the context, then x
};

}  // namespace flow
