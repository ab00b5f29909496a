// Sizes as a user writes them, and what a machine can hold.
#pragma once
#include <cstddef>
#include <string>
#include <vector>

namespace flow {

// "16,64" numbers, "16-64+8" from 16 by 8 up to 64, "16-4096*2" by factors of 2, "2-8" all of them;
// in order, each once. Error(Exit::usage) that names the option.
std::vector<std::size_t> parse_sizes(const std::string& text, const std::string& option);

// Bytes that a program may take without pushing others out, by the kernel's own estimate.
double available_memory();

// "4.1 GB"
std::string in_bytes(double bytes);

}  // namespace flow
