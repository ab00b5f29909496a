// The options of every program that reads rows with what their density is conditional on: a file
// beside them, or columns of the same file; and in training columns of weights and groups.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "cli/rows_options.h"
#include "model/model.h"
#include "train/input_rows.h"

namespace flow::cli {

// Rows, and what their columns are.
struct ConditionalRows {
  std::unique_ptr<FiniteRows> rows;
  RowLayout layout;
};

// What rows are for: of an HDF5 file /train_y, /validation_y or /test_y is their context.
enum class Role { train, validation, test };

class ContextOptions {
 public:
  void add_to(Program& program);
  void add_training(Program& program);  // the same, and what only training needs
  static void refuse(const Program& program, const std::string& why);

  // What training is to learn from, or validated on with a file of context of its own. told: as
  // told_of_rows; where it has names of the columns and the context too, in that order.
  ConditionalRows open(const InputOptions& input, const Files& operand,
                       std::vector<std::string> preferred, Role role, const DataSpec& told) const;
  // Rows for a model, whose columns are found by their names, or stand in order.
  ConditionalRows open(const InputOptions& input, const Files& operand,
                       std::vector<std::string> preferred, const DataSpec& model) const;
  // The contexts alone; null where none are given.
  std::unique_ptr<FiniteRows> open_contexts(const InputOptions& input, const DataSpec& model) const;
  bool has_validation() const { return !validation_file_.empty(); }
  bool given() const { return !file_.empty() || !columns_.empty() || !labels_.empty(); }
  // All that open reads: the operand, and the file of the context.
  Files files(const Files& operand) const {
    Files all;
    all.names = operand.all();
    if (!file_.empty()) all.names.push_back(file_);
    return all;
  }

 private:
  ConditionalRows open(const InputOptions& input, const Files& operand,
                       std::vector<std::string> preferred, Role role, const DataSpec& data,
                       const Vocabulary& vocabulary) const;
  struct Chosen {
    std::vector<std::size_t> columns;  // numbers, then labels
    std::size_t labels = 0;
  };
  Chosen chosen(const RowReader& rows) const;

  std::string file_, validation_file_, columns_, labels_, weight_, group_;
};

}  // namespace flow::cli
