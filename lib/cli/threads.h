// How many threads to use: --threads, else FLOW_THREADS, else OMP_NUM_THREADS, else the least of
// the affinity mask, the cgroup's quota and what the job scheduler allots. (libgomp sees the mask
// only, BLIS nothing.)
#pragma once
#include <cstddef>
#include <optional>
#include <string>

namespace flow::cli {

struct Threads {
  std::size_t count = 1;
  std::string source;  // "--threads", "cgroup quota" ...
};

// root: of the file system whose /proc and /sys are read; "/" but in tests. Error(Exit::usage) for
// a variable that is no number.
Threads find_threads(std::optional<std::size_t> asked, const std::string& root);

}  // namespace flow::cli
