#include "data/split.h"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <cmath>
#include <numeric>
#include <unordered_map>

#include "config/scalar.h"
#include "core/random.h"

namespace flow {

namespace {

// Of each row the number of its group, 0, 1 ... as they come.
std::vector<std::uint64_t> numbered(std::uint64_t n, std::span<const double> groups) {
  if (groups.empty()) return ascending(n);
  assert(groups.size() == n);
  std::unordered_map<double, std::uint64_t> known;
  std::vector<std::uint64_t> number;
  number.reserve(n);
  for (const double g : groups) number.push_back(known.try_emplace(g, known.size()).first->second);
  return number;
}

std::size_t count_of(std::span<const std::uint64_t> numbers) {
  return numbers.empty() ? 0 : *std::max_element(numbers.begin(), numbers.end()) + 1;
}

struct Range {
  std::size_t begin, end;
};

// Where in the order of n groups those that validate stand.
Range validating(const SplitSpec& spec, std::size_t n) {
  if (spec.folds > 0) {
    assert(1 <= spec.fold && spec.fold <= spec.folds && spec.folds <= n);
    return {n * (spec.fold - 1) / spec.folds, n * spec.fold / spec.folds};
  }
  assert(spec.fraction >= 0 && spec.fraction < 1);
  if (n < 2 || spec.fraction == 0) return {0, 0};
  const auto nearest = std::llround(spec.fraction * static_cast<double>(n));
  const std::size_t count = std::clamp<std::size_t>(static_cast<std::size_t>(nearest), 1, n - 1);
  return spec.ordered ? Range{n - count, n} : Range{0, count};
}

}  // namespace

std::vector<std::uint64_t> ascending(std::uint64_t n) {
  std::vector<std::uint64_t> all(n);
  std::iota(all.begin(), all.end(), std::uint64_t{0});
  return all;
}

SplitSpec read_split_spec(Config& data, std::uint64_t seed) {
  SplitSpec s;
  s.seed = seed;
  s.fraction = data.number("validation", 0, 0.9, 0.1);
  s.ordered = data.choice("split", {"random", "ordered"}, "random") == "ordered";
  const std::string fold = data.text("fold", "none");
  if (fold == "none") return s;
  const char* end = fold.data() + fold.size();
  const auto [slash, first] = std::from_chars(fold.data(), end, s.fold);
  const bool parted = first == std::errc{} && slash != end && *slash == '/';
  const auto [stop, second] = std::from_chars(parted ? slash + 1 : end, end, s.folds);
  if (second != std::errc{} || stop != end || s.folds < 2 || s.fold < 1 || s.fold > s.folds)
    data.fail("fold", quoted(fold) + " is no fold; give I/K, as 1/5: the I-th of K, K at least 2");
  return s;
}

std::size_t count_groups(std::uint64_t n, std::span<const double> groups) {
  return count_of(numbered(n, groups));
}

Split split_rows(std::uint64_t n, const SplitSpec& spec, std::span<const double> groups) {
  const std::vector<std::uint64_t> number = numbered(n, groups);
  const std::size_t count = count_of(number);
  const auto order =
      spec.ordered ? ascending(count) : Random(spec.seed, Stream::split).permutation(count);
  const Range range = validating(spec, count);
  std::vector<bool> validates(count);
  for (std::size_t k = range.begin; k < range.end; ++k) validates[order[k]] = true;
  Split split;
  for (std::uint64_t i = 0; i < n; ++i)
    (validates[number[i]] ? split.validation : split.train).push_back(i);
  return split;
}

Stretches::Stretches(std::uint64_t n, std::uint64_t count, std::uint64_t seed, std::uint32_t sub)
    : n_(n), count_(count), seed_(seed), sub_(sub) {
  assert(count <= n);
}

// Stretch k begins at floor(k n / count), so row p is of k = ceil((p + 1) count / n) - 1.
bool Stretches::has(std::uint64_t row) const {
  using Wide = unsigned __int128;
  const auto begin = [&](std::uint64_t k) {
    return static_cast<std::uint64_t>(Wide{k} * n_ / count_);
  };
  if (count_ == 0) return false;
  const auto k = static_cast<std::uint64_t>((Wide{row + 1} * count_ - 1) / n_);
  const std::uint64_t first = begin(k), length = begin(k + 1) - first;
  return row == first + Random(seed_, Stream::split, sub_).bits(k, 0) % length;
}

StreamSplit::StreamSplit(std::uint64_t n, const SplitSpec& spec, std::uint64_t most) : spec_(spec) {
  const Range range = validating(spec, n);
  begin_ = range.begin, end_ = range.end, count_ = end_ - begin_;
  if (spec.ordered || spec.folds > 0) return;
  capped_ = count_ > most;
  count_ = std::min<std::uint64_t>(count_, most);
  stretches_.emplace(n, count_, spec.seed, 1);
}

bool StreamSplit::validates(std::uint64_t row) const {
  if (stretches_) return stretches_->has(row);
  if (spec_.ordered) return begin_ <= row && row < end_;
  const std::uint64_t turn = Random(spec_.seed, Stream::split, 2).bits(row / spec_.folds, 0);
  return row % spec_.folds == (turn + spec_.fold) % spec_.folds;
}

}  // namespace flow
