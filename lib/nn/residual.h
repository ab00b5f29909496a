// A residual MLP with pre-activation blocks (He and others: Identity mappings in deep residual
// networks, 2016), as in Neural Spline Flows:
//   r_0 = W_in x + b;   r_(k+1) = r_k + V_k f(U_k f(r_k) + u_k) + v_k;   h = W_out r_n + b.
#pragma once
#include <vector>

#include "nn/mlp.h"

namespace flow {

struct ResidualBlock {
  Dense u, v;
};

class ResidualMlp final : public Conditioner {
 public:
  ResidualMlp(const std::string& name, std::size_t inputs, std::size_t outputs, const NetSpec& spec,
              ParamTable& table);
  std::size_t inputs() const override { return in_.inputs(); }
  std::size_t outputs() const override { return out_.outputs(); }
  void prepare(const real* theta, real* derived, bool gradient) const override;
  void forward(CMat x, Mat h, Frame f) const override;
  void backward(CMat x, Mat dx, CMat dh, Frame f) const override;
  FrameSize frame_size(std::size_t rows) const override;

 private:
  // a1 = f(r), r1 = U a1 + u, a2 = f(r1) with dropout; r is kept for silu only.
  struct Kept {
    Mat r, a1, r1, a2, dropped, mask;
  };
  Kept kept(std::size_t block, Frame f) const;
  Mat stream(Frame f) const;  // r, as it runs through the blocks
  bool drops() const { return spec_.dropout > 0; }
  std::size_t width() const { return spec_.hidden.front(); }

  NetSpec spec_;
  Dense in_;
  std::vector<ResidualBlock> blocks_;
  Dense out_;
};

}  // namespace flow
