// Scalable vector graphics 1.1 (W3C): text that a browser shows and an editor changes.
#include <algorithm>

#include "core/output.h"
#include "core/text.h"
#include "picture/canvas.h"

namespace flow {

namespace {

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
  std::string bytes() const override { return body_ + "</svg>\n"; }
  void write(const std::string& path, bool replace) const override {
    OutputFile file(path, replace);
    const std::string all = bytes();
    file.write(all.data(), all.size());
    file.commit();
  }

 private:
  std::string body_;
};

}  // namespace

std::size_t letter_bytes(std::string_view text) {
  const auto byte = [&](std::size_t k) { return static_cast<unsigned char>(text[k]); };
  const std::size_t length = byte(0) < 0x80         ? 1
                             : byte(0) >> 5 == 0x06 ? 2
                             : byte(0) >> 4 == 0x0e ? 3
                             : byte(0) >> 3 == 0x1e ? 4
                                                    : 0;
  for (std::size_t k = 1; k < length; ++k)
    if (k >= text.size() || byte(k) >> 6 != 2) return 0;
  return length;
}

std::string first_letters(std::string_view text, std::size_t count) {
  std::size_t at = 0;
  for (; at < text.size() && count > 0; --count)
    at += std::max<std::size_t>(1, letter_bytes(text.substr(at)));
  return std::string(text.substr(0, at));
}

std::string escaped(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const char c = text[0];
    const std::size_t length = letter_bytes(text);
    if (length == 0)
      out += '?';
    else if (static_cast<unsigned char>(c) < 32 && c != '\n')
      out += ' ';
    else
      out += c == '<'   ? "&lt;"
             : c == '>' ? "&gt;"
             : c == '&' ? "&amp;"
                        : std::string(text.substr(0, length));
    text.remove_prefix(std::max<std::size_t>(1, length));
  }
  return out;
}

std::unique_ptr<Canvas> svg_canvas(std::size_t width, std::size_t height) {
  return std::make_unique<Svg>(width, height);
}

}  // namespace flow
