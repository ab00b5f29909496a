#include "layers/per_pixel.h"

#include "core/image.h"

namespace flow {

namespace {

// What the layer adds for one row, times the pixels, for all.
void add(double one, std::size_t pixels, LogDet logdet) {
  add_to_all(one * static_cast<double>(pixels), logdet);
}

}  // namespace

template <class G>
void PerPixel::by_channel_of(Mat x, Frame& f, G g) const {
  if (x.ld == x.rows) return g(by_channel(x, channels_));
  const Mat packed = f.scratch(x.cols);
  copy(x, packed);
  g(by_channel(packed, channels_));
  copy(packed, x);
}

void PerPixel::forward(Mat x, LogDet logdet, Frame f) const {
  double one = 0;
  by_channel_of(x, f, [&](Mat c) { layer_->forward(c, {&one, 1}, f.by_pixel(pixels_)); });
  add(one, pixels_, logdet);
}

void PerPixel::inverse(Mat z, LogDet logdet, Frame f) const {
  double one = 0;
  by_channel_of(z, f, [&](Mat c) { layer_->inverse(c, {&one, 1}, f.by_pixel(pixels_)); });
  add(one, pixels_, logdet);
}

void PerPixel::backward(Mat z, Mat dz, CLogDet dlogdet, Frame f) const {
  const double all = sum(dlogdet) * static_cast<double>(pixels_);
  by_channel_of(z, f, [&](Mat c) {
    by_channel_of(dz, f, [&](Mat dc) { layer_->backward(c, dc, {&all, 1}, f.by_pixel(pixels_)); });
  });
}

FrameSize PerPixel::frame_size(std::size_t rows) const {
  FrameSize size = layer_->frame_size(rows * pixels_);
  size.scratch += 2 * rows * pixels_ * channels_;
  return size;
}

void PerPixel::start_from(CMat x, Vec theta) const {
  if (x.ld == x.rows) return layer_->start_from(by_channel(x, channels_), theta);
  std::vector<real> packed(x.rows * x.cols);
  const Mat to{packed.data(), x.rows, x.cols, x.rows};
  copy(x, to);
  layer_->start_from(by_channel<const real>(to, channels_), theta);
}

}  // namespace flow
