#include "nn/residual_convolution.h"

#include <cmath>

namespace flow {

namespace {

using Spec = ConvolutionLayer::Spec;

// Normalised weights: the gain is all that fixes the size, 2^(1/2) as of He's start behind a ReLU.
Spec normalised(ImageSize size, std::size_t reach, std::size_t inputs, std::size_t outputs,
                double gain) {
  return {{size, reach}, inputs, outputs, Weighting::normalised, gain};
}

}  // namespace

ResidualConvolution::ResidualConvolution(const std::string& name, ImageSize size,
                                         std::size_t inputs, std::size_t outputs,
                                         std::size_t channels, std::size_t blocks,
                                         ParamTable& table)
    : in_(name + "/in", normalised(size, 1, inputs, channels, 1), start_normal(1), table),
      blocks_([&] {
        std::vector<Block> made;
        for (std::size_t k = 0; k < blocks; ++k) {
          const std::string block = name + "/block-" + std::to_string(k);
          ConvolutionLayer u(block + "/u", normalised(size, 1, channels, channels, std::sqrt(2.0)),
                             start_normal(1), table);
          // V starts small, so that the stream of a deep net starts near its input.
          ConvolutionLayer v(block + "/v", normalised(size, 1, channels, channels, 0.1),
                             start_normal(1), table);
          made.push_back({u, v});
        }
        return made;
      }()),
      out_(name + "/out", normalised(size, 0, channels, outputs, 0), start_normal(1), table) {}

void ResidualConvolution::prepare(const real* theta, real* derived, bool gradient) const {
  in_.prepare(theta, derived, gradient);
  for (const Block& b : blocks_)
    b.u.prepare(theta, derived, gradient), b.v.prepare(theta, derived, gradient);
  out_.prepare(theta, derived, gradient);
}

Mat ResidualConvolution::before(std::size_t block, Frame f) const {
  for (std::size_t k = 0; k < 2 * block; ++k) f.keep(width());
  return f.keep(width());
}

Mat ResidualConvolution::inside(std::size_t block, Frame f) const {
  for (std::size_t k = 0; k < 2 * block + 1; ++k) f.keep(width());
  return f.keep(width());
}

void ResidualConvolution::forward(CMat x, Mat h, Frame f) const {
  const Mat r = f.scratch(width());
  in_.forward(x, r, Epilogue::set, f);
  for (std::size_t k = 0; k < blocks_.size(); ++k) {
    kernels().relu(r, before(k, f));
    blocks_[k].u.forward(before(k, f), inside(k, f), Epilogue::relu, f);
    blocks_[k].v.forward(inside(k, f), r, Epilogue::add, f);
  }
  const Mat end = before(blocks_.size(), f);
  kernels().relu(r, end);
  out_.forward(end, h, Epilogue::set, f);
}

// dr runs back along the stream: each block adds its own share, through the ReLU before it.
void ResidualConvolution::backward(CMat x, Mat dx, CMat dh, Frame f) const {
  const Mat dr = f.scratch(width()), da = f.scratch(width()), share = f.scratch(width());
  const Mat end = before(blocks_.size(), f);
  out_.backward(end, dh, dr, Epilogue::gate, end, f);
  for (std::size_t k = blocks_.size(); k-- > 0;) {
    const Mat a = before(k, f), b = inside(k, f);
    blocks_[k].v.backward(b, dr, da, Epilogue::gate, b, f);
    blocks_[k].u.backward(a, da, share, Epilogue::gate, a, f);
    for (std::size_t j = 0; j < width(); ++j) kernels().axpy(dr.rows, 1, share.col(j), dr.col(j));
  }
  in_.backward(x, dr, dx, Epilogue::add, {}, f);
}

FrameSize ResidualConvolution::frame_size(std::size_t rows) const {
  std::size_t scratch = std::max(in_.frame_size(rows).scratch, out_.frame_size(rows).scratch);
  for (const Block& b : blocks_) scratch = std::max(scratch, b.u.frame_size(rows).scratch);
  return {.kept = rows * width() * (2 * blocks_.size() + 1),
          .scratch = scratch + 3 * rows * width()};
}

}  // namespace flow
