// x_j = map(z_j; h_j),  h_j = net(z_0 .. z_(j-1), c): the autoregressive layer turned round, so
// that one pass of the net draws a sample, and scoring goes column after column.  Kingma, Salimans,
// Jozefowicz, Chen, Sutskever, Welling: Improving variational inference with inverse autoregressive
// flow (2016), section 3.
//
// Backward: with m_j = log |dx_j/dz_j| and c = -dlogdet, x is fixed where z is solved for, so v =
// dL/dx makes
//   Phi = <dz, z> + <c, sum_j m_j> - <v, map(z; net(z))>
// stationary in z. From the last column to the first that gives
//   v_j = (dz_j + n_j + c dm_j/dz_j) / exp(m_j),   dh_j = d(c m_j - v_j map(z_j; h_j)) / dh_j,
// n_j the net's share from the columns behind j; and dL/dtheta is that of Phi.
#pragma once
#include "kernels/kernels.h"
#include "layers/layer.h"
#include "nn/made.h"

namespace flow {

class InverseAutoregressive final : public Layer {
 public:
  // context: columns of the frame's context.
  InverseAutoregressive(const std::string& name, std::size_t columns, std::size_t context,
                        const Map& map, MapSpec spec, const NetSpec& net, ParamTable& table);
  void prepare(const real* theta, real* derived, bool gradient) const override;
  void forward(Mat x, LogDet logdet, Frame f) const override;
  void inverse(Mat z, LogDet logdet, Frame f) const override;
  void backward(Mat z, Mat dz, CLogDet dlogdet, Frame f) const override;
  Reach reach() const override { return Reach::before; }
  FrameSize frame_size(std::size_t rows) const override;

 private:
  std::size_t inputs() const { return context_ + columns_; }
  // The parameters of column j stand columns_ apart.
  Mat own(Mat h, std::size_t j) const;

  std::size_t columns_, context_;
  const Map& map_;
  MapSpec spec_;
  Made net_;  // of the context, then z
};

}  // namespace flow
