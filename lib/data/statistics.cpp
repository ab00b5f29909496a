#include "data/statistics.h"

#include <algorithm>
#include <cmath>

#include "core/text.h"

namespace flow {

namespace {

std::string percent(double share) { return format("%g%%", 100 * share); }

std::vector<double> values_at(const ColumnStatistics& c, std::span<const double> shares) {
  std::vector<double> values;
  for (const double share : shares) values.push_back(c.quantiles.at(share));
  return values;
}

}  // namespace

void ColumnStatistics::add(double value) {
  if (std::isnan(value)) return void(++missing);
  if (std::isinf(value)) return void(++infinite);
  ++count;
  min = std::min(min, value), max = std::max(max, value);
  const double d = value - mean;
  mean += d / static_cast<double>(count);
  squares += d * (value - mean);
  quantiles.add(value);
}

double ColumnStatistics::deviation() const {
  return count > 1 ? std::sqrt(squares / static_cast<double>(count - 1)) : NAN;
}

std::vector<ColumnStatistics> statistics_of(RowReader& rows) {
  const std::size_t d = rows.shape().columns;
  std::vector<ColumnStatistics> columns(d);
  std::vector<double> values(std::max<std::size_t>(1, (std::size_t{1} << 16) / d) * d);
  while (const std::size_t n = rows.read(values))
    for (std::size_t k = 0; k < n * d; ++k) columns[k % d].add(values[k]);
  return columns;
}

std::string describe(std::span<const ColumnStatistics> columns, const RowShape& shape,
                     std::span<const double> shares) {
  const auto number = [](double v) { return format(" %11s", format("%.5g", v).c_str()); };
  std::string out = format("%-14s %10s %9s %11s", "column", "count", "missing", "min");
  for (const double share : shares) out += format(" %11s", percent(share).c_str());
  out += format(" %11s %11s %11s\n", "max", "mean", "deviation");
  for (std::size_t j = 0; j < columns.size(); ++j) {
    const ColumnStatistics& c = columns[j];
    const double none = c.count > 0 ? 0 : NAN;
    out += format("%-14s %10llu %9llu", label_of(shape, j).c_str(),
                  static_cast<unsigned long long>(c.count),
                  static_cast<unsigned long long>(c.missing));
    out += number(c.min + none);
    for (const double value : values_at(c, shares)) out += number(value);
    out += number(c.max + none) + number(c.mean + none) + number(c.deviation()) + "\n";
  }
  return out;
}

JsonLine json_of(std::span<const ColumnStatistics> columns, const RowShape& shape,
                 std::span<const double> shares) {
  std::vector<JsonLine> list;
  for (std::size_t j = 0; j < columns.size(); ++j) {
    const ColumnStatistics& c = columns[j];
    JsonLine& line = list.emplace_back().add("name", label_of(shape, j)).add("count", c.count);
    line.add("missing", c.missing).add("infinite", c.infinite).add("min", c.min).add("max", c.max);
    line.add("mean", c.count > 0 ? c.mean : NAN).add("deviation", c.deviation());
    line.add("quantiles", values_at(c, shares));
    const bool words = j < shape.words.size() && !shape.words[j].empty();
    line.add("words", words ? shape.words[j].size() : 0);
  }
  JsonLine out;
  out.add("rows",
          columns.empty() ? 0 : columns[0].count + columns[0].missing + columns[0].infinite);
  return out.add("shares", std::vector<double>(shares.begin(), shares.end())).add("columns", list);
}

}  // namespace flow
