#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

#include "data/text.h"

namespace flow {

namespace {

class RenumberedWords : public RowReader {
 public:
  RenumberedWords(std::unique_ptr<RowReader> rows, const Vocabulary& vocabulary)
      : rows_(std::move(rows)),
        learns_(vocabulary.learns),
        shape_(rows_->shape()),
        codes_(shape_.columns) {
    for (const auto& [name, words] : vocabulary.known)
      for (std::size_t j = 0; j < shape_.columns; ++j)
        if (shape_.names[j] == name) renumber(j, words);
  }

  void know(const Words& words) override {
    for (std::size_t j = 0; j < words.size(); ++j)
      if (!words[j].empty()) renumber(j, words[j]);
  }
  const RowShape& shape() const override { return shape_; }
  const std::string& name() const override { return rows_->name(); }
  std::size_t read(std::span<double> values) override {
    const std::size_t d = shape_.columns, n = rows_->read(values);
    for (std::size_t j = 0; j < d; ++j)
      for (std::size_t i = 0; i < n && !codes_[j].empty(); ++i) {
        double& v = values[i * d + j];
        const double k = std::floor(v);
        if (!std::isnan(v))
          v = k == v && k >= 0 && k < static_cast<double>(codes_[j].size())
                  ? codes_[j][static_cast<std::size_t>(k)]
                  : -1;
      }
    return n;
  }
  bool seeks() const override { return rows_->seeks(); }
  void seek(std::uint64_t row) override { rows_->seek(row); }
  void want(const std::vector<bool>& wanted) override { rows_->want(wanted); }

 private:
  // To words that were met before, and behind them others where those are learned.
  void renumber(std::size_t j, std::vector<std::string> words) {
    const std::vector<std::string>& theirs = rows_->shape().words[j];
    if (theirs.empty()) return;
    codes_[j].clear();
    for (const std::string& word : theirs) {
      const auto at = std::find(words.begin(), words.end(), word);
      const bool known = at != words.end();
      codes_[j].push_back(known || learns_ ? static_cast<double>(at - words.begin()) : -1);
      if (!known && learns_) words.push_back(word);
    }
    shape_.words[j] = std::move(words);
  }

  std::unique_ptr<RowReader> rows_;
  bool learns_;
  RowShape shape_;
  std::vector<std::vector<double>> codes_;  // of each column's words; empty: as they are
};

}  // namespace

std::unique_ptr<RowReader> in_vocabulary(std::unique_ptr<RowReader> rows,
                                         const Vocabulary& vocabulary) {
  if (rows->shape().words.empty()) return rows;
  return std::make_unique<RenumberedWords>(std::move(rows), vocabulary);
}

}  // namespace flow
