#include "data/join.h"

#include <algorithm>

#include "core/error.h"

namespace flow {

namespace {

class JoinedRows : public RowReader {
 public:
  JoinedRows(std::unique_ptr<RowReader> left, std::unique_ptr<RowReader> right)
      : left_(std::move(left)), right_(std::move(right)) {
    const RowShape &l = left_->shape(), &r = right_->shape();
    shape_.columns = l.columns + r.columns;
    shape_.dims = {shape_.columns};
    shape_.rows = l.rows ? l.rows : r.rows;
    shape_.integers = l.integers && r.integers;
    if (l.rows && r.rows) check(*l.rows, *r.rows);
    if (l.names.empty() || r.names.empty()) return;
    shape_.names = l.names;
    shape_.names.insert(shape_.names.end(), r.names.begin(), r.names.end());
  }

  const RowShape& shape() const override { return shape_; }
  const std::string& name() const override { return left_->name(); }

  Words words() const override {
    Words all = left_->words(), behind = right_->words();
    if (all.empty() && behind.empty()) return all;
    all.resize(left_->shape().columns), behind.resize(right_->shape().columns);
    all.insert(all.end(), behind.begin(), behind.end());
    return all;
  }

  void know(const Words& words) override {
    const auto behind =
        words.begin() + static_cast<std::ptrdiff_t>(std::min(words.size(), left_->shape().columns));
    left_->know(Words(words.begin(), behind)), right_->know(Words(behind, words.end()));
  }

  std::size_t read(std::span<double> values) override {
    const std::size_t a = left_->shape().columns, b = right_->shape().columns;
    const std::size_t wanted = values.size() / shape_.columns;
    left_values_.resize(wanted * a), right_values_.resize(wanted * b);
    const std::size_t n = left_->read(left_values_), m = right_->read(right_values_);
    for (std::size_t i = 0; i < std::min(n, m); ++i) {
      double* row = values.data() + i * shape_.columns;
      std::copy_n(left_values_.data() + i * a, a, row);
      std::copy_n(right_values_.data() + i * b, b, row + a);
    }
    read_ += std::min(n, m);
    if (n != m) check(read_ + n - std::min(n, m), read_ + m - std::min(n, m));
    return n;
  }
  bool seeks() const override { return left_->seeks() && right_->seeks(); }
  void seek(std::uint64_t row) override { left_->seek(row), right_->seek(row), read_ = row; }

 private:
  // Numbers of rows, known or seen so far.
  void check(std::uint64_t left, std::uint64_t right) const {
    require(left == right, Exit::data,
            right_->name() + ": " + (right < left ? "ends behind " : "goes on behind ") +
                std::to_string(std::min(left, right)) + " rows, and " + left_->name() +
                (left < right ? " ends there" : " goes on") + "; a row needs a context each");
  }

  std::unique_ptr<RowReader> left_, right_;
  RowShape shape_;
  std::vector<double> left_values_, right_values_;
  std::uint64_t read_ = 0;
};

}  // namespace

std::unique_ptr<RowReader> join_rows(std::unique_ptr<RowReader> left,
                                     std::unique_ptr<RowReader> right) {
  return std::make_unique<JoinedRows>(std::move(left), std::move(right));
}

}  // namespace flow
