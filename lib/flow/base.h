// Base densities of the latent rows z: log p(x) = log p_base(f(x)) + log |det df/dx|.
#pragma once
#include <memory>

#include "core/frame.h"

namespace flow {

class Base {
 public:
  virtual ~Base() = default;
  // logp[i] += log p(z_i)
  virtual void log_density(CMat z, LogDet logp, Frame f) const = 0;
  // For L = <dlogp, log p(z)>: dz is SET to dL/dz, dL/dtheta is ADDED to the gradient.
  virtual void backward(CMat z, Mat dz, CLogDet dlogp, Frame f) const = 0;
  // Draws the `valid` rows of the frame, numbered from first_row; scaled about the centre by the
  // temperature.
  virtual void sample(Mat z, const Random& random, std::uint64_t first_row, double temperature,
                      Frame f) const = 0;
  virtual FrameSize frame_size(std::size_t /*rows*/) const { return {}; }
};

class Normal final : public Base {  // N(0, I)
 public:
  void log_density(CMat z, LogDet logp, Frame f) const override;
  void backward(CMat z, Mat dz, CLogDet dlogp, Frame f) const override;
  void sample(Mat z, const Random& random, std::uint64_t first_row, double temperature,
              Frame f) const override;
};

class Logistic final : public Base {  // NICE's: independent, e^-z / (1 + e^-z)^2
 public:
  void log_density(CMat z, LogDet logp, Frame f) const override;
  void backward(CMat z, Mat dz, CLogDet dlogp, Frame f) const override;
  void sample(Mat z, const Random& random, std::uint64_t first_row, double temperature,
              Frame f) const override;
};

class Laplace final : public Base {  // independent, e^-|z| / 2
 public:
  void log_density(CMat z, LogDet logp, Frame f) const override;
  void backward(CMat z, Mat dz, CLogDet dlogp, Frame f) const override;
  void sample(Mat z, const Random& random, std::uint64_t first_row, double temperature,
              Frame f) const override;
};

class Box final : public Base {  // uniform on [-B, B] in each column, 0 outside
 public:
  explicit Box(real bound) : bound_(bound) {}
  void log_density(CMat z, LogDet logp, Frame f) const override;
  void backward(CMat z, Mat dz, CLogDet dlogp, Frame f) const override;
  // Error(Exit::usage) for a temperature above 1.
  void sample(Mat z, const Random& random, std::uint64_t first_row, double temperature,
              Frame f) const override;

 private:
  real bound_;
};

// Of rows with missing cells (layers/observed.h): a base without parameters whose columns are
// independent, over the cells that are there.
class ObservedBase final : public Base {
 public:
  explicit ObservedBase(std::unique_ptr<Base> base) : base_(std::move(base)) {}
  void log_density(CMat z, LogDet logp, Frame f) const override;
  void backward(CMat z, Mat dz, CLogDet dlogp, Frame f) const override;
  void sample(Mat z, const Random& random, std::uint64_t first_row, double temperature,
              Frame f) const override;
  FrameSize frame_size(std::size_t rows) const override;

 private:
  std::unique_ptr<Base> base_;
};

// N(m, diag(exp(2 s))), both learned. With u = (z - m) exp(-s): log p = log N(u) - sum_j s_j;
// dL/dz = -dlogp u exp(-s),  dL/dm = -sum_i dL/dz,  dL/ds = -sum_i (dL/dz (z - m) + dlogp).
class DiagonalNormal final : public Base {
 public:
  DiagonalNormal(const std::string& name, std::size_t columns, ParamTable& table);
  void log_density(CMat z, LogDet logp, Frame f) const override;
  void backward(CMat z, Mat dz, CLogDet dlogp, Frame f) const override;
  void sample(Mat z, const Random& random, std::uint64_t first_row, double temperature,
              Frame f) const override;
  FrameSize frame_size(std::size_t rows) const override;

 private:
  Mat standard(CMat z, Frame f) const;  // u, in scratch
  Param mean_, log_deviation_;
};

}  // namespace flow
