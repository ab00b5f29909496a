#include "data/policy.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "config/scalar.h"
#include "core/aligned.h"
#include "core/error.h"
#include "data/spool.h"

namespace flow {

namespace {

std::string place(const RowReader& rows, std::uint64_t row, std::size_t column) {
  const std::vector<std::string>& names = rows.shape().names;
  return rows.name() + ": row " + std::to_string(row + 1) + ": column " +
         std::to_string(rows.column_of_file(column) + 1) +
         (names.empty() ? "" : " (" + quoted(names[column]) + ")") + " is ";
}

}  // namespace

OnNan parse_on_nan(const std::string& name) {
  if (name == "fail") return OnNan::fail;
  if (name == "skip") return OnNan::skip;
  assert(name == "keep");
  return OnNan::keep;
}

FiniteRows::FiniteRows(std::unique_ptr<RowReader> rows, OnNan on_nan, std::size_t may_miss)
    : rows_(std::move(rows)), on_nan_(on_nan), may_miss_(may_miss), shape_(rows_->shape()) {
  if (on_nan == OnNan::skip) shape_.rows.reset();  // known only at the end
}

std::size_t FiniteRows::read(std::span<double> values) {
  if (on_nan_ == OnNan::keep) {
    row_ += kept_;
    return kept_ = rows_->read(values);
  }
  const std::size_t wanted = values.size() / shape_.columns;
  std::size_t done = 0;
  places_.clear();
  while (done < wanted) {
    const std::span<double> rest = values.subspan(done * shape_.columns);
    const std::size_t n = rows_->read(rest);
    done += keep_finite(rest, n);
    if (n < rest.size() / shape_.columns) break;
  }
  return done;
}

RowNumbers FiniteRows::numbers(std::uint64_t offset) const {
  return on_nan_ == OnNan::keep ? RowNumbers(offset + row_) : RowNumbers(offset, places_);
}

std::size_t FiniteRows::read_part(std::span<double> values) {
  places_.clear();
  return keep_finite(values, rows_->read(values));
}

void FiniteRows::keep() {
  if (!rows_->seeks()) rows_ = spool_rows(std::move(rows_));
}

std::size_t FiniteRows::keep_finite(std::span<double> values, std::size_t rows) {
  const std::size_t d = shape_.columns;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < rows; ++i, ++row_) {
    const std::span<double> row = values.subspan(i * d, d);
    const auto missing = row.begin() + static_cast<std::ptrdiff_t>(may_miss_);
    auto bad = std::find_if(row.begin(), missing, [](double v) { return std::isinf(v); });
    if (bad == missing)
      bad = std::find_if(missing, row.end(), [](double v) { return !std::isfinite(v); });
    if (bad == row.end()) {
      if (kept != i)
        std::copy(row.begin(), row.end(), values.begin() + static_cast<std::ptrdiff_t>(kept * d));
      ++kept, places_.push_back(row_);
    } else if (on_nan_ == OnNan::fail) {
      throw Error(
          Exit::data,
          place(*rows_, row_, static_cast<std::size_t>(bad - row.begin())) +
              (std::isnan(*bad) ? "NaN" : "infinite") +
              "; give --on-nan skip to leave such rows out" +
              (std::isnan(*bad) && may_miss_ == 0 ? ", or train with --missing marginal" : ""));
    } else {
      constexpr std::size_t named = 10;
      if (skipped_++ < named) first_skipped_.push_back(row_ + 1);
    }
  }
  return kept;
}

std::string FiniteRows::report() const {
  if (skipped_ == 0) return "";
  std::string line = name() + ": " + std::to_string(skipped_) + (skipped_ == 1 ? " row" : " rows") +
                     " with NaN or infinite numbers " + (skipped_ == 1 ? "was" : "were") +
                     " left out: ";
  for (std::size_t i = 0; i < first_skipped_.size(); ++i) {
    line += (i > 0 ? ", " : "") + std::to_string(first_skipped_[i]);
  }
  return line + (skipped_ > first_skipped_.size() ? " ..." : "");
}

void to_reals(const RowReader& rows, std::span<const double> values, std::uint64_t first_row,
              real* out) {
  const std::size_t d = rows.shape().columns;
  for (std::size_t i = 0; i < values.size(); ++i) {
    out[i] = static_cast<real>(values[i]);
    if (std::isinf(out[i]) && !std::isinf(values[i]))
      throw Error(Exit::data, place(rows, first_row + i / d, i % d) + shortest(values[i]) +
                                  ", beyond the range of a float32; scale the column");
  }
}

std::vector<real> read_all(RowReader& rows, std::uint64_t max_bytes) {
  const std::size_t d = rows.shape().columns;
  const std::size_t piece_rows = std::max<std::size_t>(1, (1 << 16) / d);
  const std::uint64_t max_numbers = max_bytes / sizeof(real);
  const std::string too_much = rows.name() + ": needs more than the " + std::to_string(max_bytes) +
                               " bytes of --max-bytes; raise it or give fewer rows";
  const std::optional<std::uint64_t> known = rows.shape().rows;
  require(!known || *known <= max_numbers / d, Exit::data, too_much);
  require(d <= max_numbers, Exit::data, too_much);
  const Aligned<double> numbers(piece_rows * d);  // declared, and perhaps never read
  const std::span<double> piece = numbers;
  std::vector<real> all;
  for (std::size_t n = piece_rows; n == piece_rows;) {
    n = rows.read(piece);
    require(n * d <= max_numbers - all.size(), Exit::data, too_much);
    const std::size_t before = all.size();
    all.resize(before + n * d);
    to_reals(rows, piece.first(n * d), before / d, all.data() + before);
  }
  return all;
}

}  // namespace flow
