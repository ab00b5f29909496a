#include "nn/convolution_net.h"

#include "nn/dense.h"

namespace flow {

ConvolutionNet::ConvolutionNet(const std::string& name, ImageSize size, std::size_t inputs,
                               std::size_t outputs, const std::vector<std::size_t>& hidden,
                               ParamTable& table) {
  std::size_t from = inputs;
  for (std::size_t l = 0; l < hidden.size(); ++l) {
    const Convolution window{size, l == 0 ? std::size_t{1} : 0};
    layers_.emplace_back(name + "/" + std::to_string(l),
                         ConvolutionLayer::Spec{window, from, hidden[l]},
                         start_he(window.taps() * from), table);
    from = hidden[l];
  }
  layers_.emplace_back(name + "/" + std::to_string(hidden.size()),
                       ConvolutionLayer::Spec{{size, 1}, from, outputs, Weighting::scaled},
                       start_at(0), table);
}

void ConvolutionNet::prepare(const real* theta, real* derived, bool gradient) const {
  for (const ConvolutionLayer& l : layers_) l.prepare(theta, derived, gradient);
}

Mat ConvolutionNet::hidden(std::size_t layer, Frame f) const {
  for (std::size_t l = 0; l < layer; ++l) f.keep(layers_[l].outputs());
  return f.keep(layers_[layer].outputs());
}

void ConvolutionNet::forward(CMat x, Mat h, Frame f) const {
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    const bool last = l + 1 == layers_.size();
    const Mat y = last ? h : hidden(l, f);
    layers_[l].forward(l ? hidden(l - 1, f) : x, y, last ? Epilogue::set : Epilogue::relu, f);
  }
}

void ConvolutionNet::backward(CMat x, Mat dx, CMat dh, Frame f) const {
  const Mat both[2] = {f.scratch(widest()), f.scratch(widest())};
  CMat dy = dh;
  for (std::size_t l = layers_.size(); l-- > 1;) {
    const Mat below = hidden(l - 1, f), d = both[l % 2].columns(0, below.cols);
    layers_[l].backward(below, dy, d, Epilogue::gate, below, f);
    dy = d;
  }
  layers_[0].backward(x, dy, dx, Epilogue::add, {}, f);
}

std::size_t ConvolutionNet::widest() const {
  std::size_t columns = 0;
  for (std::size_t l = 0; l + 1 < layers_.size(); ++l)
    columns = std::max(columns, layers_[l].outputs());
  return columns;
}

FrameSize ConvolutionNet::frame_size(std::size_t rows) const {
  FrameSize size;
  for (const ConvolutionLayer& l : layers_)
    size.scratch = std::max(size.scratch, l.frame_size(rows).scratch);
  for (std::size_t l = 0; l + 1 < layers_.size(); ++l) size.kept += rows * layers_[l].outputs();
  size.scratch += 2 * rows * widest();
  return size;
}

}  // namespace flow
