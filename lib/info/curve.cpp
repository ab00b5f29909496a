#include "info/curve.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <vector>

#include "core/text.h"

namespace flow {

namespace {

// The means of `width` runs of values, or the values.
std::vector<double> averaged(std::span<const double> values, std::size_t width) {
  const std::size_t n = values.size(), cells = std::min(n, width);
  std::vector<double> out(cells);
  for (std::size_t k = 0; k < cells; ++k) {
    const std::size_t first = k * n / cells, last = (k + 1) * n / cells;
    for (std::size_t i = first; i < last; ++i)
      out[k] += values[i] / static_cast<double>(last - first);
  }
  return out;
}

std::string variable(const char* name) {
  const char* const value = std::getenv(name);
  return value ? value : "";
}

}  // namespace

Range curve_range(std::vector<double> values) {
  std::erase_if(values, [](double v) { return !std::isfinite(v); });
  if (values.empty()) return {0, 1};
  std::sort(values.begin(), values.end());
  const double least = values.front(), high = values.back(), quartile = values[values.size() / 4];
  if (!(least < high)) return {high - 1, high};
  const double low = std::max(least, quartile - 2 * (high - quartile));
  return {low < high ? low : least, high};
}

std::string draw_curve(std::span<const double> values, bool ascii, CurveSize size) {
  if (values.empty()) return "";
  static constexpr const char* blocks[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  static constexpr const char* marks[] = {" ", ".", ":", "#"};
  const std::span<const char* const> letters = ascii ? std::span<const char* const>(marks) : blocks;
  const auto steps = static_cast<double>(letters.size() - 1);
  const std::vector<double> cells = averaged(values, size.width);
  const Range b = curve_range(cells);
  std::string out;
  for (std::size_t line = size.height; line-- > 0;) {
    const bool top = line + 1 == size.height, bottom = line == 0;
    out += top || bottom ? format("%10.5g ", top ? b.hi : b.lo) : std::string(11, ' ');
    out += '|';
    for (const double v : cells) {
      const double share = std::clamp((v - b.lo) / (b.hi - b.lo), 0.0, 1.0);
      // The least is still a mark: it is there.
      const double filled = 1 + share * (static_cast<double>(size.height) * steps - 1);
      const double here = std::clamp(filled - static_cast<double>(line) * steps, 0.0, steps);
      out += std::isfinite(v) ? letters[static_cast<std::size_t>(std::lround(here))] : " ";
    }
    while (out.back() == ' ') out.pop_back();
    out += '\n';
  }
  return out;
}

bool wants_ascii() {
  if (variable("TERM") == "dumb") return true;
  for (const char* const name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    std::string value = variable(name);
    if (value.empty()) continue;
    std::transform(value.begin(), value.end(), value.begin(), [](unsigned char c) {
      return static_cast<char>(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
    });
    return value.find("utf-8") == value.npos && value.find("utf8") == value.npos;
  }
  return true;
}

}  // namespace flow
