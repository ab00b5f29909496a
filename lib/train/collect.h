// All rows of a training run read into memory, and split.
#pragma once
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "data/split.h"
#include "train/rows.h"

namespace flow {

// Reads all rows. Without validation of its own, the split holds some of them out. Weights are
// scaled to a mean of 1 over the training rows. Error(Exit::data) for too few rows, for columns
// that differ, for a weight that is not above 0, and for a group in the rows of both.
TrainingRows collect(FiniteRows& train, FiniteRows* validation, const RowLayout& layout,
                     const SplitSpec& split, std::uint64_t max_bytes);

// Error for a split that leaves nothing to train on, or nothing to validate on. what: " row" or
// " group", of which `input` has so many.
void require_split(const SplitSpec& split, std::uint64_t count, const std::string& what,
                   const std::string& input);

// Appends rows, which are numbered as they stand in `all`.
void take(const InputRows& all, const std::vector<std::uint64_t>& which, const RowLayout& layout,
          TrainingPart& to);

// Validation rows that have numbered their words as these came get the numbers of the training
// rows, to whose words theirs are added. shape: of the rows.
void join_words(const RowShape& shape, InputRows& train, InputRows& validation);

// The number of a word among others, and of one that is not there -1.
template <class Number>
void renumber(std::vector<Number>& rows, std::size_t columns, std::size_t j,
              const std::vector<std::string>& from, const std::vector<std::string>& to) {
  std::vector<Number> number;
  for (const std::string& word : from) {
    const auto at = std::find(to.begin(), to.end(), word);
    number.push_back(at == to.end() ? Number(-1) : static_cast<Number>(at - to.begin()));
  }
  for (std::size_t at = j; at < rows.size(); at += columns)
    if (!std::isnan(rows[at])) rows[at] = number[static_cast<std::size_t>(rows[at])];
}

}  // namespace flow
