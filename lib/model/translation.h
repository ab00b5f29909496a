// Rows of one model as another model of the same columns has them: its columns may stand in another
// order, and its words have other numbers.
#pragma once
#include <span>
#include <string>
#include <vector>

#include "model/model.h"

namespace flow {

class Translation {
 public:
  // Error(Exit::model), of `to` at `path`, for other columns or context, and for words that no row
  // of `from` can hold.
  Translation(const DataSpec& from, const DataSpec& to, const std::string& path);
  // The rows, with their context; themselves where both models have them alike. Until the next
  // call.
  std::span<const double> operator()(std::span<const double> rows);

 private:
  std::vector<std::size_t> from_;  // of each column; empty: as they stand
  std::vector<std::vector<double>>
      codes_;  // of each column's words, -1 of those not known; or none
  std::vector<double> rows_;
};

}  // namespace flow
