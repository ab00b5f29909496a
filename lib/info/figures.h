// The figures of a report, each a drawing of its own.
#pragma once
#include <span>

#include "info/evidence.h"
#include "picture/canvas.h"

namespace flow {

struct Figure {
  const char* name;  // "loss": --figure
  const char* title;
  const char* caption;             // how to read it
  bool (*there)(const Evidence&);  // whether there is anything to draw
  void (*draw)(Canvas&, const Evidence&);
};

constexpr std::size_t figure_width = 760, figure_height = 480;

// loss, latents, quantiles, pairs, scores.
std::span<const Figure> figures();

}  // namespace flow
