// The rows of a training run: read, split, and looked over for what a user should know.
#pragma once
#include <string>
#include <vector>

#include "core/rows.h"
#include "model/model.h"
#include "train/dataset.h"
#include "train/input_rows.h"

namespace flow {

// Rows to train on, or to validate on.
struct TrainingPart {
  std::vector<real> rows, context;  // row by row: what is modelled, and what that is conditional on
  std::vector<double> weights;      // of the rows; empty: all count the same
  std::vector<std::uint64_t> at;    // their places in the input, from 0
  std::string input;                // its name
};

struct TrainingRows {
  RowShape shape;  // of the rows, without their context
  TrainingPart train, validation;
  Words words = {};  // of the columns and their context, where some hold words
  // Where rows are streamed (train/stream.h) `train` is a sample, of so many rows, and behind these
  // are rows that no input has, but for what the columns hold at most.
  std::uint64_t streamed = 0;  // rows to train on; 0: those of `train`
  std::size_t sampled = 0;
  std::string digest = {};  // of all rows that are streamed

  std::size_t count(const TrainingPart& part) const { return part.rows.size() / shape.columns; }
  std::uint64_t training_rows() const { return streamed ? streamed : count(train); }
};

// Columns that a flow has to do with: those with their context, or 1 where all but one are constant
// or the same.
std::size_t working_columns(const TrainingRows& rows);

// "3 (width)", of column 2.
std::string label(const RowShape& shape, std::size_t j);

// What each column is: as the configuration declares it, else with data.columns-from: data as the
// rows propose it, with a line of reasons each, unless data.dequantise says that all are integers.
// Sets spec.columns, spec.dequantise and the names of the shape, and writes columns to the
// configuration.
std::vector<std::string> settle_columns(Config& config, TrainingRows& rows, DataSpec& spec);

// Rows as the flow sees them, without noise: what is modelled, then its context. Takes them out of
// the part. Error(Exit::data) for the first row that the columns of the spec cannot hold.
std::vector<real> flow_rows(const DataSpec& spec, TrainingPart& part);
// With their noise and weights, as a model takes them. Takes them out of the part.
Dataset dataset_of(const Model& model, std::uint64_t seed, TrainingPart& part);

// Sets the spec's range from the training rows, and returns warnings: constant columns, integers
// without noise. Error(Exit::data) for noise on what are no integers.
std::vector<std::string> look_over(const TrainingRows& rows, const std::string& name,
                                   DataSpec& spec);

}  // namespace flow
