#include "nn/image_net.h"

#include <utility>

#include "kernels/kernels.h"

namespace flow {

ImageNet::ImageNet(ImageSize size, Places in, Places out, std::size_t context,
                   std::unique_ptr<Conditioner> net)
    : size_(size),
      in_(std::move(in)),
      out_(std::move(out)),
      context_(context),
      net_(std::move(net)) {}

void ImageNet::forward(CMat x, Mat h, Frame f) const {
  const Mat image = f.keep(net_->inputs()), result = f.scratch(net_->outputs());
  const std::size_t channels = image.cols / size_.pixels();
  if (in_.size() < image.cols) fill(image, 0);
  for (std::size_t j = 0; j < in_.size(); ++j) std::copy_n(x.col(j), x.rows, image.col(in_[j]));
  for (std::size_t p = 0; p < size_.pixels(); ++p)
    copy(f.context().columns(0, context_), image.columns((p + 1) * channels - context_, context_));
  net_->forward(image, result, f);
  for (std::size_t k = 0; k < out_.size(); ++k) std::copy_n(result.col(out_[k]), h.rows, h.col(k));
}

void ImageNet::backward(CMat, Mat dx, CMat dh, Frame f) const {
  const Mat image = f.keep(net_->inputs()), dimage = f.scratch(net_->inputs()),
            dresult = f.scratch(net_->outputs());
  fill(dimage, 0);
  if (out_.size() < dresult.cols) fill(dresult, 0);
  for (std::size_t k = 0; k < out_.size(); ++k)
    std::copy_n(dh.col(k), dh.rows, dresult.col(out_[k]));
  net_->backward(image, dimage, dresult, f);
  for (std::size_t j = 0; j < in_.size(); ++j)
    kernels().axpy(dx.rows, 1, dimage.col(in_[j]), dx.col(j));
}

FrameSize ImageNet::frame_size(std::size_t rows) const {
  const FrameSize net = net_->frame_size(rows);
  return {.kept = net.kept + rows * net_->inputs(),
          .scratch = net.scratch + rows * (net_->inputs() + net_->outputs())};
}

}  // namespace flow
