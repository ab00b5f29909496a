#include "picture/plot.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <string>

namespace flow {

namespace {

struct Glyph {
  char letter;
  std::array<unsigned char, 7> rows;
};

constexpr Glyph font[] = {
#include "picture/font.inc"
};
constexpr std::array<unsigned char, 7> box{31, 17, 17, 17, 17, 17, 31};
constexpr std::size_t tick_length = 4;

const std::array<unsigned char, 7>& rows_of(char c) {
  const char small = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  for (const Glyph& g : font) {
    if (g.letter == small) return g.rows;
  }
  return box;
}

void draw_rectangle(Picture& p, long left, long top, long width, long height) {
  const long right = std::min(left + width, static_cast<long>(p.width));
  const long bottom = std::min(top + height, static_cast<long>(p.height));
  for (long y = std::max(top, 0L); y < bottom; ++y) {
    for (long x = std::max(left, 0L); x < right; ++x) {
      std::fill_n(p.at(static_cast<std::size_t>(x), static_cast<std::size_t>(y)), p.channels,
                  std::uint8_t{0});
    }
  }
}

std::string number_text(double value) {
  char digits[32];
  const auto r = std::to_chars(digits, digits + 32, value, std::chars_format::general, 4);
  return std::string(digits, r.ptr);
}

// The pixel of a value along `length` pixels.
long position(double value, Range range, std::size_t length) {
  return std::lround((value - range.lo) / (range.hi - range.lo) * static_cast<double>(length - 1));
}

}  // namespace

std::size_t text_width(std::string_view text, std::size_t scale) {
  return text.empty() ? 0 : (6 * text.size() - 1) * scale;
}

void draw_text(Picture& picture, long left, long top, std::string_view text, std::size_t scale) {
  const long s = static_cast<long>(scale);
  for (const char c : text) {
    const std::array<unsigned char, 7>& rows = rows_of(c);
    const bool hangs = std::string_view("gpqyGPQY").find(c) != std::string_view::npos;
    for (std::size_t y = 0; y < 7; ++y) {
      for (long x = 0; x < 5; ++x) {
        if (!(rows[y] >> (4 - x) & 1)) continue;
        draw_rectangle(picture, left + x * s, top + (static_cast<long>(y) + 2 * hangs) * s, s, s);
      }
    }
    left += 6 * s;
  }
}

Range plot_range(std::vector<double> values) {
  std::erase_if(values, [](double v) { return !std::isfinite(v); });
  if (values.empty()) return {-1, 1};
  const std::ptrdiff_t cut = static_cast<std::ptrdiff_t>(values.size() / 1000);
  std::nth_element(values.begin(), values.begin() + cut, values.end());
  const double lo = values[static_cast<std::size_t>(cut)];
  std::nth_element(values.begin(), values.end() - 1 - cut, values.end());
  const double hi = *(values.end() - 1 - cut);
  const double margin = hi > lo ? 0.06 * (hi - lo) : std::max(1.0, std::abs(lo)) / 2;
  return {lo - margin, hi + margin};
}

std::vector<double> ticks(Range range, std::size_t count) {
  if (!(range.hi > range.lo)) return {};
  const double rough = (range.hi - range.lo) / static_cast<double>(count);
  const double power = std::pow(10, std::floor(std::log10(rough)));
  double step = 10 * power;
  for (const double k : {5.0, 2.0, 1.0}) {
    if (k * power >= rough) step = k * power;
  }
  std::vector<double> marks;
  for (double k = std::ceil(range.lo / step); k * step <= range.hi && marks.size() <= count; ++k) {
    marks.push_back(k == 0 ? 0 : k * step);
  }
  return marks;
}

void draw_frame(Picture& picture, const Field& f, Labels labels, std::size_t scale) {
  const long left = static_cast<long>(f.left), top = static_cast<long>(f.top);
  const long width = static_cast<long>(f.width), height = static_cast<long>(f.height);
  draw_rectangle(picture, left - 1, top - 1, width + 2, 1);
  draw_rectangle(picture, left - 1, top + height, width + 2, 1);
  draw_rectangle(picture, left - 1, top - 1, 1, height + 2);
  draw_rectangle(picture, left + width, top - 1, 1, height + 2);
  const long s = static_cast<long>(scale), tick = static_cast<long>(tick_length);
  const std::size_t apart = 32 * scale, apart_y = 22 * scale;  // room for a number such as -0.25
  for (const double mark : ticks(f.x, std::max<std::size_t>(1, f.width / apart))) {
    const long x = left + position(mark, f.x, f.width);
    draw_rectangle(picture, x, top + height, 1, tick);
    if (!labels.below) continue;
    const std::string text = number_text(mark);
    draw_text(picture, x - static_cast<long>(text_width(text, scale) / 2),
              top + height + tick + 2 * s, text, scale);
  }
  for (const double mark : ticks(f.y, std::max<std::size_t>(1, f.height / apart_y))) {
    const long y = top + height - 1 - position(mark, f.y, f.height);
    draw_rectangle(picture, left - 1 - tick, y, tick, 1);
    if (!labels.left) continue;
    const std::string text = number_text(mark);
    draw_text(picture, left - tick - 3 * s - static_cast<long>(text_width(text, scale)),
              y - 7 * s / 2, text, scale);
  }
}

}  // namespace flow
