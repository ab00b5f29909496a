#include "info/axes.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/text.h"

namespace flow {

Point Axes::pixel(Point v) const {
  const auto share = [](double value, Range r) {
    return std::clamp((value - r.lo) / (r.hi - r.lo), 0.0, 1.0);
  };
  return {top_left_.x + share(v.x, x_) * width_, top_left_.y + (1 - share(v.y, y_)) * height_};
}

void Axes::draw(Labels labels) const {
  const double left = top_left_.x, top = top_left_.y, right = left + width_, bottom = top + height_;
  const Point frame[] = {{left, top}, {left, bottom}, {right, bottom}, {right, top}, {left, top}};
  canvas_.line(frame, grey, 1);
  // Three ticks at least; of numbers only those with room beside the last one.
  const auto count = [](double pixels, double apart) {
    return std::max<std::size_t>(4, static_cast<std::size_t>(pixels / apart));
  };
  double taken = 0;
  for (const double mark : labels.below ? ticks(x_, count(width_, 60)) : std::vector<double>{}) {
    const double at = pixel({mark, y_.lo}).x;
    const std::string text = format("%g", mark);
    const double half = letter_width * static_cast<double>(text.size()) / 2;
    const Point tick[] = {{at, bottom}, {at, bottom + 4}};
    canvas_.line(tick, grey, 1);
    if (at - half < taken) continue;
    canvas_.text({at, bottom + 18}, Anchor::middle, text, black);
    taken = at + half + letter_width / 2;
  }
  taken = bottom + letter_height;
  for (const double mark : labels.left ? ticks(y_, count(height_, 36)) : std::vector<double>{}) {
    const double at = pixel({x_.lo, mark}).y;
    const Point tick[] = {{left - 4, at}, {left, at}};
    canvas_.line(tick, grey, 1);
    if (at + letter_height > taken) continue;
    canvas_.text({left - 7, at + 5}, Anchor::right, format("%g", mark), black);
    taken = at;
  }
}

void Axes::name(const std::string& below, const std::string& above) const {
  canvas_.text({top_left_.x + width_ / 2, top_left_.y + height_ + 36}, Anchor::middle, below,
               black);
  canvas_.text({top_left_.x, top_left_.y - 8}, Anchor::left, above, black);
}

void Axes::curve(std::span<const Point> values, Colour colour, double line) const {
  std::vector<Point> pixels;
  for (const Point v : values)
    if (std::isfinite(v.x) && std::isfinite(v.y)) pixels.push_back(pixel(v));
  if (pixels.size() > 1) canvas_.line(pixels, colour, line);
}

void Axes::dots(std::span<const Point> values, Colour colour, double radius) const {
  for (const Point v : values)
    if (v.x >= x_.lo && v.x <= x_.hi && v.y >= y_.lo && v.y <= y_.hi)
      canvas_.dot(pixel(v), radius, colour);
}

void Axes::histogram(std::span<const double> values, std::size_t bins, Colour colour,
                     double line) const {
  std::vector<double> counts(bins);
  for (const double v : values) {
    const double at = (v - x_.lo) / (x_.hi - x_.lo) * static_cast<double>(bins);
    if (at >= 0 && at < static_cast<double>(bins)) ++counts[static_cast<std::size_t>(at)];
  }
  const double most = std::max(1.0, *std::max_element(counts.begin(), counts.end()));
  std::vector<Point> outline;
  for (std::size_t b = 0; b <= bins; ++b) {
    const double at = x_.lo + (x_.hi - x_.lo) * static_cast<double>(b) / static_cast<double>(bins);
    outline.push_back({at, b == 0 ? 0 : counts[b - 1] / most});
    outline.push_back({at, b == bins ? 0 : counts[b] / most});
  }
  curve(outline, colour, line);
}

void Axes::legend(std::size_t at, const std::string& text, Colour colour, double line) const {
  const double x = top_left_.x + width_ - 8, y = top_left_.y + 18 + 18 * static_cast<double>(at);
  const Point stroke[] = {{x - 24, y - 5}, {x, y - 5}};
  canvas_.line(stroke, colour, line);
  canvas_.text({x - 30, y}, Anchor::right, text, black);
}

}  // namespace flow
