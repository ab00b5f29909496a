#include "logdet/sizes.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <limits>

#include "core/error.h"
#include "core/text.h"

namespace flow {

namespace {

constexpr std::size_t most_sizes = 1000;

template <class T>
T take_number(std::string_view& text, const std::string& all, const std::string& option) {
  T value{};
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  require(problem == std::errc{}, Exit::usage,
          option + ": '" + all + "' is not a list of sizes; write 16,64 or 16-4096*2 or 16-64+8");
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

// "16-4096*2" and the like: sizes are appended.
void add_range(std::string_view part, const std::string& option, std::vector<std::size_t>& sizes) {
  const std::string all(part);
  const std::size_t first = take_number<std::size_t>(part, all, option);
  std::size_t last = first;
  char step = '+';
  double by = 1;
  if (part.starts_with('-')) {
    part.remove_prefix(1);
    last = take_number<std::size_t>(part, all, option);
    if (part.starts_with('+') || part.starts_with('*')) {
      step = part.front();
      part.remove_prefix(1);
      by = take_number<double>(part, all, option);
    }
  }
  require(part.empty() && first > 0 && last >= first && (step == '*' ? by > 1 : by >= 1),
          Exit::usage,
          option + ": '" + all +
              "' is no size or range; sizes start with 1, ranges rise, a step is at least 1, a "
              "factor more than 1");
  for (double n = static_cast<double>(first); n < static_cast<double>(last) + 0.5;
       n = step == '*' ? n * by : n + by) {
    require(sizes.size() < most_sizes, Exit::usage,
            option + ": more than " + std::to_string(most_sizes) + " sizes; take larger steps");
    sizes.push_back(static_cast<std::size_t>(std::llround(n)));
  }
}

}  // namespace

std::vector<std::size_t> parse_sizes(const std::string& text, const std::string& option) {
  std::vector<std::size_t> sizes;
  for (std::size_t first = 0; first <= text.size();) {
    const std::size_t comma = std::min(text.find(',', first), text.size());
    add_range(std::string_view(text).substr(first, comma - first), option, sizes);
    first = comma + 1;
  }
  std::sort(sizes.begin(), sizes.end());
  sizes.erase(std::unique(sizes.begin(), sizes.end()), sizes.end());
  return sizes;
}

double available_memory() {
  std::ifstream file("/proc/meminfo");
  for (std::string key, rest; file >> key;) {
    double kilobytes = 0;
    if (key == "MemAvailable:" && file >> kilobytes) return 1024 * kilobytes;
    std::getline(file, rest);
  }
  return std::numeric_limits<double>::infinity();
}

std::string in_bytes(double bytes) {
  const char* const units[] = {"B", "kB", "MB", "GB", "TB", "PB"};
  std::size_t u = 0;
  for (; bytes >= 1000 && u < 5; ++u) bytes /= 1000;
  return format(u == 0 || bytes >= 100 ? "%.0f %s"
                : bytes >= 10          ? "%.1f %s"
                                       : "%.2f %s",
                bytes, units[u]);
}

}  // namespace flow
