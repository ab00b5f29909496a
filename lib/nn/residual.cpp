#include "nn/residual.h"

namespace flow {

namespace {

std::vector<ResidualBlock> make_blocks(const std::string& name, const NetSpec& spec,
                                       ParamTable& table) {
  const std::size_t width = spec.hidden.front();
  std::vector<ResidualBlock> blocks;
  for (std::size_t k = 0; k < spec.blocks; ++k) {
    const std::string block = name + "/block-" + std::to_string(k);
    // V starts small, so that the stream of a deep net starts near its input.
    Dense u(block + "/u", width, width, start_he(width), start_at(0), table);
    Dense v(block + "/v", width, width, start_uniform(1e-3), start_at(0), table);
    blocks.push_back({u, v});
  }
  return blocks;
}

}  // namespace

ResidualMlp::ResidualMlp(const std::string& name, std::size_t inputs, std::size_t outputs,
                         const NetSpec& spec, ParamTable& table)
    : spec_(spec),
      in_(name + "/in", inputs, width(), start_he(inputs), start_at(0), table),
      blocks_(make_blocks(name, spec, table)),
      out_(name + "/out", width(), outputs, start_uniform(spec.start), start_uniform(spec.start),
           table) {}

void ResidualMlp::prepare(const real* theta, real* derived, bool gradient) const {
  in_.prepare(theta, derived, gradient);
  for (const ResidualBlock& b : blocks_)
    b.u.prepare(theta, derived, gradient), b.v.prepare(theta, derived, gradient);
  out_.prepare(theta, derived, gradient);
}

Mat ResidualMlp::stream(Frame f) const { return f.keep(width()); }

ResidualMlp::Kept ResidualMlp::kept(std::size_t block, Frame f) const {
  const bool silu = spec_.activation == Activation::silu;
  Kept k{};
  f.keep(width());
  for (std::size_t b = 0; b <= block; ++b) {
    k.a1 = f.keep(width());
    k.a2 = f.keep(width());
    k.r = silu ? f.keep(width()) : k.a1;
    k.r1 = silu ? f.keep(width()) : k.a2;
    k.dropped = drops() ? f.keep(width()) : k.a2;
    if (drops()) k.mask = f.keep(width());
  }
  return k;
}

void ResidualMlp::forward(CMat x, Mat h, Frame f) const {
  const Mat r = stream(f);
  in_.forward(x, r, Epilogue::set, f);
  for (std::size_t b = 0; b < blocks_.size(); ++b) {
    const Kept k = kept(b, f);
    copy(r, k.r);
    activate(spec_.activation, k.r, k.a1);
    blocks_[b].u.forward(k.a1, k.r1, Epilogue::set, f);
    activate(spec_.activation, k.r1, k.a2);
    if (drops()) copy(k.a2, k.dropped);
    if (f.training() && drops()) {
      dropout_mask(spec_.dropout, spec_.number * 16 + static_cast<std::uint32_t>(b), k.mask,
                   f.keys());
      kernels().multiply(k.mask, k.dropped);
    }
    blocks_[b].v.forward(k.dropped, r, Epilogue::add, f);
  }
  out_.forward(r, h, Epilogue::set, f);
}

// dr runs back along the stream: each block adds its own share.
void ResidualMlp::backward(CMat x, Mat dx, CMat dh, Frame f) const {
  const Mat dr = f.scratch(width()), da = f.scratch(width()), d1 = f.scratch(width());
  out_.backward(stream(f), dh, dr, Epilogue::set, {}, f);
  for (std::size_t b = blocks_.size(); b-- > 0;) {
    const Kept k = kept(b, f);
    blocks_[b].v.backward(k.dropped, dr, da, Epilogue::set, {}, f);
    if (f.training() && drops()) kernels().multiply(k.mask, da);
    activate_backward(spec_.activation, k.r1, k.a2, da);
    blocks_[b].u.backward(k.a1, da, d1, Epilogue::set, {}, f);
    activate_backward(spec_.activation, k.r, k.a1, d1);
    for (std::size_t j = 0; j < width(); ++j) kernels().axpy(dr.rows, 1, d1.col(j), dr.col(j));
  }
  in_.backward(x, dr, dx, Epilogue::add, {}, f);
}

FrameSize ResidualMlp::frame_size(std::size_t rows) const {
  const std::size_t silu = spec_.activation == Activation::silu ? 2 : 0;
  const std::size_t each = 2 + silu + (drops() ? 2 : 0);
  const std::size_t scratch = std::max(in_.frame_size(rows).scratch, out_.frame_size(rows).scratch);
  return {.kept = rows * width() * (1 + each * blocks_.size()),
          .scratch = scratch + 3 * rows * width()};
}

}  // namespace flow
