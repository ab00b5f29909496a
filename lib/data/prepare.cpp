#include "data/prepare.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/error.h"
#include "data/dequantise.h"

namespace flow {

namespace {

class Patches : public RowReader {
 public:
  explicit Patches(std::unique_ptr<RowReader> rows) : rows_(std::move(rows)) {
    const std::size_t d = rows_->shape().columns;
    require(d >= 2, Exit::data,
            name() + ": 1 column; data.prepare: patches takes images of several pixels");
    shape_.columns = d - 1, shape_.dims = {d - 1}, shape_.rows = rows_->shape().rows;
  }

  const RowShape& shape() const override { return shape_; }
  const std::string& name() const override { return rows_->name(); }
  Words words() const override { return {}; }
  std::size_t read(std::span<double> values) override {
    const std::size_t d = rows_->shape().columns;
    whole_.resize(values.size() / (d - 1) * d);
    const std::size_t n = rows_->read(whole_);
    const std::span<double> pixels(whole_.data(), n * d);
    for (std::size_t i = 0; i < pixels.size(); ++i)
      require(pixels[i] >= 0 && pixels[i] <= 255 && pixels[i] == std::floor(pixels[i]), Exit::data,
              name() + ": row " + std::to_string(row_ + i / d + 1) + ", column " +
                  std::to_string(i % d + 1) +
                  ": no integer of 0 to 255, which data.prepare: "
                  "patches takes; set it to none for other rows");
    dequantise(pixels, d, row_, 0, 0);
    for (std::size_t i = 0; i < n; ++i) {
      const auto row = pixels.subspan(i * d, d);
      const double mean = std::accumulate(row.begin(), row.end(), 0.0) / static_cast<double>(d);
      std::transform(row.begin(), row.end() - 1, values.data() + i * (d - 1),
                     [&](double x) { return (x - mean) / 256; });
    }
    row_ += n;
    return n;
  }
  bool seeks() const override { return rows_->seeks(); }
  void seek(std::uint64_t row) override { rows_->seek(row), row_ = row; }

 private:
  std::unique_ptr<RowReader> rows_;
  RowShape shape_;
  std::vector<double> whole_;
  std::uint64_t row_ = 0;
};

}  // namespace

std::unique_ptr<RowReader> prepare_rows(std::unique_ptr<RowReader> rows, Preparation preparation) {
  if (preparation == Preparation::none) return rows;
  return std::make_unique<Patches>(std::move(rows));
}

}  // namespace flow
