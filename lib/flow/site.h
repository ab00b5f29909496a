// What the makers of layers and nets share while a flow is built from its configuration.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "config/config.h"
#include "core/image.h"
#include "flow/build.h"
#include "layers/layer.h"
#include "nn/conditioner.h"

namespace flow {

// What the leading columns are an image of, where they are one.
struct ImageState {
  ImageSize size;
  std::size_t channels;
  bool planes;            // in that order; else in pixel order
  std::size_t level = 1;  // one more than the squeezes so far
};

struct Site {
  const DataFacts& facts;
  ParamTable& table;
  Config& model;
  std::size_t columns;  // that the next layer acts on: the leading ones, others are set aside
  std::optional<ImageState> image;
  std::uint32_t nets = 0;  // so far
  std::size_t first = 0;   // of those columns
  std::size_t angles = 0;  // last columns that every net is given: the context counts their points
  bool circle = false;     // the columns are angles themselves
};

using NetPointer = std::unique_ptr<Conditioner>;
using LayerPointer = std::unique_ptr<Layer>;

// The net that an entry, or else the model, describes.
inline Config& net_of(Config& entry, Site& site) {
  return entry.has("net") ? entry.map("net") : site.model.map("net");
}

}  // namespace flow
