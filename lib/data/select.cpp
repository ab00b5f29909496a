#include "data/select.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "config/scalar.h"
#include "core/error.h"

namespace flow {

namespace {

std::optional<std::size_t> find_column(const std::string& text, const RowShape& shape) {
  const auto named = std::find(shape.names.begin(), shape.names.end(), text);
  if (named != shape.names.end()) return static_cast<std::size_t>(named - shape.names.begin());
  std::size_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || stop != end || number < 1 || number > shape.columns) return {};
  return number - 1;
}

// One column or a range. Names may hold a '-': every place where the text may be parted is tried.
void add_columns(const std::string& text, const RowShape& shape, const std::string& file,
                 std::vector<std::size_t>& to) {
  if (const auto column = find_column(text, shape)) return to.push_back(*column);
  for (std::size_t at = text.find('-'); at != std::string::npos; at = text.find('-', at + 1)) {
    const auto first = find_column(text.substr(0, at), shape);
    const auto last = find_column(text.substr(at + 1), shape);
    if (!first || !last) continue;
    require(*first <= *last, Exit::usage,
            file + ": the columns '" + text + "' run backwards; turn the range round");
    for (std::size_t j = *first; j <= *last; ++j) to.push_back(j);
    return;
  }
  refuse_column(text, shape, file, Exit::usage);
}

class SelectedColumns : public RowReader {
 public:
  SelectedColumns(std::unique_ptr<RowReader> rows, std::vector<std::size_t> columns)
      : rows_(std::move(rows)), columns_(std::move(columns)), shape_(rows_->shape()) {
    shape_.columns = columns_.size();
    shape_.dims = {columns_.size()};
    want(std::vector<bool>(columns_.size(), true));
    shape_.words.clear();
    for (const std::size_t j : columns_)
      if (!rows_->shape().words.empty()) shape_.words.push_back(rows_->shape().words[j]);
    if (shape_.names.empty()) return;
    shape_.names.clear();
    for (const std::size_t j : columns_) shape_.names.push_back(rows_->shape().names[j]);
  }

  const RowShape& shape() const override { return shape_; }
  const std::string& name() const override { return rows_->name(); }
  Words words() const override {
    const Words all = rows_->words();
    Words chosen;
    for (const std::size_t j : columns_)
      if (!all.empty()) chosen.push_back(all[j]);
    return chosen;
  }
  std::size_t read(std::span<double> values) override {
    const std::size_t d = rows_->shape().columns, k = columns_.size();
    whole_.resize(values.size() / k * d);
    const std::size_t n = rows_->read(whole_);
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < k; ++j) values[i * k + j] = whole_[i * d + columns_[j]];
    }
    return n;
  }
  void want(const std::vector<bool>& wanted) final {
    std::vector<bool> of_all(rows_->shape().columns);
    for (std::size_t k = 0; k < columns_.size(); ++k)
      if (wanted[k]) of_all[columns_[k]] = true;
    rows_->want(of_all);
  }
  void know(const Words& words) override {
    Words of_all(rows_->shape().columns);
    for (std::size_t k = 0; k < std::min(words.size(), columns_.size()); ++k)
      of_all[columns_[k]] = words[k];
    rows_->know(of_all);
  }
  std::size_t column_of_file(std::size_t j) const override {
    return rows_->column_of_file(columns_[j]);
  }
  bool seeks() const override { return rows_->seeks(); }
  void seek(std::uint64_t row) override { rows_->seek(row); }

 private:
  std::unique_ptr<RowReader> rows_;
  std::vector<std::size_t> columns_;
  RowShape shape_;
  std::vector<double> whole_;
};

}  // namespace

void refuse_column(const std::string& name, const RowShape& shape, const std::string& file,
                   Exit exit) {
  std::string line = file + ": there is no column " + quoted(name);
  if (shape.names.empty())
    throw Error(exit, line + "; give numbers from 1 to " + std::to_string(shape.columns));
  line += did_you_mean(name, shape.names);
  line += "; the columns are ";
  constexpr std::size_t shown = 12;
  for (std::size_t j = 0; j < std::min(shown, shape.columns); ++j)
    line += (j > 0 ? ", " : "") + quoted(shape.names[j]);
  if (shape.columns > shown) line += " ... (" + std::to_string(shape.columns) + " in all)";
  throw Error(exit, line);
}

std::vector<std::size_t> parse_selection(const std::string& selection, const RowShape& shape,
                                         const std::string& file) {
  std::vector<std::size_t> columns;
  for (std::size_t at = 0; at <= selection.size();) {
    const std::size_t comma = std::min(selection.find(',', at), selection.size());
    add_columns(selection.substr(at, comma - at), shape, file, columns);
    at = comma + 1;
  }
  return columns;
}

std::unique_ptr<RowReader> select_columns(std::unique_ptr<RowReader> rows,
                                          const std::string& selection) {
  if (selection.empty()) return rows;
  std::vector<std::size_t> columns = parse_selection(selection, rows->shape(), rows->name());
  return select_columns(std::move(rows), std::move(columns));
}

std::unique_ptr<RowReader> select_columns(std::unique_ptr<RowReader> rows,
                                          std::vector<std::size_t> columns) {
  return std::make_unique<SelectedColumns>(std::move(rows), std::move(columns));
}

}  // namespace flow
