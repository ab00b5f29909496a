#include "support/allocations.h"

#include <atomic>
#include <cstdlib>
#include <new>

namespace {
std::atomic<std::size_t> count{0};
}

namespace flow::test {
std::size_t allocations() { return count; }
thread_local bool no_memory = false;
}  // namespace flow::test

void* operator new(std::size_t size) {
  ++count;
  if (flow::test::no_memory) throw std::bad_alloc();
  if (void* p = std::malloc(size ? size : 1)) return p;
  throw std::bad_alloc();
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }
