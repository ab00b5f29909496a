#include "cli/signals.h"

#include <signal.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstring>

#include "core/error.h"
#include "core/output.h"

namespace flow::cli {

namespace {

constexpr std::array stop_signals{SIGTERM, SIGINT, SIGUSR1, SIGXCPU};

// What handlers read: set before they are installed.
std::array<char, 128> last_words{};
std::atomic<int> received = 0;
std::atomic<void (*)()> last_act = nullptr;

void handle(int signal, void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  sigaction(signal, &action, nullptr);
}

void die_of(int signal) {
  remove_temporaries();
  if (const auto act = last_act.load()) act();
  handle(signal, SIG_DFL);
  raise(signal);
}

void stop_at_once(int) {
  remove_temporaries();
  [[maybe_unused]] const ssize_t n =
      write(STDERR_FILENO, last_words.data(), std::strlen(last_words.data()));
  _exit(static_cast<int>(Exit::stopped));
}

// Asked again in the same words it does not wait. Another signal may follow on its own: of a job
// that is preempted Slurm's SIGTERM comes beside the SIGUSR1 that its script passes on.
void remember(int signal) {
  int first = 0;
  if (!received.compare_exchange_strong(first, signal) && first == signal &&
      (signal == SIGINT || signal == SIGTERM))
    die_of(signal);
}

}  // namespace

void remove_temporaries_on_signals() {
  for (int signal : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction before {};
    sigaction(signal, nullptr, &before);
    if (before.sa_handler != SIG_IGN) handle(signal, die_of);  // nohup stays nohup
  }
}

void before_death(void (*act)()) { last_act = act; }

void stop_on_signals(const std::string& program) {
  const std::string words = program + ": stopped before the first step; run the same line again\n";
  words.copy(last_words.data(), last_words.size() - 1);
  for (int signal : stop_signals) handle(signal, stop_at_once);
}

void defer_stop_signals() {
  for (int signal : stop_signals) handle(signal, remember);
}

std::string stop_signal() {
  const int signal = received;
  return signal ? std::string("SIG") + sigabbrev_np(signal) : "";
}

}  // namespace flow::cli
