// Memory for the tests of kernels: the page behind the last number cannot be touched, and what lies
// between the columns of a block is watched.
#pragma once
#include <sys/mman.h>
#include <unistd.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <new>
#include <vector>

#include "core/random.h"
#include "kernels/kernels.h"

namespace flow::test {

template <class T>
class Guarded {
 public:
  explicit Guarded(std::size_t size) {
    const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    const std::size_t used = round_up(size * sizeof(T), page);
    bytes_ = used + page;
    start_ = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (start_ == MAP_FAILED) throw std::bad_alloc();
    std::byte* end = static_cast<std::byte*>(start_) + used;
    mprotect(end, page, PROT_NONE);
    data_ = reinterpret_cast<T*>(end) - size;
  }
  ~Guarded() { munmap(start_, bytes_); }
  Guarded(const Guarded&) = delete;
  Guarded& operator=(const Guarded&) = delete;
  T* data() const { return data_; }

 private:
  void* start_;
  std::size_t bytes_;
  T* data_;
};

// A block whose last number is the last that can be touched.
class Block {
 public:
  static constexpr real watched = real(-12345.75);

  Block(std::size_t rows, std::size_t cols, std::size_t ld)
      : memory_(cols ? (cols - 1) * ld + rows : 0), mat{memory_.data(), rows, cols, ld} {
    for (std::size_t k = 0; cols && k < (cols - 1) * ld + rows; ++k) memory_.data()[k] = watched;
  }
  // Whether nobody wrote between the columns.
  bool gaps_are_whole() const {
    for (std::size_t j = 0; j + 1 < mat.cols; ++j)
      for (std::size_t i = mat.rows; i < mat.ld; ++i)
        if (mat.data[j * mat.ld + i] != watched) return false;
    return true;
  }

 private:
  Guarded<real> memory_;

 public:
  const Mat mat;
};

// Normal numbers times `scale`: column j is the same for any number of rows.
inline void draw(Mat m, double scale, std::uint64_t seed) {
  std::vector<double> column(m.rows);
  for (std::size_t j = 0; j < m.cols; ++j) {
    Random(seed, Stream::test).normal(j, column);
    for (std::size_t i = 0; i < m.rows; ++i) m(i, j) = static_cast<real>(scale * column[i]);
  }
}

// All rows of `to` become that row.
inline void repeat_row(CMat from, std::size_t row, Mat to) {
  for (std::size_t j = 0; j < to.cols; ++j) std::fill_n(to.col(j), to.rows, from(row, j));
}

// The tables that this CPU can run.
inline std::vector<const Kernels*> tables() {
  std::vector<const Kernels*> found;
  for (const char* isa : {"generic", "avx2", "avx512"})
    if (const Kernels* k = kernels_for(isa)) found.push_back(k);
  return found;
}

constexpr double epsilon = std::numeric_limits<real>::epsilon();

// |got - want| in units of epsilon max(1, |want|); infinite where only one is not finite.
inline double error(real got, double want) {
  const double g = static_cast<double>(got);
  if (std::isfinite(want) && std::isfinite(g))
    return std::abs(g - want) / (epsilon * std::max(1.0, std::abs(want)));
  const bool same = g == want || (std::isnan(g) && std::isnan(want));
  return same ? 0 : std::numeric_limits<double>::infinity();
}

}  // namespace flow::test
