// Which rows train and which validate, where a file does not say: a share of them, or one of K
// folds. What is dealt out are groups: those of equal value, or each row by itself.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "config/config.h"

namespace flow {

struct Split {
  std::vector<std::uint64_t> train, validation;  // rows, ascending
};

struct SplitSpec {
  double fraction = 0.1;            // of the groups that validate, in [0, 1)
  std::size_t fold = 0, folds = 0;  // from 1, of how many: instead of the fraction; 0: no folds
  bool ordered = false;             // the last share, or blocks of neighbours; else by the seed
  std::uint64_t seed = 0;
};

// The numbers 0 .. n-1.
std::vector<std::uint64_t> ascending(std::uint64_t n);

// validation, fold and split of the `data` part of a configuration: flow-config(5).
SplitSpec read_split_spec(Config& data, std::uint64_t seed);

// How many groups there are, each row by itself where none are given.
std::size_t count_groups(std::uint64_t n, std::span<const double> groups);

// Of n rows, with a number each that names its group, or none. The share of a fraction is to the
// nearest group, but at least one validates and one is left to train, where there are 2 and
// fraction > 0. The folds 1 .. K of one spec part the rows; there are at least as many groups as
// folds. Groups go by the order of their first rows. The same for the same arguments.
Split split_rows(std::uint64_t n, const SplitSpec& spec, std::span<const double> groups = {});

// One row of each of `count` stretches of n rows, of nearly equal length, drawn by the seed: a
// sample that lies evenly and in random places, and needs no list.
class Stretches {
 public:
  // sub tells apart several samples of one seed. count <= n.
  Stretches(std::uint64_t n, std::uint64_t count, std::uint64_t seed, std::uint32_t sub);
  bool has(std::uint64_t row) const;
  std::uint64_t count() const { return count_; }

 private:
  std::uint64_t n_, count_, seed_;
  std::uint32_t sub_;
};

// Rows that validate, of so many that no list of them is to be in memory: with a fraction those of
// stretches, at most `most`; folds take turns in stretches of K rows; and what is ordered is so as
// above. Another split than that of split_rows.
class StreamSplit {
 public:
  StreamSplit(std::uint64_t n, const SplitSpec& spec, std::uint64_t most);
  bool validates(std::uint64_t row) const;
  std::uint64_t count() const { return count_; }  // of rows that validate
  bool capped() const { return capped_; }         // at `most`: the fraction asks for more

 private:
  SplitSpec spec_;
  std::uint64_t count_ = 0, begin_ = 0, end_ = 0;  // from begin_ to end_: of what is ordered
  bool capped_ = false;
  std::optional<Stretches> stretches_;
};

}  // namespace flow
