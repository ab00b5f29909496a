#include "data/quantiles.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace flow {

void Quantiles::add(double value) {
  if (levels_.empty()) levels_.emplace_back();
  levels_[0].numbers.push_back(value);
  for (std::size_t h = 0; h < levels_.size() && levels_[h].numbers.size() > capacity; ++h)
    compact(h);
}

void Quantiles::compact(std::size_t h) {
  if (h + 1 == levels_.size()) levels_.emplace_back();
  Level& from = levels_[h];
  std::sort(from.numbers.begin(), from.numbers.end());
  // Of an odd number the last one stays, so that no weight is lost.
  const std::size_t even = from.numbers.size() / 2 * 2;
  for (std::size_t i = from.odd; i < even; i += 2)
    levels_[h + 1].numbers.push_back(from.numbers[i]);
  from.numbers.erase(from.numbers.begin(),
                     from.numbers.begin() + static_cast<std::ptrdiff_t>(even));
  from.odd = !from.odd;
}

double Quantiles::at(double share) const {
  std::vector<std::pair<double, std::uint64_t>> all;  // with weights
  std::uint64_t total = 0;
  for (std::size_t h = 0; h < levels_.size(); ++h)
    for (const double v : levels_[h].numbers) {
      all.emplace_back(v, std::uint64_t{1} << h);
      total += all.back().second;
    }
  if (all.empty()) return std::numeric_limits<double>::quiet_NaN();
  std::sort(all.begin(), all.end());
  const double wanted = share * static_cast<double>(total);
  std::uint64_t seen = 0;
  for (const auto& [value, weight] : all)
    if (static_cast<double>(seen += weight) >= wanted) return value;
  return all.back().first;
}

}  // namespace flow
