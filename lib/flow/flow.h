// A flow: layers in sequence, then a base density. log p(x) = log p_base(f(x)) + log |det df/dx|,
// the log-dets of the layers summed (Rezende, Mohamed: Variational inference with normalizing
// flows, 2015). Everything here works on one block of rows; evaluate.h runs blocks of any number of
// rows in threads.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "flow/base.h"
#include "layers/layer.h"

namespace flow {

class Flow {
 public:
  // marginal: cells of x may be missing, NaN, and the last `columns` columns of the context are the
  // mask (layers/observed.h).
  explicit Flow(std::size_t columns, std::size_t context = 0, bool marginal = false)
      : columns_(columns), context_(context), marginal_(marginal) {}
  void add(std::string name, std::unique_ptr<Layer> layer);
  void end_with(std::unique_ptr<Base> base) { base_ = std::move(base); }

  std::size_t columns() const { return columns_; }
  // Columns of what the density is conditional on, p(x | c). They stand behind x in every row that
  // is handed in, and go through unchanged.
  std::size_t context() const { return context_; }
  std::size_t width() const { return columns_ + context_; }
  bool marginal() const { return marginal_; }
  std::size_t depth() const { return steps_.size(); }
  const std::string& name(std::size_t k) const { return steps_[k].name; }
  const Layer& layer(std::size_t k) const { return *steps_[k].layer; }
  const Base& base() const { return *base_; }
  bool couples_rows() const;  // some layer does

  // Fills derived, one layer a task.
  void prepare(CVec theta, Vec derived, bool gradient, std::size_t threads) const;

  // Memory that a pass over a block of rows takes: to be followed by gradient, or not.
  FrameSize training_size(std::size_t rows) const;
  FrameSize evaluation_size(std::size_t rows) const;

  // x becomes z behind layers first .. last-1, whose log-dets are added.
  void encode(Mat x, LogDet logdet, Frame f, std::size_t first, std::size_t last) const;
  // z behind layer last-1 becomes x before layer first; log-dets subtracted, or empty.
  void decode(Mat z, LogDet logdet, Frame f, std::size_t first, std::size_t last) const;
  // Sets logp and adds the gradient of sum_i dlogp[i] log p(x_i); x becomes z and x again, dx is
  // set.
  void gradient(Mat x, Mat dx, LogDet logp, CLogDet dlogp, Frame f) const;

  // The two halves of it, without the base: x becomes z, log-dets are added, and what backward
  // needs is kept; then z becomes x again and dz the gradient of <dz, z> + <dlogdet, logdet> with
  // respect to x.
  void forward(Mat x, LogDet logdet, Frame f) const;
  void backward(Mat z, Mat dz, CLogDet dlogdet, Frame f) const;

 private:
  struct Step {
    std::string name;
    std::unique_ptr<Layer> layer;
    std::size_t kept_columns;  // of the layers before it
  };

  // Each layer keeps its own memory until backward has passed it.
  static Frame frame_of(const Step& s, Frame f);

  std::size_t columns_, context_, kept_columns_ = 0;
  bool marginal_;
  std::vector<Step> steps_;
  std::unique_ptr<Base> base_;
};

}  // namespace flow
