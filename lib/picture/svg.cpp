// Scalable vector graphics 1.1 (W3C): text that a browser shows and an editor changes.
#include "core/output.h"
#include "core/text.h"
#include "picture/canvas.h"

namespace flow {

namespace {

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text)
    out += c == '<' ? "&lt;" : c == '>' ? "&gt;" : c == '&' ? "&amp;" : std::string(1, c);
  return out;
}

std::string hex(Colour c) { return format("#%02x%02x%02x", c.red, c.green, c.blue); }

class Svg final : public Canvas {
 public:
  Svg(std::size_t width, std::size_t height) {
    body_ = format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %zu %zu\" width=\"%zu\" "
        "height=\"%zu\" font-family=\"DejaVu Sans, Verdana, Helvetica, Arial, sans-serif\" "
        "font-size=\"13\">\n<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n",
        width, height, width, height);
  }
  void line(std::span<const Point> points, Colour colour, double width) override {
    body_ += "<polyline fill=\"none\" stroke-linejoin=\"round\" stroke=\"" + hex(colour) +
             format("\" stroke-width=\"%g\" points=\"", width);
    for (const Point p : points) body_ += format("%.1f,%.1f ", p.x, p.y);
    body_ += "\"/>\n";
  }
  void dot(Point centre, double radius, Colour colour) override {
    body_ +=
        format("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%g\" fill=\"", centre.x, centre.y, radius) +
        hex(colour) + "\"/>\n";
  }
  void text(Point at, Anchor anchor, std::string_view text, Colour colour) override {
    const char* const side = anchor == Anchor::left    ? "start"
                             : anchor == Anchor::right ? "end"
                                                       : "middle";
    body_ += format("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" fill=\"", at.x, at.y, side) +
             hex(colour) + "\">" + escaped(text) + "</text>\n";
  }
  void write(const std::string& path, bool replace) const override {
    OutputFile file(path, replace);
    const std::string all = body_ + "</svg>\n";
    file.write(all.data(), all.size());
    file.commit();
  }

 private:
  std::string body_;
};

}  // namespace

std::unique_ptr<Canvas> svg_canvas(std::size_t width, std::size_t height) {
  return std::make_unique<Svg>(width, height);
}

}  // namespace flow
