#include "flow/build_images.h"

#include "flow/build_nets.h"
#include "layers/coupling.h"
#include "layers/image_orders.h"
#include "layers/reorder.h"
#include "layers/variational_dequantise.h"
#include "nn/conditional.h"
#include "nn/convolution_net.h"
#include "nn/image_net.h"

namespace flow {

namespace {

// The columns of planes that a coupling reads and changes, both in the order of its halves, and of
// which channels they are.
struct Halves {
  Places a, b;
  std::size_t a_first_channel = 0, a_channels, b_first_channel = 0, b_channels;
};

// A net that reads the columns a and gives `params` numbers for each of b.
NetPointer image_net(const ImageState& image, const Halves& halves, std::size_t params,
                     std::size_t context, NetPointer net) {
  const std::size_t pixels = image.size.pixels(), outputs = params * halves.b_channels;
  Places in, out;
  for (std::size_t column : halves.a)
    in.push_back(place_in_pixels(column - halves.a_first_channel * pixels, image.size,
                                 halves.a_channels + context));
  for (std::size_t q = 0; q < params; ++q)
    for (std::size_t column : halves.b)
      out.push_back(place_in_pixels(
          column + (q * halves.b_channels - halves.b_first_channel) * pixels, image.size, outputs));
  return std::make_unique<ImageNet>(image.size, std::move(in), std::move(out), context,
                                    std::move(net));
}

Places columns_from(std::size_t first, std::size_t n) {
  Places places(n);
  for (std::size_t j = 0; j < n; ++j) places[j] = static_cast<std::uint32_t>(first + j);
  return places;
}

// Whole channels: the first half of them (the larger where their number is odd) and the others.
Halves by_channels(const ImageState& image, bool first_stays, ColumnSplit& split) {
  const std::size_t pixels = image.size.pixels(), first = (image.channels + 1) / 2,
                    second = image.channels - first;
  Halves h;
  h.a_channels = first_stays ? first : second, h.a_first_channel = first_stays ? 0 : first;
  h.b_channels = first_stays ? second : first, h.b_first_channel = first_stays ? first : 0;
  split = {h.a_first_channel * pixels, h.a_channels * pixels, h.b_first_channel * pixels,
           h.b_channels * pixels};
  h.a = columns_from(split.a_first, split.a), h.b = columns_from(split.b_first, split.b);
  return h;
}

Halves by_checkerboard(const ImageState& image, const Places& order, bool even_stays,
                       ColumnSplit& split) {
  const std::size_t even = even_pixels(image.size) * image.channels,
                    a = even_stays ? even : order.size() - even;
  split = {0, a, a, order.size() - a};
  const auto middle = order.begin() + static_cast<std::ptrdiff_t>(a);
  return {.a = Places(order.begin(), middle),
          .b = Places(middle, order.end()),
          .a_channels = image.channels,
          .b_channels = image.channels};
}

}  // namespace

std::optional<ImageState> image_of(const DataFacts& facts) {
  const std::vector<std::size_t>& dims = facts.dims;
  if (dims.size() < 2 || dims.size() > 3) return std::nullopt;
  const std::size_t channels = dims.size() == 3 ? dims[2] : 1;
  if (dims[0] * dims[1] * channels != facts.columns) return std::nullopt;
  return ImageState{{dims[0], dims[1]}, channels, channels == 1};
}

ImageState& image_in_planes(Config& config, Site& site) {
  if (!site.image)
    config.fail("kind",
                "rows are no images; give data of height x width [x channels], or leave "
                "this layer (or its per, its split) out");
  if (!site.image->planes)
    config.fail("kind", "images in colour are read pixel by pixel; put {kind: planes} before this");
  return *site.image;
}

LayerPointer build_planes(const std::string&, Config& config, Site& site) {
  if (!site.image) image_in_planes(config, site);
  ImageState& image = *site.image;
  Places places =
      image.planes ? columns_from(0, site.columns) : planes_of_pixels(image.size, image.channels);
  image.planes = true;
  return std::make_unique<Reorder>(std::move(places));
}

LayerPointer build_squeeze(const std::string&, Config& config, Site& site) {
  ImageState& image = image_in_planes(config, site);
  ImageSize& size = image.size;
  if (size.height % 2 != 0 || size.width % 2 != 0)
    config.fail("kind", "the images of level " + std::to_string(image.level) + " have " +
                            std::to_string(size.height) + " x " + std::to_string(size.width) +
                            " pixels, and a squeeze halves both; use fewer levels, or images "
                            "padded to a multiple of " +
                            std::to_string(std::size_t{2} << (image.level - 1)));
  auto layer = std::make_unique<Reorder>(squeezed(size, image.channels));
  size = {size.height / 2, size.width / 2};
  image.channels *= 4, ++image.level;
  return layer;
}

LayerPointer build_factor_out(const std::string& name, Config& config, Site& site) {
  ImageState& image = image_in_planes(config, site);
  if (image.channels < 2) config.fail("kind", "the image has one channel; squeeze it before");
  ColumnSplit split;
  const Halves halves = by_channels(image, true, split);
  const std::size_t context = site.facts.context;
  if (config.choice("prior", {"learned", "standard"}, "learned") == "standard") {
    site.columns = split.a, image.channels = halves.a_channels;
    return std::make_unique<Reorder>(columns_from(0, split.a + split.b));
  }
  const auto hidden = config.counts("hidden", 1, 1 << 14, std::vector<std::size_t>{});
  auto net =
      std::make_unique<ConvolutionNet>(name + "/net", image.size, halves.a_channels + context,
                                       2 * halves.b_channels, hidden, site.table);
  const MapSpec spec{.gain = Gain::soft_clip, .bound = real(6.9)};
  auto layer =
      std::make_unique<Coupling>(name, split, kernels().affine, spec,
                                 image_net(image, halves, 2, context, std::move(net)), site.table);
  site.columns = split.a, image.channels = halves.a_channels;
  return layer;
}

LayerPointer build_variational_dequantise(const std::string& name, Config& config, Site& site) {
  const std::size_t context = site.facts.context, d = site.columns,
                    bins = config.count("bins", 2, most_spline_bins, 8);
  const std::size_t params = kernels().spline.params({.bins = bins});
  Config& net = net_of(config, site);
  NetPointer made;
  if (is_image_net(net)) {
    const ImageState& image = image_in_planes(config, site);
    const Places all = columns_from(0, d);
    made = image_net(
        image, {.a = all, .b = all, .a_channels = image.channels, .b_channels = image.channels},
        params, context,
        build_image_net(name + "/net", image.size, image.channels + context,
                        params * image.channels, net, site));
  } else {
    made = build_net(name + "/net", d + context, params * d, false, net, site);
    if (context > 0) made = std::make_unique<ConditionalNet>(context, std::move(made));
  }
  return std::make_unique<VariationalDequantise>(site.facts.low, site.facts.high, bins,
                                                 std::move(made));
}

LayerPointer build_image_coupling(const std::string& name, const Map& map, MapSpec spec,
                                  Config& config, Site& site) {
  const ImageState& image = image_in_planes(config, site);
  const bool first = config.choice("condition", {"first", "second"}, "first") == "first";
  const bool channels = config.text("split") == "channels";
  if (channels && image.channels < 2)
    config.fail("split", "the image has one channel; use checkerboard, or squeeze it before");
  if (image.size.pixels() < 2 && !channels)
    config.fail("split", "the image has one pixel; use channels");
  Places order;
  if (!channels) order = checkerboard(image.size, image.channels, !first);
  ColumnSplit split;
  const Halves halves =
      channels ? by_channels(image, first, split) : by_checkerboard(image, order, first, split);
  const std::size_t context = site.facts.context, params = map.params(spec);
  auto net = build_image_net(name + "/net", image.size, halves.a_channels + context,
                             params * halves.b_channels, net_of(config, site), site);
  auto coupling = std::make_unique<Coupling>(
      name, split, map, spec, image_net(image, halves, params, context, std::move(net)),
      site.table);
  if (channels) return coupling;
  return std::make_unique<Reordered>(std::move(order), std::move(coupling));
}

}  // namespace flow
