#include "logdet/provenance.h"

#include <fstream>

#include "kernels/kernels.h"
#include "logdet/lapack.h"
#include "nn/gemm.h"

namespace flow {

namespace {

std::string cpu_name() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    const auto colon = line.find(": ");
    if (line.starts_with("model name") && colon != line.npos) return line.substr(colon + 2);
  }
  return "unknown";
}

}  // namespace

Provenance provenance(std::size_t threads, const std::string& threads_source,
                      const std::string& commit) {
  return {.cpu = cpu_name(),
          .isa = kernels().isa,
          .numbers = sizeof(real) == 4 ? "float32" : "float64",
          .threads = threads,
          .threads_source = threads_source,
          .version = FLOW_VERSION,
          .commit = commit,
          .blas = blas_name(),
          .lapack = lapack_name()};
}

std::string describe_short(const Provenance& p) {
  return p.cpu + ", " + p.isa + ", " + p.numbers + ", " + std::to_string(p.threads) +
         (p.threads == 1 ? " thread" : " threads") + ", exactflow " + p.version + " " + p.commit;
}

std::string describe(const Provenance& p) {
  return describe_short(p) + " (threads: " + p.threads_source + "), " + p.blas +
         ", getrf: " + p.lapack;
}

}  // namespace flow
