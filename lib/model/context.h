// What a density is conditional on, p(x | c): columns of numbers, which the nets see standardised,
// and columns of labels, which they see one-hot. (An embedding of labels that every net reads
// through a matrix of its own is that matrix: one-hot columns are its rows, and nothing is lost.)
#pragma once
#include <span>
#include <string>
#include <vector>

#include "config/config.h"
#include "core/rows.h"
#include "core/view.h"

namespace flow {

struct ContextColumn {
  std::string name;  // may be empty
  bool label = false;
  std::vector<double> values;      // of a label: those of the training rows, ascending
  std::vector<std::string> words;  // that the values 0, 1, ... stand for, where they are words
  double mean = 0, scale = 1;      // of a number: the nets see (c - mean) / scale

  std::size_t width() const { return label ? values.size() : 1; }  // columns that the nets see
};

using ContextSpec = std::vector<ContextColumn>;

std::size_t width(const ContextSpec& spec);

// `data.context` of a configuration, a list of maps; absent: no context.
ContextSpec read_context(Config& data);
void write_context(const ContextSpec& spec, Config& config);

// Sets values, means and scales from rows, row by row. Error(Exit::data) for labels of more than
// 1024 values.
// words: of all columns, the context's the last; a column of words is one of labels.
void fit_context(std::span<const real> rows, const std::string& input, const Words& words,
                 ContextSpec& spec);

// A row as the nets see it: width numbers, of a label that is missing all NaN. Error(Exit::data)
// for a label that training did not see; where: "c.csv: row 3".
void to_context(const ContextSpec& spec, const real* row, const std::string& where, real* out);
// The numbers of a row, row by row, behind each other.
std::vector<real> to_context(const ContextSpec& spec, std::span<const real> rows,
                             std::uint64_t first_row, const std::string& input);

}  // namespace flow
