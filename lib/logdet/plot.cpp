#include "logdet/plot.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/error.h"
#include "core/output.h"
#include "core/text.h"

namespace flow {

namespace {

constexpr Colour black{30, 30, 30}, grey{110, 110, 110}, pale{225, 225, 225}, mark{190, 60, 160};
constexpr double left = 84, right = 800, top = 96, bottom = 660;  // of the frame
constexpr double label_left = right + 34, line_height = letter_height + 3;
constexpr std::size_t most_letters = (plot_width - 16) / static_cast<std::size_t>(letter_width);

// One axis: numbers by their logarithms onto pixels.
struct Axis {
  double low, high;   // decimal logarithms
  double start, end;  // pixels
  double at(double value) const {
    return start + (std::log10(value) - low) / (high - low) * (end - start);
  }
};

struct Curve {
  const Method* method;
  std::string label;
  Colour colour;
  std::vector<Point> points;
};

// Hue in turns, of a colour dark enough for thin lines on white.
Colour by_hue(double hue, double light) {
  const auto channel = [&](double phase) {
    const double wave = 0.5 + 0.5 * std::cos(2 * std::numbers::pi * (hue - phase));
    return static_cast<std::uint8_t>(std::lround(255 * light * wave));
  };
  return {channel(0), channel(1.0 / 3), channel(2.0 / 3)};
}

// Cheap methods are green to blue, N^2 is orange, N^3 red, each family in shades.
Colour colour_of(const Method& m) {
  const auto index = static_cast<double>(&m - methods().data());
  const double shade = std::fmod(0.618 * index, 1);
  if (m.band.high == 0) return black;
  if (m.band.high < 1.6) return by_hue(0.36 + 0.36 * shade, 0.85);
  if (m.band.high < 2.6) return by_hue(0.07 + 0.05 * shade, 0.95);
  return by_hue(0.94 + 0.09 * shade, 0.55 + 0.4 * shade);
}

// "affine ~ N^1.01"
std::string label_of(const Measurement& m, const std::vector<MethodFit>& fits) {
  std::string name = m.method->name;
  if (m.method->scope.batched && m.size.rows != Size{}.rows) name += format(" x%zu", m.size.rows);
  for (const MethodFit& f : fits)
    if (f.method == m.method && f.rows == m.size.rows)
      return name + format(" ~ N^%.2f", f.fit.slope);
  return name + " (" + m.method->cost + ")";
}

std::vector<Curve> curves_of(const std::vector<Measurement>& measured,
                             const std::vector<MethodFit>& fits, Axis x, Axis y) {
  std::vector<Curve> curves;
  const Measurement* last = nullptr;
  for (const Measurement& m : measured) {
    if (!last || last->method != m.method || last->size.rows != m.size.rows)
      curves.push_back({m.method, label_of(m, fits), colour_of(*m.method), {}});
    curves.back().points.push_back({x.at(static_cast<double>(m.size.n)), y.at(m.timing.least)});
    last = &m;
  }
  return curves;
}

// Whole decades that hold all values.
Axis axis(std::vector<double> values, double start, double end) {
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  const double low = std::floor(std::log10(*least));
  return {low, std::max(low + 1, std::ceil(std::log10(*most) - 1e-9)), start, end};
}

std::string seconds_label(double decade) {
  const char* const units[] = {"ns", "µs", "ms", "s"};
  const int unit = std::clamp(static_cast<int>(std::floor(decade / 3)) + 3, 0, 3);
  return format("%g ", std::pow(10, decade - 3 * (unit - 3))) + units[unit];
}

void draw_grid(Canvas& canvas, Axis x, Axis y) {
  for (double decade = x.low; decade <= x.high; ++decade)
    for (int digit = 1; digit < 10; ++digit) {
      const double value = digit * std::pow(10, decade), at = x.at(value);
      if (at > right + 0.5) break;
      const Point line[] = {{at, digit == 1 ? top : bottom - 5}, {at, bottom}};
      canvas.line(line, digit == 1 ? pale : grey, 1);
      if (digit == 1) canvas.text({at, bottom + 20}, Anchor::middle, format("%g", value), black);
    }
  for (double decade = y.low; decade <= y.high; ++decade) {
    const double at = y.at(std::pow(10, decade));
    const Point line[] = {{left, at}, {right, at}};
    canvas.line(line, pale, 1);
    canvas.text({left - 8, at + 5}, Anchor::right, seconds_label(decade), black);
  }
  const Point frame[] = {{left, top}, {left, bottom}, {right, bottom}, {right, top}, {left, top}};
  canvas.line(frame, black, 1);
  canvas.text({(left + right) / 2, bottom + 44}, Anchor::middle,
              "N: numbers in a row, channels of a convolution, rows of a matrix", black);
}

void draw_mark(Canvas& canvas, Axis x) {
  const double at = x.at(784);
  if (at < left || at > right) return;
  const Point line[] = {{at, top}, {at, bottom}};
  canvas.line(line, mark, 1.5);
  canvas.text({at, top - 6}, Anchor::middle, "N = 784: 28 x 28", mark);
}

// Heights near those wanted, in the same order, a line apart, within the frame.
void spread(std::span<double> heights) {
  for (std::size_t i = 1; i < heights.size(); ++i)
    heights[i] = std::max(heights[i], heights[i - 1] + line_height);
  double limit = bottom + 24;
  for (std::size_t i = heights.size(); i-- > 0; limit = heights[i] - line_height)
    heights[i] = std::min(heights[i], limit);
}

}  // namespace

void check_plot_path(const std::string& path, bool replace) {
  require(path.ends_with(".svg") || path.ends_with(".png"), Exit::usage,
          "--plot " + path + ": name a file that ends in .svg or .png");
  check_writable(path, replace);
}

void draw_plot(Canvas& canvas, const std::string& heading, const std::vector<Measurement>& measured,
               const std::vector<MethodFit>& fits) {
  std::vector<double> n, t;
  for (const Measurement& m : measured)
    n.push_back(static_cast<double>(m.size.n)), t.push_back(m.timing.least);
  const Axis x = axis(n, left, right), y = axis(t, bottom, top);
  draw_grid(canvas, x, y);
  draw_mark(canvas, x);
  canvas.text({8, 24}, Anchor::left, "log |det J|: what it costs to know it", black);
  canvas.text({8, 46}, Anchor::left, heading.substr(0, most_letters), grey);
  canvas.text({8, top - 22}, Anchor::left, "time of one", black);
  canvas.text({label_left, top - 22}, Anchor::left, "time grows as", black);

  std::vector<Curve> curves = curves_of(measured, fits, x, y);
  std::stable_sort(curves.begin(), curves.end(), [](const Curve& a, const Curve& b) {
    return a.points.back().y < b.points.back().y;
  });
  // What ends far from the right is named where it ends.
  const auto far_left = std::stable_partition(curves.begin(), curves.end(), [](const Curve& c) {
    return c.points.back().x > left + (right - left) / 2;
  });
  const auto count = static_cast<std::size_t>(far_left - curves.begin());
  std::vector<double> heights;
  for (const Curve& c : curves) heights.push_back(c.points.back().y);
  spread(std::span(heights).first(count));
  spread(std::span(heights).subspan(count));
  for (std::size_t i = 0; i < curves.size(); ++i) {
    const Curve& c = curves[i];
    const Point end = c.points.back();
    const double name_left = i < count ? label_left : end.x + 10;
    const Point leader[] = {
        end, {i < count ? right : end.x, heights[i]}, {name_left - 4, heights[i]}};
    canvas.line(leader, c.colour, 0.5);
    canvas.line(c.points, c.colour, 2);
    for (const Point p : c.points) canvas.dot(p, 2.5, c.colour);
    canvas.text({name_left, heights[i] + 5}, Anchor::left, c.label, c.colour);
  }
}

void write_plot(const std::string& path, bool replace, const std::string& heading,
                const std::vector<Measurement>& measured, const std::vector<MethodFit>& fits) {
  if (measured.empty()) return;
  const auto canvas = path.ends_with(".svg") ? svg_canvas(plot_width, plot_height)
                                             : png_canvas(plot_width, plot_height, 2);
  draw_plot(*canvas, heading, measured, fits);
  canvas->write(path, replace);
}

}  // namespace flow
