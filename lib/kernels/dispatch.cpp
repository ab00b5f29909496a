#include <cstdlib>
#include <string>

#include "core/error.h"
#include "kernels/kernels.h"

namespace flow {

namespace generic {
extern const Kernels kernels;
}
#if defined(__x86_64__)
namespace avx2 {
extern const Kernels kernels;
}
namespace avx512 {
extern const Kernels kernels;
}
#endif

const Kernels* kernels_for(const std::string& isa) {
#if defined(__x86_64__)
  if (isa == "avx512" && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
    return &avx512::kernels;
  if (isa == "avx2" && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    return &avx2::kernels;
#endif
  return isa == "generic" ? &generic::kernels : nullptr;
}

const Kernels& best_kernels() {
  if (const char* forced = std::getenv("FLOW_ISA"); forced && *forced) {
    const Kernels* k = kernels_for(forced);
    require(k, Exit::usage,
            std::string("FLOW_ISA=") + forced +
                ": not an instruction set of this CPU; use generic, avx2 or avx512");
    return *k;
  }
  for (const char* isa : {"avx512", "avx2"})
    if (const Kernels* k = kernels_for(isa)) return *k;
  return generic::kernels;
}

}  // namespace flow
