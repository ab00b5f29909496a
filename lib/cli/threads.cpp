#include "cli/threads.h"

#include <sched.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "cli/option.h"

namespace flow::cli {

namespace {

constexpr std::size_t most = 1024;

std::optional<std::size_t> variable(const char* name) {
  const char* text = std::getenv(name);
  if (!text || !*text) return {};
  // OMP_NUM_THREADS may be a list, one number a level of nesting.
  const std::string first = std::string(text).substr(0, std::string(text).find(','));
  const auto n = parse_number<std::size_t>(first, name);
  require(n > 0 && n <= most, Exit::usage, std::string(name) + ": must be from 1 to 1024");
  return n;
}

std::optional<double> quota_v2(const std::string& folder) {
  std::ifstream file(folder + "/cpu.max");
  std::string quota;
  double period = 0;
  if (!(file >> quota >> period) || quota == "max" || period <= 0) return {};
  return std::strtod(quota.c_str(), nullptr) / period;
}

std::optional<double> quota_v1(const std::string& folder) {
  double quota = 0, period = 0;
  std::ifstream q(folder + "/cpu.cfs_quota_us"), p(folder + "/cpu.cfs_period_us");
  if (!(q >> quota) || !(p >> period) || quota <= 0 || period <= 0) return {};
  return quota / period;
}

// The least quota of this process's group and of all above it.
std::optional<std::size_t> cgroup_quota(const std::string& root) {
  std::ifstream groups(root + "/proc/self/cgroup");
  std::optional<double> least;
  const auto take = [&](std::optional<double> q) {
    if (q && (!least || *q < *least)) least = q;
  };
  for (std::string line; std::getline(groups, line);) {
    std::istringstream fields(line);
    std::string id, controllers, path;
    std::getline(fields, id, ':'), std::getline(fields, controllers, ':'),
        std::getline(fields, path);
    const bool v2 = id == "0" && controllers.empty();
    if (!v2 && ("," + controllers + ",").find(",cpu,") == std::string::npos) continue;
    const std::string mount = root + "/sys/fs/cgroup" + (v2 ? "" : "/" + controllers);
    for (std::string group = path;; group.resize(group.find_last_of('/'))) {
      take(v2 ? quota_v2(mount + group) : quota_v1(mount + group));
      if (group.find_last_of('/') == std::string::npos) break;
    }
  }
  if (!least) return {};
  return std::max<std::size_t>(1, static_cast<std::size_t>(std::ceil(*least - 1e-6)));
}

std::size_t affinity() {
  // A mask for more processors than the kernel knows is refused only when it is too short.
  for (std::size_t cpus = 1024; cpus <= 1u << 20; cpus *= 4) {
    cpu_set_t* mask = CPU_ALLOC(cpus);
    const std::size_t bytes = CPU_ALLOC_SIZE(cpus);
    const bool fits = sched_getaffinity(0, bytes, mask) == 0;
    const int n = fits ? CPU_COUNT_S(bytes, mask) : 0;
    CPU_FREE(mask);
    if (fits) return static_cast<std::size_t>(std::max(1, n));
  }
  return 1;
}

}  // namespace

Threads find_threads(std::optional<std::size_t> asked, const std::string& root) {
  if (asked) {
    require(*asked > 0 && *asked <= most, Exit::usage, "--threads: must be from 1 to 1024");
    return {*asked, "--threads"};
  }
  for (const char* name : {"FLOW_THREADS", "OMP_NUM_THREADS"})
    if (const auto n = variable(name)) return {*n, name};
  Threads least{std::min(most, affinity()), "affinity mask"};
  const auto take = [&](std::optional<std::size_t> n, const char* source) {
    if (n && *n < least.count) least = {*n, source};
  };
  take(cgroup_quota(root), "cgroup quota");
  for (const char* name : {"SLURM_CPUS_PER_TASK", "PBS_NCPUS", "NSLOTS", "LSB_DJOB_NUMPROC"})
    take(variable(name), name);
  return least;
}

}  // namespace flow::cli
