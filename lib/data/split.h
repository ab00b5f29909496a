// Which rows train and which validate, where a file does not say: a share of them, or one of K
// folds. What is dealt out are groups: those of equal value, or each row by itself.
#pragma once
#include <cstddef>
#include <cstdint>
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

}  // namespace flow
