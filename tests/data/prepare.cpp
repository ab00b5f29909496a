// Rows as a benchmark prepares them: the numbers by hand, the same in any blocks, and what is
// refused.
#include "data/prepare.h"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <vector>

#include "core/error.h"

using namespace flow;

namespace {

class Numbers : public RowReader {
 public:
  Numbers(std::vector<double> numbers, std::size_t columns) : numbers_(std::move(numbers)) {
    shape_.columns = columns, shape_.dims = {columns}, shape_.rows = numbers_.size() / columns;
  }
  const RowShape& shape() const override { return shape_; }
  const std::string& name() const override { return name_; }
  std::size_t read(std::span<double> values) override {
    const std::size_t d = shape_.columns,
                      n = std::min(values.size() / d, numbers_.size() / d - at_);
    std::copy_n(numbers_.begin() + static_cast<std::ptrdiff_t>(at_ * d), n * d, values.begin());
    at_ += n;
    return n;
  }

 private:
  std::vector<double> numbers_;
  std::size_t at_ = 0;
  RowShape shape_;
  std::string name_ = "numbers";
};

const std::vector<double> pixels{0, 255, 10, 20, 1, 1, 1, 1, 7, 0, 0, 200};  // three images of four

std::unique_ptr<RowReader> prepared(std::vector<double> numbers, std::size_t columns) {
  return prepare_rows(std::make_unique<Numbers>(std::move(numbers), columns), Preparation::patches);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(prepare)

BOOST_AUTO_TEST_CASE(patches_by_hand) {
  const auto rows = prepared(pixels, 4);
  BOOST_TEST(rows->shape().columns == 3u);
  std::vector<double> y(9);
  BOOST_REQUIRE(rows->read(y) == 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    // The dropped number is what the others lack to a sum of 0. All of them times 256, and the mean
    // of the image added, are its pixels and their noise: 256 y + m - x in [0, 1) for one m.
    const double last = -(y[3 * i] + y[3 * i + 1] + y[3 * i + 2]);
    double low = -INFINITY, high = INFINITY;
    for (std::size_t j = 0; j < 4; ++j) {
      const double noise = 256 * (j < 3 ? y[3 * i + j] : last) - pixels[4 * i + j];
      low = std::max(low, -noise), high = std::min(high, 1 - noise);
    }
    BOOST_TEST(low < high);
    const double mean = pixels[4 * i] + pixels[4 * i + 1] + pixels[4 * i + 2] + pixels[4 * i + 3];
    BOOST_TEST((low < mean / 4 + 1 && high > mean / 4));
  }
  // Constant pixels: what is left is noise, which differs.
  BOOST_TEST(y[3] != y[4]);
}

BOOST_AUTO_TEST_CASE(the_same_in_any_blocks) {
  std::vector<double> whole(9), part(3);
  prepared(pixels, 4)->read(whole);
  const auto one_by_one = prepared(pixels, 4);
  for (std::size_t i = 0; i < 3; ++i) {
    BOOST_REQUIRE(one_by_one->read(part) == 1u);
    for (std::size_t j = 0; j < 3; ++j) BOOST_TEST(part[j] == whole[3 * i + j]);
  }
  BOOST_TEST(one_by_one->read(part) == 0u);
}

BOOST_AUTO_TEST_CASE(what_it_cannot_take_is_named) {
  for (const double wrong : {-1.0, 256.0, 0.5, double(NAN)}) {
    std::vector<double> numbers = pixels, y(9);
    numbers[6] = wrong;
    BOOST_CHECK_EXCEPTION(prepared(numbers, 4)->read(y), Error, [](const Error& e) {
      return e.code() == Exit::data &&
             std::string(e.what()).starts_with("numbers: row 2, column 3: no integer of 0 to 255");
    });
  }
  BOOST_CHECK_THROW(prepared({1, 2}, 1), Error);
}

BOOST_AUTO_TEST_SUITE_END()
