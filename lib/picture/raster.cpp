// A canvas of pixels. Edges are smooth: a pixel takes the share of colour that the distance of its
// centre from the shape says.
#include <algorithm>
#include <cmath>

#include "picture/canvas.h"
#include "picture/plot.h"

namespace flow {

namespace {

// The distance of p from the segment a b.
double distance(Point p, Point a, Point b) {
  const double dx = b.x - a.x, dy = b.y - a.y, square = dx * dx + dy * dy;
  const double along =
      square > 0 ? std::clamp(((p.x - a.x) * dx + (p.y - a.y) * dy) / square, 0.0, 1.0) : 0;
  return std::hypot(p.x - a.x - along * dx, p.y - a.y - along * dy);
}

class Raster final : public Canvas {
 public:
  Raster(std::size_t width, std::size_t height, std::size_t scale)
      : picture_(width * scale, height * scale, 3, 255), scale_(static_cast<double>(scale)) {}

  void line(std::span<const Point> points, Colour colour, double width) override {
    for (std::size_t i = 0; i + 1 < points.size(); ++i)
      segment(points[i], points[i + 1], width / 2, colour);
  }
  void dot(Point centre, double radius, Colour colour) override {
    segment(centre, centre, radius, colour);
  }
  void text(Point at, Anchor anchor, std::string_view text, Colour colour) override {
    std::string plain(text);
    for (std::size_t i = 0; (i = plain.find("µ", i)) != plain.npos;) plain.replace(i, 2, 1, 'u');
    const std::size_t size = static_cast<std::size_t>(std::lround(scale_ * letter_width / 6));
    Picture ink(text_width(plain, size) + size, 9 * size, 1, 255);
    draw_text(ink, 0, 0, plain, size);
    const double share = anchor == Anchor::left ? 0 : anchor == Anchor::right ? 1 : 0.5;
    const long left = std::lround(at.x * scale_ - share * static_cast<double>(ink.width));
    const long top = std::lround(at.y * scale_) - static_cast<long>(7 * size);
    for (std::size_t y = 0; y < ink.height; ++y)
      for (std::size_t x = 0; x < ink.width; ++x)
        if (*ink.at(x, y) == 0)
          blend(left + static_cast<long>(x), top + static_cast<long>(y), 1, colour);
  }
  std::string bytes() const override { return png_bytes(picture_); }
  void write(const std::string& path, bool replace) const override {
    write_png(path, replace, picture_);
  }

 private:
  void blend(long x, long y, double share, Colour c) {
    if (x < 0 || y < 0 || x >= static_cast<long>(picture_.width) ||
        y >= static_cast<long>(picture_.height))
      return;
    std::uint8_t* const pixel =
        picture_.at(static_cast<std::size_t>(x), static_cast<std::size_t>(y));
    const std::uint8_t ink[] = {c.red, c.green, c.blue};
    for (int k = 0; k < 3; ++k)
      pixel[k] = static_cast<std::uint8_t>(std::lround(pixel[k] + share * (ink[k] - pixel[k])));
  }
  void segment(Point a, Point b, double radius, Colour colour) {
    for (Point* p : {&a, &b}) p->x *= scale_, p->y *= scale_;
    radius *= scale_;
    const auto first = [&](double u, double v) { return std::lround(std::min(u, v) - radius - 1); };
    const auto last = [&](double u, double v) { return std::lround(std::max(u, v) + radius + 1); };
    for (long y = first(a.y, b.y); y <= last(a.y, b.y); ++y)
      for (long x = first(a.x, b.x); x <= last(a.x, b.x); ++x) {
        const Point centre{static_cast<double>(x) + 0.5, static_cast<double>(y) + 0.5};
        const double cover = std::clamp(radius + 0.5 - distance(centre, a, b), 0.0, 1.0);
        if (cover > 0) blend(x, y, cover, colour);
      }
  }

  Picture picture_;
  double scale_;
};

}  // namespace

std::unique_ptr<Canvas> png_canvas(std::size_t width, std::size_t height, std::size_t scale) {
  return std::make_unique<Raster>(width, height, scale);
}

}  // namespace flow
