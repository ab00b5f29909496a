// An array on a 64-byte boundary, the width of the widest vector and of a cache line. Pages that
// are never written cost no memory.
#pragma once
#include <sys/mman.h>

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <new>
#include <span>

#include "core/view.h"

namespace flow {

// Of a large array that is written from end to end, and read again and again: large pages, where
// the system has them, whose addresses are found sooner.
enum class Pages { usual, large };

template <class T>
class Aligned {
 public:
  Aligned() = default;
  explicit Aligned(std::size_t size, Pages pages = Pages::usual) : size_(size) {
    const std::size_t bytes = size * sizeof(T) + 1;
    const bool large = pages == Pages::large && bytes >= 2 * large_page;
    const std::size_t boundary = large ? large_page : 64, whole = round_up(bytes, boundary);
    data_.reset(static_cast<T*>(std::aligned_alloc(boundary, whole)));
    if (!data_) throw std::bad_alloc();
#ifdef MADV_HUGEPAGE
    if (large) madvise(data_.get(), whole, MADV_HUGEPAGE);  // refused: as it was
#endif
  }
  T* data() const { return data_.get(); }
  std::size_t size() const { return size_; }
  operator std::span<T>() const { return {data_.get(), size_}; }
  operator std::span<const T>() const { return {data_.get(), size_}; }

 private:
  static constexpr std::size_t large_page = std::size_t{2} << 20;
  struct Free {
    void operator()(T* p) const { std::free(p); }
  };
  std::unique_ptr<T, Free> data_;
  std::size_t size_ = 0;
};

}  // namespace flow
