#include "train/input_rows.h"

#include "core/error.h"
#include "core/text.h"

namespace flow {

namespace {

// Rows that pass through, noting what does not fit among numbers of type real.
class NotedRows : public RowReader {
 public:
  NotedRows(FiniteRows& rows, bool group, InputRows& notes)
      : rows_(rows), group_(group), notes_(notes) {}

  const RowShape& shape() const override { return rows_.shape(); }
  const std::string& name() const override { return rows_.name(); }
  std::size_t read(std::span<double> values) override {
    const std::size_t n = rows_.read(values), d = shape().columns;
    notes_.places.insert(notes_.places.end(), rows_.places().begin(), rows_.places().end());
    for (std::size_t i = 1; group_ && i <= n; ++i) notes_.groups.push_back(values[i * d - 1]);
    return n;
  }

 private:
  FiniteRows& rows_;
  bool group_;
  InputRows& notes_;
};

}  // namespace

void check_weights(const InputRows& rows, const RowLayout& layout) {
  const std::size_t j = layout.weight_column(), width = layout.width();
  require(rows.words.empty() || rows.words[j].empty(), Exit::data,
          rows.input + ": the column of --weight-column holds words; weights are numbers above 0");
  for (std::size_t i = 0; i < rows.places.size(); ++i) {
    const real weight = rows.numbers[i * width + j];
    require(weight > 0, Exit::data,
            rows.place(i) + ": weight " + format("%.6g", static_cast<double>(weight)) +
                "; weights are above 0: leave out rows that are not to count");
  }
}

InputRows read_input(FiniteRows& rows, const RowLayout& layout, std::uint64_t max_bytes) {
  require(rows.shape().columns == layout.width(), Exit::data,
          rows.name() + ": " + std::to_string(rows.shape().columns) +
              " columns, and the training rows have " + std::to_string(layout.width()) +
              "; give both the same columns");
  InputRows in;
  in.input = rows.name();
  NotedRows noted(rows, layout.group, in);
  in.numbers = read_all(noted, max_bytes);
  in.words = rows.words();
  require(!in.numbers.empty(), Exit::data, in.input + ": no rows");
  if (layout.weight) check_weights(in, layout);
  return in;
}

}  // namespace flow
