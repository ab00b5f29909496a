// A canvas that remembers where things stand, for tests of drawings.
#pragma once
#include <string>
#include <vector>

#include "picture/canvas.h"

namespace flow {

struct TextBox {
  std::string text;
  double left, right, top, bottom;
};

// Keeps where each text stands.
class Recorder final : public Canvas {
 public:
  std::vector<TextBox> boxes;
  std::vector<Point> points;
  void line(std::span<const Point> line, Colour, double) override {
    points.insert(points.end(), line.begin(), line.end());
  }
  void dot(Point centre, double, Colour) override { points.push_back(centre); }
  void text(Point at, Anchor anchor, std::string_view text, Colour) override {
    double letters = 0;
    for (const char c : text) letters += (static_cast<unsigned char>(c) & 0xc0) != 0x80;
    const double width = letters * letter_width;
    const double left = at.x - (anchor == Anchor::left    ? 0
                                : anchor == Anchor::right ? width
                                                          : width / 2);
    boxes.push_back({std::string(text), left, left + width, at.y - 0.75 * letter_height,
                     at.y + 0.25 * letter_height});
  }
  std::string bytes() const override { return ""; }
  void write(const std::string&, bool) const override {}
};

inline bool overlap(const TextBox& a, const TextBox& b) {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

// A line for each text that lies outside of the picture or over another, and for each point
// outside.
inline std::vector<std::string> misplaced(const Recorder& r, double width, double height) {
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < r.boxes.size(); ++i) {
    const TextBox& a = r.boxes[i];
    if (a.left < 0 || a.right > width || a.top < 0 || a.bottom > height)
      lines.push_back(a.text + " is outside");
    for (std::size_t j = 0; j < i; ++j)
      if (overlap(a, r.boxes[j])) lines.push_back(a.text + " is over " + r.boxes[j].text);
  }
  for (const Point p : r.points)
    if (!(p.x >= 0 && p.x <= width && p.y >= 0 && p.y <= height))
      lines.push_back("a point is outside");
  return lines;
}

}  // namespace flow
