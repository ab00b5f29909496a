#include "data/levels.h"

#include <cmath>
#include <limits>

#include "config/scalar.h"

namespace flow {

namespace {

// From 1: "pixel (3, 7)", "pixel (3, 7, 1)" of colours, "column 4".
std::string place(std::span<const std::size_t> dims, std::size_t j) {
  if (dims.size() < 2) return "column " + std::to_string(j + 1);
  std::string numbers;
  for (std::size_t k = dims.size(); k-- > 0; j /= dims[k])
    numbers = std::to_string(j % dims[k] + 1) + (numbers.empty() ? "" : ", ") + numbers;
  return "pixel (" + numbers + ")";
}

}  // namespace

real to_level(const Levels& levels, double value) {
  if (!(value >= 0 && value < static_cast<double>(levels.stored)) || value != std::floor(value))
    return std::numeric_limits<real>::quiet_NaN();
  return static_cast<real>(levels.bits ? std::floor(std::ldexp(value, int(levels.bits) - 8))
                                       : value);
}

double from_level(const Levels& levels, double level) {
  if (levels.bits == 0) return level;
  return std::round(255 * level / static_cast<double>(levels.kept() - 1));
}

std::string misfit(const Levels& levels, std::span<const std::size_t> dims,
                   std::span<const double> row) {
  for (std::size_t j = 0; levels.declared() && j < row.size(); ++j)
    if (std::isfinite(row[j]) && std::isnan(to_level(levels, row[j])))
      return place(dims, j) + " is " + shortest(row[j]) + "; levels are 0 to " +
             std::to_string(levels.stored - 1);
  return "";
}

}  // namespace flow
