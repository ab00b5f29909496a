// z_a = x_a,  z_b = map(x_b; h),  h = net(x_a): the Jacobian is triangular, so its log-determinant
// is the sum of the map's own, O(D).  Dinh, Krueger, Bengio: NICE (2014), section 3.2; Dinh,
// Sohl-Dickstein, Bengio: Real NVP (2017), section 3.2. Written once for every map and every net.
//
// Backward: the map gives dx_b and dh from dz_b and dlogdet; the net adds its share to dx_a.
#pragma once
#include <memory>

#include "kernels/kernels.h"
#include "layers/layer.h"
#include "nn/conditioner.h"

namespace flow {

// Which columns stay: the first half (the larger where D is odd), the others, or none, where the
// map depends on a context only; so it does of a single column.
enum class Half { first, second, none };

struct ColumnSplit {
  std::size_t a_first, a, b_first, b;  // first column and number of columns of x_a and x_b
};
ColumnSplit split(std::size_t columns, Half kept);

class Coupling final : public Layer {
 public:
  // net: split.a inputs, map.params(spec) * split.b outputs.
  Coupling(const std::string& name, ColumnSplit split, const Map& map, MapSpec spec,
           std::unique_ptr<Conditioner> net, ParamTable& table);
  void prepare(const real* theta, real* derived, bool gradient) const override;
  void forward(Mat x, LogDet logdet, Frame f) const override;
  void inverse(Mat z, LogDet logdet, Frame f) const override;
  void backward(Mat z, Mat dz, CLogDet dlogdet, Frame f) const override;
  FrameSize frame_size(std::size_t rows) const override;

 private:
  Mat a(Mat x) const { return x.columns(split_.a_first, split_.a); }
  Mat b(Mat x) const { return x.columns(split_.b_first, split_.b); }
  bool shares() const { return spec_.gain == Gain::learned; }
  const real* shared(Frame f) const { return shares() ? f.theta(shared_).data() : nullptr; }

  ColumnSplit split_;
  const Map& map_;
  MapSpec spec_;
  std::unique_ptr<Conditioner> net_;
  Param shared_;  // of RealNVP's learned gain; empty otherwise
};

}  // namespace flow
