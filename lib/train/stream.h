// Rows that do not fit in memory: a first pass finds out what a run must know of them beforehand,
// and then they are read block by block in each epoch (train/windows.h).
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "data/split.h"
#include "train/rows.h"

namespace flow {

struct StreamSpec {
  std::size_t window = 0;  // rows that are held at a time, and shuffled
  SplitSpec split = {};    // where no validation rows are given
};

// Whether so many rows are trained on within so much memory (bytes), all of them in it.
bool fits_in_memory(std::uint64_t rows, const RowLayout& layout, std::uint64_t memory);
// The rows of a window with which streaming stays within so much memory: two windows, and what is
// held for validation, at most half a window, and of the sample. Error(Exit::usage) for too little.
std::size_t window_within(std::uint64_t memory, const RowLayout& layout);

class StreamedRows {
 public:
  // rows: of this layout; those that cannot be sought are kept in a temporary file now.
  StreamedRows(std::unique_ptr<FiniteRows> rows, const RowLayout& layout, const StreamSpec& spec);

  // Reads all of them, and those of a validation of its own, of which at most half a window are
  // kept, evenly spread. What comes back is as of train/collect.h, but that its rows to train on
  // are a sample, with rows behind it that hold the extremes of each column. note: for the user.
  // Error(Exit::data, Exit::usage) as there, and for what is not to be had of streamed rows.
  TrainingRows survey(StreamedRows* validation, std::string& note);

  // Error(Exit::data) for the first row to train on that the columns cannot hold.
  void require_fit(const DataSpec& data);

  const FiniteRows& rows() const { return *rows_; }
  std::size_t window() const { return spec_.window; }
  std::size_t block_rows() const { return block_; }  // that are read at a time
  std::uint64_t count() const { return count_; }     // of rows to train on
  // How many of them each block has.
  const std::vector<std::uint32_t>& counts() const { return counts_; }
  // Appends those of a block, weights scaled as by collect.
  void take_block(std::size_t block, TrainingPart& to);

 private:
  InputRows read(std::size_t block);
  std::size_t blocks() const;
  void hold_out(std::uint64_t most);
  InputRows sample(std::uint64_t most);
  struct Findings;
  void look_at(const InputRows& in, Findings& found, TrainingRows& to);

  std::unique_ptr<FiniteRows> rows_;
  RowLayout layout_;
  StreamSpec spec_;
  std::size_t block_;
  std::optional<StreamSplit> split_;
  std::vector<std::uint32_t> counts_;
  std::uint64_t count_ = 0;
  double mean_weight_ = 1;
  std::vector<double> values_;
};

}  // namespace flow
