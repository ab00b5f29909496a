// A flow layer: an invertible map z = f(x) of each row, with a cheap log |det df/dx|.
// Layers are const and stateless: parameters, memory and noise come in the Frame. "Forward" is
// always from data to latent, the direction of training.
#pragma once
#include <string>
#include <vector>

#include "core/frame.h"

namespace flow {

// What columns of x a column of z depends on.
enum class Reach {
  own,     // the one in its place
  before,  // that, and those before it
  moves,   // one elsewhere: a permutation
  all,
};

class Layer {
 public:
  virtual ~Layer() = default;

  // Once per step, shared by all threads: what is derived from the parameters. What only backward
  // needs is left out without `gradient`. Error(Exit::model) for parameters that cannot be.
  virtual void prepare(const real* /*theta*/, real* /*derived*/, bool /*gradient*/) const {}

  // x becomes z;  logdet[i] += log |det df/dx| at row i, -Inf where the density of x is 0.
  virtual void forward(Mat x, LogDet logdet, Frame f) const = 0;

  // z becomes x;  the same log-det is SUBTRACTED (empty: not wanted).
  virtual void inverse(Mat z, LogDet logdet, Frame f) const = 0;

  // The vector-Jacobian product of L = <dz, f(x)> + <dlogdet, logdet(x)>, after a forward with the
  // same frame: z becomes x again, dz becomes dL/dx, and dL/dtheta is ADDED to the gradient.
  virtual void backward(Mat z, Mat dz, CLogDet dlogdet, Frame f) const = 0;

  virtual FrameSize frame_size(std::size_t rows) const = 0;

  virtual Reach reach() const { return Reach::all; }
  // z = A x, with the same A and log-det for all rows.
  virtual bool is_linear() const { return false; }

  // Parameters that start from data, as this layer sees it: any number of rows x columns.
  virtual void start_from(CMat /*x*/, Vec /*theta*/) const {}

  // True where a row's z depends on the other rows of its block (batch norm, in training). Then
  // start_from is called again before each evaluation.
  virtual bool couples_rows() const { return false; }
};

// log-dets that are the same for every row.
inline void add_to_all(double value, LogDet logdet) {
  for (double& l : logdet) l += value;
}

inline double sum(CLogDet logdet) {
  double s = 0;
  for (double l : logdet) s += l;
  return s;
}

}  // namespace flow
