// Counts calls of operator new in this process, to hold "no allocation in the hot loop".
#pragma once
#include <cstddef>

namespace flow::test {
std::size_t allocations();
// While it is set, operator new throws in this thread.
extern thread_local bool no_memory;
}  // namespace flow::test
