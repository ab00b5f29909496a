#include "layers/reorder.h"

namespace flow {

namespace {

// to_j = from_(places_j)
void gather(CMat from, const Places& places, Mat to) {
  for (std::size_t j = 0; j < places.size(); ++j)
    std::copy_n(from.col(places[j]), from.rows, to.col(j));
}

// to_(places_j) = from_j
void scatter(CMat from, const Places& places, Mat to) {
  for (std::size_t j = 0; j < places.size(); ++j)
    std::copy_n(from.col(j), from.rows, to.col(places[j]));
}

}  // namespace

void Reorder::forward(Mat x, LogDet, Frame f) const {
  const Mat from = f.scratch(x.cols);
  copy(x, from);
  gather(from, places_, x);
}

void Reorder::inverse(Mat z, LogDet, Frame f) const {
  const Mat from = f.scratch(z.cols);
  copy(z, from);
  scatter(from, places_, z);
}

void Reorder::backward(Mat z, Mat dz, CLogDet, Frame f) const {
  inverse(z, {}, f);
  inverse(dz, {}, f);
}

FrameSize Reorder::frame_size(std::size_t rows) const {
  return {.kept = 0, .scratch = rows * places_.size()};
}

void Reordered::forward(Mat x, LogDet logdet, Frame f) const {
  const Mat y = f.scratch(x.cols);
  gather(x, places_, y);
  layer_->forward(y, logdet, f);
  scatter(y, places_, x);
}

void Reordered::inverse(Mat z, LogDet logdet, Frame f) const {
  const Mat y = f.scratch(z.cols);
  gather(z, places_, y);
  layer_->inverse(y, logdet, f);
  scatter(y, places_, z);
}

void Reordered::backward(Mat z, Mat dz, CLogDet dlogdet, Frame f) const {
  const Mat y = f.scratch(z.cols), dy = f.scratch(z.cols);
  gather(z, places_, y), gather(dz, places_, dy);
  layer_->backward(y, dy, dlogdet, f);
  scatter(y, places_, z), scatter(dy, places_, dz);
}

FrameSize Reordered::frame_size(std::size_t rows) const {
  FrameSize size = layer_->frame_size(rows);
  size.scratch += 2 * rows * places_.size();
  return size;
}

}  // namespace flow
