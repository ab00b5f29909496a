// Where a figure comes from: it is worth nothing without.
#pragma once
#include <string>
#include <vector>

namespace flow {

struct Provenance {
  std::string cpu, isa, numbers;  // "AMD EPYC 9R14", "avx512", "float32"
  std::size_t threads = 1;
  std::string threads_source;
  std::string version, commit;  // of this program
  std::string blas, lapack;     // with their versions; "none"
};

// Of this machine and build.
Provenance provenance(std::size_t threads, const std::string& threads_source,
                      const std::string& commit);

// A line for people: all of it, and what fits above a plot.
std::string describe(const Provenance& p);
std::string describe_short(const Provenance& p);

}  // namespace flow
