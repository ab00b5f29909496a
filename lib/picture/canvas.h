// A drawing in colour of lines, dots and text, in pixels from the top left, as SVG or as PNG.
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace flow {

struct Colour {
  std::uint8_t red, green, blue;
};

struct Point {
  double x, y;  // y runs downwards
};

enum class Anchor { left, middle, right };

class Canvas {
 public:
  virtual ~Canvas() = default;
  virtual void line(std::span<const Point> points, Colour colour, double width) = 0;
  virtual void dot(Point centre, double radius, Colour colour) = 0;
  // UTF-8; `at` is where the text is anchored on its base line. No letter is wider than
  // letter_width.
  virtual void text(Point at, Anchor anchor, std::string_view text, Colour colour) = 0;
  // What write puts into the file.
  virtual std::string bytes() const = 0;
  // An existing file is refused unless replace is set; the file appears whole or not at all.
  virtual void write(const std::string& path, bool replace) const = 0;
};

constexpr double letter_width = 9, letter_height = 14;

// Bytes of the letter of UTF-8 that text, not empty, begins with; 0: it begins with none.
std::size_t letter_bytes(std::string_view text);
std::string first_letters(std::string_view text, std::size_t count);
// Text as XML and HTML have it between tags; what is not UTF-8 becomes ?.
std::string escaped(std::string_view text);

// White, width x height pixels.
std::unique_ptr<Canvas> svg_canvas(std::size_t width, std::size_t height);
// The same at `scale` times the pixels. Of letters beyond ASCII only µ is drawn, as u.
std::unique_ptr<Canvas> png_canvas(std::size_t width, std::size_t height, std::size_t scale);

}  // namespace flow
