#include "data/shuffle.h"

#include <algorithm>
#include <bit>
#include <vector>

#include "core/random.h"
#include "data/split.h"
#include "data/spool.h"

namespace flow {

namespace {

// A row in a spool: its key, then its numbers.
void write_sorted(Spool& spool, std::size_t columns, RowWriter& to) {
  std::vector<double> rows(spool.rows() * (columns + 1)), sorted;
  if (rows.empty()) return;
  spool.read(rows);
  std::vector<std::uint64_t> order = ascending(spool.rows());
  const auto key = [&](std::uint64_t i) {
    return std::bit_cast<std::uint64_t>(rows[i * (columns + 1)]);
  };
  std::stable_sort(order.begin(), order.end(), [&](auto i, auto k) { return key(i) < key(k); });
  const std::size_t piece = std::max<std::size_t>(1, (std::size_t{1} << 16) / columns);
  for (std::size_t at = 0; at < order.size(); at += piece) {
    sorted.clear();
    for (std::size_t k = at; k < std::min(order.size(), at + piece); ++k) {
      const double* const row = &rows[order[k] * (columns + 1)];
      sorted.insert(sorted.end(), row + 1, row + 1 + columns);
    }
    to.write(sorted);
  }
}

}  // namespace

std::uint64_t shuffle(RowReader& rows, std::uint64_t seed, RowWriter& to) {
  const Random random(seed, Stream::shuffle);
  const std::size_t columns = rows.shape().columns;
  std::vector<Spool> spools;
  for (int k = 0; k < 256; ++k) spools.emplace_back(columns + 1);
  std::vector<double> values(std::max<std::size_t>(1, (std::size_t{1} << 16) / columns) * columns);
  std::vector<double> keyed(columns + 1);
  std::uint64_t row = 0;
  while (const std::size_t n = rows.read(values)) {
    for (std::size_t i = 0; i < n; ++i, ++row) {
      const std::uint64_t key = random.bits(row, 0);
      keyed[0] = std::bit_cast<double>(key);
      std::copy_n(&values[i * columns], columns, keyed.begin() + 1);
      spools[key >> 56].add(keyed);
    }
  }
  to.set_words(rows.words());
  for (Spool& spool : spools) write_sorted(spool, columns, to), spool = Spool(columns + 1);
  return row;
}

}  // namespace flow
