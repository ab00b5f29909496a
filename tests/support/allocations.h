// Counts calls of operator new in this process, to hold "no allocation in the hot loop".
#pragma once
#include <cstddef>

namespace flow::test {
std::size_t allocations();
}
