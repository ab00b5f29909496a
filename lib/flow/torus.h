// The base of a flow with angles: another density of the columns in front, and the uniform one of
// each angle on [-pi, pi). A circle has no other density that no turn changes, so it stays uniform
// at every temperature.
#pragma once
#include "flow/base.h"

namespace flow {

class Torus final : public Base {
 public:
  // other: of the columns before the last `angles`; null where there is none.
  // marginal: cells may be missing.
  Torus(std::unique_ptr<Base> other, std::size_t angles, bool marginal);
  void log_density(CMat z, LogDet logp, Frame f) const override;
  void backward(CMat z, Mat dz, CLogDet dlogp, Frame f) const override;
  void sample(Mat z, const Random& random, std::uint64_t first_row, double temperature,
              Frame f) const override;
  FrameSize frame_size(std::size_t rows) const override;

 private:
  std::unique_ptr<Base> other_, uniform_;
  std::size_t angles_;
};

}  // namespace flow
