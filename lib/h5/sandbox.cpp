#include "h5/sandbox.h"

#include <fcntl.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>

namespace flow {

namespace {

// The sanitizers map terabytes of shadow, and ask for the signal stack when an exception flies.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool sanitized = true;
#elif defined(__has_feature)
constexpr bool sanitized = __has_feature(address_sanitizer);
#else
constexpr bool sanitized = false;
#endif

bool limit(int resource, rlim_t value) {
  const rlimit both{value, value};
  return setrlimit(static_cast<__rlimit_resource>(resource), &both) == 0;
}

bool limit_memory(std::uint64_t more) {
  if (sanitized) return true;
  std::uint64_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  const auto page = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  return pages > 0 && limit(RLIMIT_AS, pages * page + more);
}

void keep_descriptors(int file, int socket) {
  const int kept_file = file < 0 ? -1 : fcntl(file, F_DUPFD, 3);
  const int kept_socket = fcntl(socket, F_DUPFD, 3);
  close(confined_file);
  if (kept_file >= 0) dup2(kept_file, confined_file);
  dup2(kept_socket, confined_socket);
  close_range(confined_socket + 1, ~0u, 0);
}

bool filter_calls() {
  const scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
  if (!filter) return false;
  bool good = true;
  const auto allow = [&](int call, auto... conditions) {
    good = good && seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, sizeof...(conditions),
                                    conditions...) == 0;
  };
  const scmp_arg_cmp no_code = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
  const scmp_arg_cmp no_file = SCMP_A3(SCMP_CMP_MASKED_EQ, MAP_ANONYMOUS, MAP_ANONYMOUS);
  allow(SCMP_SYS(pread64), SCMP_A0(SCMP_CMP_EQ, confined_file));
  allow(SCMP_SYS(sendto), SCMP_A0(SCMP_CMP_EQ, confined_socket));
  allow(SCMP_SYS(recvfrom), SCMP_A0(SCMP_CMP_EQ, confined_socket));
  allow(SCMP_SYS(mmap), no_code, no_file);
  allow(SCMP_SYS(mprotect), no_code);
  for (const int call : {SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise), SCMP_SYS(brk),
                         SCMP_SYS(futex), SCMP_SYS(exit_group)})
    allow(call);
  allow(SCMP_SYS(sysinfo));  // glibc's qsort asks how much memory there is
  if (sanitized) allow(SCMP_SYS(sigaltstack));
  // HDF5 sleeps a nanosecond before it believes that a checksum is wrong: done at once.
  for (const int call : {SCMP_SYS(nanosleep), SCMP_SYS(clock_nanosleep)})
    good = good && seccomp_rule_add(filter, SCMP_ACT_ERRNO(0), call, 0) == 0;
  good = good && seccomp_load(filter) == 0;
  seccomp_release(filter);
  return good;
}

}  // namespace

bool confine(int file, int socket, std::uint64_t memory) {
  keep_descriptors(file, socket);
  // A core would hold what the parent had in memory.
  return limit(RLIMIT_CORE, 0) && limit_memory(memory) && filter_calls();
}

}  // namespace flow
