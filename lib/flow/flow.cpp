#include "flow/flow.h"

#include <utility>

#include "core/parallel.h"

namespace flow {

void Flow::add(std::string name, std::unique_ptr<Layer> layer) {
  const std::size_t kept = layer->frame_size(lanes).kept / lanes;
  steps_.push_back({std::move(name), std::move(layer), kept_columns_});
  kept_columns_ += kept;
}

bool Flow::couples_rows() const {
  return std::any_of(steps_.begin(), steps_.end(),
                     [](const Step& s) { return s.layer->couples_rows(); });
}

void Flow::prepare(CVec theta, Vec derived, bool gradient, std::size_t threads) const {
  for_each_block(steps_.size(), threads, [&](std::size_t k, std::size_t) {
    steps_[k].layer->prepare(theta.data(), derived.data(), gradient);
  });
}

FrameSize Flow::training_size(std::size_t rows) const {
  FrameSize size{kept_columns_ * rows, base_->frame_size(rows).scratch};
  for (const Step& s : steps_)
    size.scratch = std::max(size.scratch, s.layer->frame_size(rows).scratch);
  return size;
}

FrameSize Flow::evaluation_size(std::size_t rows) const {
  FrameSize size = base_->frame_size(rows);
  for (const Step& s : steps_) {
    const FrameSize layer = s.layer->frame_size(rows);
    size = {std::max(size.kept, layer.kept), std::max(size.scratch, layer.scratch)};
  }
  return size;
}

void Flow::encode(Mat x, LogDet logdet, Frame f, std::size_t first, std::size_t last) const {
  for (std::size_t k = first; k < last; ++k) steps_[k].layer->forward(x, logdet, f);
}

void Flow::decode(Mat z, LogDet logdet, Frame f, std::size_t first, std::size_t last) const {
  for (std::size_t k = last; k-- > first;) steps_[k].layer->inverse(z, logdet, f);
}

Frame Flow::frame_of(const Step& s, Frame f) {
  f.skip({.kept = s.kept_columns * f.rows(), .scratch = 0});
  return f;
}

void Flow::forward(Mat x, LogDet logdet, Frame f) const {
  for (const Step& s : steps_) s.layer->forward(x, logdet, frame_of(s, f));
}

void Flow::backward(Mat z, Mat dz, CLogDet dlogdet, Frame f) const {
  for (auto s = steps_.rbegin(); s != steps_.rend(); ++s)
    s->layer->backward(z, dz, dlogdet, frame_of(*s, f));
}

void Flow::gradient(Mat x, Mat dx, LogDet logp, CLogDet dlogp, Frame f) const {
  std::fill(logp.begin(), logp.end(), 0.0);
  forward(x, logp, f);
  base_->log_density(x, logp, f);
  base_->backward(x, dx, dlogp, f);
  backward(x, dx, dlogp, f);
}

}  // namespace flow
