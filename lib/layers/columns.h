// Columns as they are to the real line, each by the map of its type, with about mean 0 and
// deviation 1 behind it. c and s are fitted to the training rows and then fixed.
//
//   line    z = (x - c) / s                  real; integers without bounds
//   asinh   z = w asinh((x - c) / (w s))     the same, robust: c the median, s 0.741 times the
//                                            distance of the quartiles, w = 4: the middle stays
//                                            as it is, and tails become logarithmic
//   log     z = (ln(x - low) - c) / s        positive; integers bounded below
//   logit   z = (logit(x) - c) / s           interval; integers of many values
//   angle   z = 2 pi x / period - pi             periodic, x from 0 to the period: c and s are
//   fixed levels  z = Phi^-1(a + (1 - 2a) v)       categories; integers of few values
//           v = F_k + p_k (t - k),  t = x / step in [0, K),  k = floor t,  F_k = sum_(i<k) p_i
//
// p_k are the shares of the levels among the training rows: a column of levels that is dequantised
// uniformly is then exactly standard normal, and a flow that is the identity behind this layer
// gives each value the logarithm of its share. So categories need neither an order nor a column
// each: one column, an exact density, and a bound on the log-probability that starts tight (Theis,
// van den Oord, Bethge: A note on the evaluation of generative models, 2016, section 3.1, has the
// bound). As in logit, a keeps the ends finite.
//
// A missing cell stays missing (layers/observed.h), and the start is that of the others.
//
// Backward: dL/dx = z' dz + (ln z')' dlogdet, with (ln z')' = z z' of levels, and with t =
// (x - c)/(w s), -t / (w s (1 + t^2)) of asinh; kernels/logit.inc has those of log and logit.
#pragma once
#include <span>

#include "core/columns.h"
#include "layers/layer.h"

namespace flow {

class Columns final : public Layer {
 public:
  // Of modelled columns, as the flow sees them: discrete ones from 0, with noise.
  // marginal: cells may be missing.
  Columns(const std::string& name, std::span<const Column> columns, ParamTable& table,
          bool marginal = false);
  void prepare(const real* theta, real* derived, bool gradient) const override;
  void forward(Mat x, LogDet logdet, Frame f) const override;
  void inverse(Mat z, LogDet logdet, Frame f) const override;
  void backward(Mat z, Mat dz, CLogDet dlogdet, Frame f) const override;
  Reach reach() const override { return Reach::own; }
  FrameSize frame_size(std::size_t rows) const override;
  void start_from(CMat x, Vec theta) const override;

 private:
  enum class Map { line, angle, asinh, log, logit, levels };
  struct Margin {
    Map map;
    real low = 0, high = 0;
    double period = 0;
    double step = 1;
    std::size_t levels = 0;
    std::size_t first = 0, knots = 0;  // of its log-shares and of its F_k, among all columns'
    bool by_number() const { return map == Map::asinh || map == Map::levels; }
  };
  struct Local;  // a map of one number, with derivatives

  void forward(std::size_t j, Mat column, LogDet logdet, Frame f) const;
  void inverse(std::size_t j, Mat column, LogDet logdet, Frame f) const;
  void start_column(std::size_t j, std::vector<real> values, Vec theta) const;

  static Margin margin_of(const Column& column);
  Local local(std::size_t j, real x, Frame f) const;
  real back(std::size_t j, real z, Frame f) const;

  bool marginal_;
  std::vector<Margin> margins_;
  Param centre_, deviation_, log_share_{};
  Slot knots_;
};

}  // namespace flow
