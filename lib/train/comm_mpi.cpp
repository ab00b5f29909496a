// The ranks of MPI: the only file that knows it, and of flow-train-mpi only. MPI moves bytes and
// adds nothing up: the bits of MPI_Allreduce change with the number of ranks and with the library.
#include <mpi.h>
#include <sched.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>

#include "train/comm.h"

namespace flow {

namespace {

void check(int code, const char* what) {
  if (code == MPI_SUCCESS) return;
  char text[MPI_MAX_ERROR_STRING];
  int length = 0;
  MPI_Error_string(code, text, &length);
  throw Error(Exit::failed,
              std::string("MPI: ") + what + ": " +
                  std::string(text, static_cast<std::size_t>(length)) +
                  "; a rank may have died; --resume goes on from the last checkpoint");
}

bool is_set(const char* variable) { return std::getenv(variable) != nullptr; }

// How many tasks the launcher says it started: the first of these that is set.
std::size_t launched(std::string& variable) {
  for (const char* name : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "MPI_LOCALNRANKS",
                           "SLURM_STEP_NUM_TASKS", "SLURM_NTASKS"})
    if (is_set(name)) {
      variable = name;
      return std::strtoul(std::getenv(name), nullptr, 10);
    }
  return 1;
}

// Where nothing tells a task of the others, MPI either fails at length or takes each to be alone.
bool knows_others() {
  return is_set("OMPI_COMM_WORLD_SIZE") || is_set("PMIX_NAMESPACE") || is_set("PMI_RANK") ||
         is_set("PMI_FD");
}

class Ranks : public Comm {
 public:
  explicit Ranks(double timeout) : timeout_(timeout) {
    int given = 0;
    check(MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &given), "start");
    MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
    int rank = 0, size = 1;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    rank_ = static_cast<std::size_t>(rank), size_ = static_cast<std::size_t>(size);
  }
  std::size_t rank() const override { return rank_; }
  std::size_t size() const override { return size_; }

  void exchange(std::span<const Message> out, std::span<const Message> in) override {
    requests_.clear();
    for (const Message& m : in)
      each_piece(m, [&](void* at, int count, int q) {
        check(MPI_Irecv(at, count, MPI_BYTE, q, 0, MPI_COMM_WORLD, &requests_.emplace_back()),
              "receive");
      });
    for (const Message& m : out)
      each_piece(m, [&](void* at, int count, int q) {
        check(MPI_Isend(at, count, MPI_BYTE, q, 0, MPI_COMM_WORLD, &requests_.emplace_back()),
              "send");
      });
    wait();
  }

  int leave(int code) override {
    if (code != 0 && size_ > 1 && !failed_together()) MPI_Abort(MPI_COMM_WORLD, code);
    // A launcher ends by TERM who is not out yet when the first has left with an error.
    std::signal(SIGTERM, SIG_IGN);
    MPI_Finalize();
    return code;
  }

 private:
  // An int counts at most 2 GiB.
  template <class F>
  static void each_piece(const Message& m, F f) {
    constexpr std::size_t most = std::size_t{1} << 30;
    for (std::size_t done = 0; done < m.bytes.size(); done += most)
      f(m.bytes.data() + done, static_cast<int>(std::min(most, m.bytes.size() - done)),
        static_cast<int>(m.rank));
  }

  // Messages move while they are asked for. Between two questions the core is offered to others:
  // they may be what is waited for.
  void wait() {
    using Clock = std::chrono::steady_clock;
    const Clock::time_point began = Clock::now();
    for (int done = 0;;) {
      check(MPI_Testall(static_cast<int>(requests_.size()), requests_.data(), &done,
                        MPI_STATUSES_IGNORE),
            "exchange");
      if (done) return;
      sched_yield();
      require(
          timeout_ == 0 || std::chrono::duration<double>(Clock::now() - began).count() < timeout_,
          Exit::failed,
          "another rank has not answered for the time of --comm-timeout: it has died, hangs, or "
          "needs longer; --resume goes on from the last checkpoint");
    }
  }

  double timeout_;
  std::size_t rank_ = 0, size_ = 1;
  std::vector<MPI_Request> requests_;
};

}  // namespace

std::unique_ptr<Comm> join(double timeout) {
  std::string variable;
  const std::size_t tasks = launched(variable);
  const auto lonely = [&] {
    return Error(Exit::usage, variable + " says " + std::to_string(tasks) +
                                  " tasks, and MPI knows this one only: lonely copies; start them "
                                  "by mpirun -n N, or srun --mpi=pmix");
  };
  if (tasks > 1 && !knows_others()) throw lonely();
  auto ranks = std::make_unique<Ranks>(timeout);
  if (tasks == 1 || ranks->size() > 1) return ranks;
  ranks->leave(0);
  throw lonely();
}

}  // namespace flow
