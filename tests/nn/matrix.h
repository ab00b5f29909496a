// A column-major matrix of random numbers whose columns are 3 numbers apart; the gap holds a
// pattern, so that a write beyond the rows shows.
#pragma once
#include <cstring>
#include <vector>

#include "core/random.h"
#include "core/view.h"

template <class T>
class Matrix {
 public:
  Matrix(std::size_t rows, std::size_t cols, std::uint64_t seed)
      : rows_(rows), cols_(cols), ld_(rows + 3), data_(ld_ * cols, gap) {
    const flow::Random random(seed, flow::Stream::test);
    for (std::size_t j = 0; j < cols; ++j)
      for (std::size_t i = 0; i < rows; ++i)
        data_[j * ld_ + i] =
            static_cast<T>(2 * random.uniform(j, static_cast<std::uint32_t>(i)) - 1);
  }
  flow::View<T> view() { return {data_.data(), rows_, cols_, ld_}; }
  flow::View<const T> view() const { return {data_.data(), rows_, cols_, ld_}; }
  void fill(T value) {
    for (std::size_t j = 0; j < cols_; ++j) std::fill_n(view().col(j), rows_, value);
  }
  bool same_bits(const Matrix& other) const {
    return data_.size() == other.data_.size() &&
           std::memcmp(data_.data(), other.data_.data(), data_.size() * sizeof(T)) == 0;
  }
  bool gap_untouched() const {
    for (std::size_t j = 0; j < cols_; ++j)
      for (std::size_t i = rows_; i < ld_; ++i)
        if (data_[j * ld_ + i] != gap) return false;
    return true;
  }

 private:
  static constexpr T gap = T{-12345};
  std::size_t rows_, cols_, ld_;
  std::vector<T> data_;
};
