// How many threads: which source wins, with /proc and /sys of a made-up system.
#include "cli/threads.h"

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "core/error.h"

namespace {

using flow::cli::find_threads;
using flow::cli::Threads;

constexpr const char* variables[] = {"FLOW_THREADS", "OMP_NUM_THREADS", "SLURM_CPUS_PER_TASK",
                                     "PBS_NCPUS",    "NSLOTS",          "LSB_DJOB_NUMPROC"};

// A system without quotas, and an environment without a word about threads.
struct System {
  System() {
    char name[] = "/tmp/flow-threads-XXXXXX";
    BOOST_REQUIRE(mkdtemp(name));
    root = name;
    for (const char* v : variables) unsetenv(v);
    processors = find_threads({}, root).count;
  }
  ~System() {
    std::filesystem::remove_all(root);
    for (const char* v : variables) unsetenv(v);
  }
  void file(const std::string& path, const std::string& text) const {
    const std::filesystem::path full = root + path;
    std::filesystem::create_directories(full.parent_path());
    std::ofstream(full) << text;
  }
  Threads find() const { return find_threads({}, root); }
  // A quota shows where it is below the affinity mask of the machine that runs the test.
  void expect_quota(std::size_t quota) const {
    const Threads t = find();
    BOOST_TEST(t.count == std::min(quota, processors));
    BOOST_TEST(t.source == (quota < processors ? "cgroup quota" : "affinity mask"));
  }

  std::string root;
  std::size_t processors = 0;
};

bool is_usage(const flow::Error& e) { return e.code() == flow::Exit::usage; }

}  // namespace

BOOST_FIXTURE_TEST_SUITE(threads, System)

BOOST_AUTO_TEST_CASE(without_any_limit_the_affinity_mask_counts) {
  BOOST_TEST(find().source == "affinity mask");
  BOOST_TEST(find().count >= 1u);
}

BOOST_AUTO_TEST_CASE(the_flag_goes_before_all) {
  setenv("FLOW_THREADS", "3", 1);
  BOOST_TEST(find_threads(700, root).count == 700u);
  BOOST_TEST(find_threads(700, root).source == "--threads");
  for (const std::size_t wrong : {std::size_t{0}, std::size_t{1025}})
    BOOST_CHECK_EXCEPTION(find_threads(wrong, root), flow::Error, is_usage);
}

BOOST_AUTO_TEST_CASE(our_variable_goes_before_that_of_openmp_and_both_before_the_system) {
  file("/proc/self/cgroup", "0::/\n");
  file("/sys/fs/cgroup/cpu.max", "100000 100000\n");
  setenv("OMP_NUM_THREADS", "900,2", 1);
  BOOST_TEST(find().count == 900u);
  BOOST_TEST(find().source == "OMP_NUM_THREADS");
  setenv("FLOW_THREADS", "901", 1);
  BOOST_TEST(find().count == 901u);
  BOOST_TEST(find().source == "FLOW_THREADS");
  setenv("FLOW_THREADS", "", 1);
  BOOST_TEST(find().count == 900u);
}

BOOST_AUTO_TEST_CASE(schedulers_lower_the_number_and_never_raise_it) {
  for (const char* name : {"SLURM_CPUS_PER_TASK", "PBS_NCPUS", "NSLOTS", "LSB_DJOB_NUMPROC"}) {
    setenv(name, "1000", 1);
    BOOST_TEST(find().source == "affinity mask");
    setenv(name, "1", 1);
    BOOST_TEST(find().count == 1u);
    if (processors > 1) BOOST_TEST(find().source == name);
    unsetenv(name);
  }
}

BOOST_AUTO_TEST_CASE(a_variable_that_is_no_number_of_threads_is_refused_by_name) {
  for (const char* name : variables)
    for (const char* wrong : {"0", "-1", "2x", " 2", "1025", "many"}) {
      setenv(name, wrong, 1);
      BOOST_CHECK_EXCEPTION(find(), flow::Error, [&](const flow::Error& e) {
        return is_usage(e) && std::string(e.what()).starts_with(name);
      });
      unsetenv(name);
    }
}

BOOST_AUTO_TEST_CASE(version_2_takes_the_least_quota_on_the_way_to_the_root) {
  file("/proc/self/cgroup", "0::/user/job/task\n");
  file("/sys/fs/cgroup/user/job/task/cpu.max", "max 100000\n");
  expect_quota(processors);
  file("/sys/fs/cgroup/user/cpu.max", "100000 100000\n");
  expect_quota(1);
  file("/sys/fs/cgroup/user/cpu.max", "max 100000\n");
  file("/sys/fs/cgroup/user/job/cpu.max", "50000 100000\n");
  expect_quota(1);
  file("/sys/fs/cgroup/user/job/cpu.max", "110000 100000\n");
  expect_quota(2);  // a part of a processor counts as one
  file("/sys/fs/cgroup/cpu.max", "20000 100000\n");
  expect_quota(1);
}

BOOST_AUTO_TEST_CASE(version_1_reads_the_controller_of_the_processors) {
  file("/proc/self/cgroup", "12:memory:/job\n7:cpu,cpuacct:/job\n3:cpuset:/job\n");
  file("/sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_period_us", "100000\n");
  file("/sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_quota_us", "-1\n");
  expect_quota(processors);
  file("/sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_quota_us", "100000\n");
  expect_quota(1);
  // Not that of other controllers.
  file("/proc/self/cgroup", "12:memory:/job\n3:cpuset:/job\n");
  for (const std::string other : {"memory", "cpuset"}) {
    file("/sys/fs/cgroup/" + other + "/job/cpu.cfs_period_us", "100000\n");
    file("/sys/fs/cgroup/" + other + "/job/cpu.cfs_quota_us", "100000\n");
  }
  expect_quota(processors);
}

BOOST_AUTO_TEST_CASE(files_that_make_no_sense_are_no_limit) {
  for (const char* text : {"", "max", "100000", "100000 0\n", "abc def\n"}) {
    file("/proc/self/cgroup", "0::/\nnonsense\n:::\n");
    file("/sys/fs/cgroup/cpu.max", text);
    expect_quota(processors);
  }
}

BOOST_AUTO_TEST_SUITE_END()
