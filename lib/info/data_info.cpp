#include "info/data_info.h"

#include <algorithm>
#include <cmath>

#include "core/missing.h"
#include "core/text.h"
#include "model/columns.h"

namespace flow {

namespace {

constexpr std::size_t most_numbers = std::size_t{1} << 22;  // of the rows that types are seen in

Proposal of_words(const std::vector<std::string>& words) {
  Proposal p{{.type = Column::Type::categorical, .words = words},
             "categorical: " + std::to_string(words.size()) + " words"};
  for (std::size_t k = 0; k < words.size(); ++k) p.column.values.push_back(static_cast<double>(k));
  return p;
}

}  // namespace

DataInfo inspect(RowReader& rows) {
  DataInfo info;
  info.shape = rows.shape();
  const std::size_t d = info.shape.columns, some = std::max<std::size_t>(1, most_numbers / d),
                    block = std::max<std::size_t>(1, (std::size_t{1} << 16) / d);
  std::vector<real> first;
  std::vector<double> values(block * d);
  while (const std::size_t n = rows.read(values)) {
    const std::size_t kept = std::min(n, some - std::min<std::size_t>(some, info.rows));
    for (std::size_t i = 0; i < kept * d; ++i)
      first.push_back(std::isfinite(values[i]) ? static_cast<real>(values[i]) : real(NAN));
    for (std::size_t i = 0; i < n; ++i)
      info.missing += !std::all_of(&values[i * d], &values[i * d] + d,
                                   [](double v) { return std::isfinite(v); });
    info.rows += n;
  }
  info.shape.words = rows.words();
  if (info.shape.dims.size() > 1 || first.empty()) return info;
  for (std::size_t j = 0; j < d; ++j) {
    const bool words = j < info.shape.words.size() && !info.shape.words[j].empty();
    info.columns.push_back(words                      ? of_words(info.shape.words[j])
                           : has_numbers(first, d, j) ? propose_column(first, d, j)
                                                      : Proposal{{}, "no number is there"});
  }
  return info;
}

std::string describe(const DataInfo& info) {
  std::string out = info.name + ": " + info.shape.format + ", " + std::to_string(info.rows) +
                    " rows of " + describe(info.shape) +
                    (info.shape.bytes      ? ", bytes"
                     : info.shape.integers ? ", integers"
                                           : "");
  if (info.missing > 0)
    out += "; " + std::to_string(info.missing) + " of them with NaN or infinite numbers";
  out += "\n";
  if (info.datasets.size() > 1) {
    out += "data sets:";
    for (const std::string& set : info.datasets) out += " " + set;
    out += "\n";
  }
  for (std::size_t j = 0; j < std::min(info.columns.size(), shown_columns); ++j)
    out += format("%-14s ", label_of(info.shape, j).c_str()) + info.columns[j].reason + "\n";
  if (info.columns.size() > shown_columns)
    out += format("... and %zu more: --json lists all\n", info.columns.size() - shown_columns);
  return out;
}

JsonLine json_of(const DataInfo& info) {
  std::vector<JsonLine> sets, columns;
  for (const std::string& name : info.datasets) sets.emplace_back().add("name", name);
  for (std::size_t j = 0; j < info.columns.size(); ++j)
    columns.emplace_back()
        .add("name", label_of(info.shape, j))
        .add("type", describe(info.columns[j].column))
        .add("reason", info.columns[j].reason);
  JsonLine out;
  out.add("kind", "data").add("file", info.name).add("format", info.shape.format);
  out.add("datasets", sets).add("rows", info.rows).add("missing", info.missing);
  out.add("shape", std::vector<double>(info.shape.dims.begin(), info.shape.dims.end()));
  out.add("integers", info.shape.integers).add("bytes", info.shape.bytes);
  return out.add("columns", columns);
}

std::string describe(const RowShape& shape) {
  const std::string numbers = std::to_string(shape.columns);
  if (shape.dims.size() < 2) return numbers + (shape.columns == 1 ? " column" : " columns");
  std::string out;
  for (const std::size_t d : shape.dims) out += (out.empty() ? "" : " x ") + std::to_string(d);
  return out + " image, " + numbers + " numbers";
}

}  // namespace flow
