// All rows of an input as training takes them: what is modelled, its context, a weight, a group.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "data/policy.h"
#include "model/context.h"

namespace flow {

// What the numbers of a row that was read are, in this order.
struct RowLayout {
  RowShape x;                          // what is modelled
  ContextSpec context = {};            // what that is conditional on, a column each
  bool weight = false, group = false;  // whether there is such a column

  std::size_t weight_column() const { return x.columns + context.size(); }
  std::size_t width() const { return weight_column() + weight + group; }
};

struct InputRows {
  std::string input;                  // its name
  std::vector<real> numbers;          // row by row
  std::vector<std::uint64_t> places;  // of the rows in the input, from 0: some may be left out
  std::vector<double> groups;         // of the rows, as read: as floats, large numbers could be one
  Words words;                        // of the columns

  std::string place(std::size_t i) const {
    return input + ": row " + std::to_string(places[i] + 1);
  }
};

// Error(Exit::data) for another number of columns, no rows, and a weight that is not above 0.
InputRows read_input(FiniteRows& rows, const RowLayout& layout, std::uint64_t max_bytes);

// Error(Exit::data) for the first weight that is not above 0.
void check_weights(const InputRows& rows, const RowLayout& layout);

}  // namespace flow
