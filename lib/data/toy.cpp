// Moons, spirals and rings are curves drawn by a round Gaussian brush. The brush is set down at
// points half its deviation apart: the mixture of these Gaussians cannot be told from the stroke,
// and its density is a finite sum.
#include "data/toy.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>
#include <string>
#include <vector>

#include "core/error.h"

namespace flow {

namespace {

using std::numbers::pi;
using Point = std::array<double, 2>;

// A mixture of equally likely round Gaussians of one deviation.
struct Mixture {
  double deviation;
  std::vector<Point> centres;
};

// A number in [0, 1) that is independent of the row's first normal numbers.
double pick(const Random& random, std::uint64_t row) { return random.uniform(row, 8); }

void sample(const Mixture& m, const Random& random, std::uint64_t row, double xy[2]) {
  const double n = static_cast<double>(m.centres.size());
  const Point& centre = m.centres[static_cast<std::size_t>(pick(random, row) * n)];
  random.normal(row, std::span<double>(xy, 2));
  for (std::size_t k = 0; k < 2; ++k) xy[k] = centre[k] + m.deviation * xy[k];
}

double log_density(const Mixture& m, const double xy[2]) {
  const double scale = -0.5 / (m.deviation * m.deviation);
  const auto exponent = [&](const Point& c) {
    const double dx = xy[0] - c[0], dy = xy[1] - c[1];
    return scale * (dx * dx + dy * dy);
  };
  double largest = -std::numeric_limits<double>::infinity();
  for (const Point& c : m.centres) largest = std::max(largest, exponent(c));
  double sum = 0;
  for (const Point& c : m.centres) {
    const double e = exponent(c) - largest;
    if (e > -40) sum += std::exp(e);  // the rest is below the sum's last bit
  }
  return largest + std::log(sum / static_cast<double>(m.centres.size())) -
         std::log(2 * pi * m.deviation * m.deviation);
}

constexpr double brush = 0.1;

// Points of a curve, half a brush apart, half a step in from its ends.
template <class Curve>
void draw(Curve curve, double from, double to, std::vector<Point>& centres) {
  constexpr int fine = 4000;
  std::array<double, fine + 1> length{};
  for (int i = 1; i <= fine; ++i) {
    const Point a = curve(from + (to - from) * (i - 1) / fine),
                b = curve(from + (to - from) * i / fine);
    length[static_cast<std::size_t>(i)] =
        length[static_cast<std::size_t>(i - 1)] + std::hypot(b[0] - a[0], b[1] - a[1]);
  }
  const int count = static_cast<int>(std::ceil(length[fine] / (brush / 2)));
  std::size_t i = 1;
  for (int k = 0; k < count; ++k) {
    const double wanted = length[fine] * (k + 0.5) / count;
    while (length[i] < wanted) ++i;
    const double part = (wanted - length[i - 1]) / (length[i] - length[i - 1]);
    centres.push_back(curve(from + (to - from) * (static_cast<double>(i - 1) + part) / fine));
  }
}

const Mixture& moons() {
  static const Mixture m = [] {
    Mixture made{brush, {}};
    draw(
        [](double t) {
          return Point{1.2 * std::cos(t) - 0.6, 1.2 * std::sin(t) - 0.3};
        },
        0, pi, made.centres);
    draw(
        [](double t) {
          return Point{0.6 - 1.2 * std::cos(t), 0.3 - 1.2 * std::sin(t)};
        },
        0, pi, made.centres);
    return made;
  }();
  return m;
}

const Mixture& gaussians() {
  static const Mixture m = [] {
    Mixture made{0.2, {}};
    for (int k = 0; k < 8; ++k) {
      made.centres.push_back({1.4 * std::cos(k * pi / 4), 1.4 * std::sin(k * pi / 4)});
    }
    return made;
  }();
  return m;
}

const Mixture& spirals() {
  static const Mixture m = [] {
    Mixture made{brush, {}};
    for (const double side : {1.0, -1.0}) {
      draw(
          [side](double t) {
            return Point{side * t * std::cos(t) / 4, side * t * std::sin(t) / 4};
          },
          pi / 2, 3 * pi, made.centres);
    }
    return made;
  }();
  return m;
}

const Mixture& rings() {
  static const Mixture m = [] {
    Mixture made{brush, {}};
    for (const double radius : {0.5, 1.0, 1.5, 2.0}) {
      draw(
          [radius](double t) {
            return Point{radius * std::cos(t), radius * std::sin(t)};
          },
          0, 2 * pi, made.centres);
    }
    return made;
  }();
  return m;
}

template <const Mixture& (*mixture)()>
void sample_mixture(const Random& random, std::uint64_t row, double xy[2]) {
  sample(mixture(), random, row, xy);
}

template <const Mixture& (*mixture)()>
double mixture_log_density(const double xy[2]) {
  return log_density(mixture(), xy);
}

// Every other square of a board of 4 x 4 squares with sides of 1.
void sample_checkerboard(const Random& random, std::uint64_t row, double xy[2]) {
  const int square = static_cast<int>(8 * random.uniform(row, 0));
  const int y = square / 2, x = 2 * (square % 2) + y % 2;
  xy[0] = x - 2 + random.uniform(row, 1);
  xy[1] = y - 2 + random.uniform(row, 2);
}

double checkerboard_log_density(const double xy[2]) {
  const double x = std::floor(xy[0]), y = std::floor(xy[1]);
  const bool inside = x >= -2 && x < 2 && y >= -2 && y < 2;
  const bool dark = std::fmod(x - y, 2) == 0;
  return inside && dark ? -std::log(8.0) : -std::numeric_limits<double>::infinity();
}

// Five Gaussians, long towards the centre, turned by an angle that grows with the distance from it:
// turning so keeps areas, therefore the density is that of the Gaussians at the point turned back.
constexpr double arm = 1.3, arm_length = 0.42, arm_width = 0.13;

double twist(const double xy[2]) { return 1.1 * std::hypot(xy[0], xy[1]); }

void turn(double angle, double xy[2]) {
  const double c = std::cos(angle), s = std::sin(angle), x = xy[0];
  xy[0] = c * x - s * xy[1];
  xy[1] = s * x + c * xy[1];
}

void sample_pinwheel(const Random& random, std::uint64_t row, double xy[2]) {
  random.normal(row, std::span<double>(xy, 2));
  xy[0] = arm + arm_length * xy[0];
  xy[1] *= arm_width;
  const double k = std::floor(5 * pick(random, row));
  turn(k * 2 * pi / 5 + twist(xy), xy);
}

double pinwheel_log_density(const double xy[2]) {
  double back[2] = {xy[0], xy[1]}, exponents[5], largest = -std::numeric_limits<double>::infinity();
  turn(-twist(xy), back);
  for (double& e : exponents) {
    const double u = (back[0] - arm) / arm_length, v = back[1] / arm_width;
    e = -(u * u + v * v) / 2;
    largest = std::max(largest, e);
    turn(2 * pi / 5, back);
  }
  double sum = 0;
  for (const double e : exponents) sum += std::exp(e - largest);
  return largest + std::log(sum / 5) - std::log(2 * pi * arm_length * arm_width);
}

constexpr Toy all_toys[] = {
    {"moons", sample_mixture<moons>, mixture_log_density<moons>, 1.1820515},
    {"gaussians", sample_mixture<gaussians>, mixture_log_density<gaussians>, 1.6777336},
    {"checkerboard", sample_checkerboard, checkerboard_log_density, 2.0794415},
    {"pinwheel", sample_pinwheel, pinwheel_log_density, 1.5282313},
    {"spirals", sample_mixture<spirals>, mixture_log_density<spirals>, 2.2229313},
    {"rings", sample_mixture<rings>, mixture_log_density<rings>, 2.5360391},
};

}  // namespace

std::span<const Toy> toys() { return all_toys; }

const Toy& find_toy(std::string_view name) {
  std::string list;
  for (const Toy& toy : all_toys) {
    if (name == toy.name) return toy;
    list += (list.empty() ? "" : ", ") + std::string(toy.name);
  }
  throw Error(Exit::usage,
              "there is no density '" + std::string(name) + "'; the densities are " + list);
}

}  // namespace flow
