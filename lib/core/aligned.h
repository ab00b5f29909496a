// An array on a 64-byte boundary, the width of the widest vector and of a cache line. Pages that
// are never written cost no memory.
#pragma once
#include <cstddef>
#include <cstdlib>
#include <memory>
#include <new>
#include <span>

#include "core/view.h"

namespace flow {

template <class T>
class Aligned {
 public:
  Aligned() = default;
  explicit Aligned(std::size_t size)
      : data_(static_cast<T*>(std::aligned_alloc(64, round_up(size * sizeof(T) + 1, 64)))),
        size_(size) {
    if (!data_) throw std::bad_alloc();
  }
  T* data() const { return data_.get(); }
  std::size_t size() const { return size_; }
  operator std::span<T>() const { return {data_.get(), size_}; }
  operator std::span<const T>() const { return {data_.get(), size_}; }

 private:
  struct Free {
    void operator()(T* p) const { std::free(p); }
  };
  std::unique_ptr<T, Free> data_;
  std::size_t size_ = 0;
};

}  // namespace flow
