// The layers of image flows, made from their configuration: a case is a small flow of one or more
// layers over one small image, taken as one layer.
#include <utility>

#include "config/config.h"
#include "flow/build.h"
#include "laws/cases.h"

namespace flow::test {

namespace {

class Layers final : public Layer {
 public:
  explicit Layers(std::unique_ptr<Flow> flow) : flow_(std::move(flow)) {}
  void prepare(const real* theta, real* derived, bool gradient) const override {
    for (std::size_t k = 0; k < flow_->depth(); ++k)
      flow_->layer(k).prepare(theta, derived, gradient);
  }
  void forward(Mat x, LogDet logdet, Frame f) const override { flow_->forward(x, logdet, f); }
  void inverse(Mat z, LogDet logdet, Frame f) const override {
    flow_->decode(z, logdet, f, 0, flow_->depth());
  }
  void backward(Mat z, Mat dz, CLogDet dlogdet, Frame f) const override {
    flow_->backward(z, dz, dlogdet, f);
  }
  FrameSize frame_size(std::size_t rows) const override { return flow_->training_size(rows); }

 private:
  std::unique_ptr<Flow> flow_;
};

Case image_case(const std::string& name, std::vector<std::size_t> dims, const std::string& layers,
                std::size_t context = 0) {
  Case c{name, {}, Domain::line, false, context, 1};
  for (std::size_t n : dims) c.columns *= n;
  c.make = [=](std::size_t columns, ParamTable& table) {
    Config config = Config::parse("layers: [" + layers + "]", "case.yaml");
    const DataFacts facts{.columns = columns, .context = context, .dims = dims};
    return std::make_unique<Layers>(build_flow(config, facts, table));
  };
  return c;
}

}  // namespace

std::vector<Case> image_cases() {
  const std::string affine = "{kind: affine-coupling, split: ";
  const std::string net = "net: {kind: convolution, hidden: [3, 2]}}";
  const std::string residual = "net: {kind: residual-convolution, channels: 3, blocks: 1}}";
  const std::string planes = "{kind: planes}, ", squeeze = "{kind: squeeze}, ";
  return {
      image_case("planes", {2, 3, 3}, "{kind: planes}"),
      image_case("planes/of-grey", {3, 2}, "{kind: planes}"),
      image_case("squeeze", {4, 2}, "{kind: squeeze}"),
      image_case("squeeze/of-channels", {2, 4, 2}, planes + "{kind: squeeze}"),
      image_case("actnorm/per-channel", {2, 3, 2}, planes + "{kind: actnorm, per: channel}"),
      image_case("linear/per-channel", {2, 2, 3},
                 planes + "{kind: linear, per: channel, start: rotation}"),
      image_case("linear/per-channel-qr", {2, 2, 2},
                 planes + "{kind: linear, per: channel, parameterisation: qr}"),
      image_case("factor-out", {2, 4}, squeeze + "{kind: factor-out}"),
      image_case("factor-out/of-three", {2, 2, 3},
                 planes + "{kind: factor-out, hidden: [2]}, {kind: actnorm}"),
      image_case("affine-coupling/channels", {2, 2, 2},
                 planes + affine + "channels, condition: second, " + net),
      image_case("affine-coupling/checkerboard", {3, 3},
                 affine + "checkerboard, condition: second, " + net),
      image_case("affine-coupling/checkerboard-residual", {2, 3, 2},
                 planes + affine + "checkerboard, gain: learned, " + residual),
      image_case("additive-coupling/channels-context", {1, 3, 2},
                 planes + "{kind: additive-coupling, split: channels, " + net, 2),
      image_case("spline-coupling/checkerboard-context", {2, 2},
                 "{kind: spline-coupling, bins: 3, split: checkerboard, " + net, 1),
      image_case("variational-dequantise", {2, 2},
                 "{kind: variational-dequantise, bins: 3, " + net),
      image_case("variational-dequantise/table", {4},
                 "{kind: variational-dequantise, bins: 3, net: {kind: mlp, hidden: [3]}}", 1),
      image_case("affine-coupling/multi-scale", {4, 4},
                 squeeze + "{kind: actnorm, per: channel}, {kind: linear, per: channel}, " +
                     affine + "channels, " + net + ", {kind: factor-out}, " + squeeze + affine +
                     "channels, " + net),
  };
}

}  // namespace flow::test
