// A frame with ticks, and curves, histograms and dots in it.
#pragma once
#include <span>
#include <string>

#include "picture/canvas.h"
#include "picture/plot.h"

namespace flow {

// Black, blue and orange differ in print, and to the colour-blind (Okabe, Ito, Color universal
// design, 2008); they are also drawn in lines of different widths.
constexpr Colour black{20, 20, 20}, blue{0, 114, 178}, orange{230, 159, 0}, grey{140, 140, 140};

class Axes {
 public:
  // The frame in pixels; what lies outside of the ranges is drawn on its edge (curves) or not at
  // all (dots).
  Axes(Canvas& canvas, Point top_left, double width, double height, Range x, Range y)
      : canvas_(canvas), top_left_(top_left), width_(width), height_(height), x_(x), y_(y) {}

  // The frame, with numbered ticks below and on the left where asked for.
  void draw(Labels labels) const;
  // Names with units: below the frame, and above its upper left corner.
  void name(const std::string& below, const std::string& above) const;
  void curve(std::span<const Point> values, Colour colour, double line) const;
  void dots(std::span<const Point> values, Colour colour, double radius) const;
  // The outline of the shares of values in `bins` parts of the range of x, the greatest being 1.
  void histogram(std::span<const double> values, std::size_t bins, Colour colour,
                 double line) const;
  // A line of a legend, counted from the frame's upper right corner down.
  void legend(std::size_t at, const std::string& text, Colour colour, double line) const;

 private:
  Point pixel(Point value) const;

  Canvas& canvas_;
  Point top_left_;
  double width_, height_;
  Range x_, y_;
};

}  // namespace flow
