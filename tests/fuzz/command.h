// A program of the suite run once, with limits, and how it ended.
#pragma once
#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

namespace flow::fuzz {

struct Outcome {
  int code = -1, signal = 0;  // exit code, or the signal that ended it
  double seconds = 0;         // of the processor, its children's too
  bool late = false;          // killed at the limit
  std::string out, err;
};

inline std::string drain(int descriptor) {
  std::string text;
  char buffer[4096];
  lseek(descriptor, 0, SEEK_SET);
  for (ssize_t n; (n = read(descriptor, buffer, sizeof buffer)) > 0;)
    text.append(buffer, static_cast<std::size_t>(n));
  return text;
}

// Standard input is the file `input`. Killed after `limit` seconds of the clock.
inline Outcome run(const std::vector<std::string>& words, const std::string& input, double limit) {
  static const int out = memfd_create("out", MFD_CLOEXEC), err = memfd_create("err", MFD_CLOEXEC);
  if (ftruncate(out, 0) != 0 || ftruncate(err, 0) != 0) throw std::runtime_error("no memory");
  lseek(out, 0, SEEK_SET), lseek(err, 0, SEEK_SET);
  std::vector<char*> argv;
  for (const std::string& w : words) argv.push_back(const_cast<char*>(w.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, input.c_str(), O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, out, 1);
  posix_spawn_file_actions_adddup2(&actions, err, 2);
  const auto start = std::chrono::steady_clock::now();
  const auto elapsed = [&] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  };
  pid_t child = -1;
  const int error = posix_spawn(&child, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw std::runtime_error(words[0] + ": " + std::strerror(error));
  int status = 0;
  Outcome o;
  rusage used{};
  while (wait4(child, &status, WNOHANG, &used) == 0) {
    if (elapsed() > limit) o.late = true, kill(child, SIGKILL);
    usleep(elapsed() < 0.1 ? 500 : 5000);
  }
  const auto in_seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
  };
  o.seconds = in_seconds(used.ru_utime) + in_seconds(used.ru_stime);
  if (WIFEXITED(status)) o.code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) o.signal = WTERMSIG(status);
  o.out = drain(out), o.err = drain(err);
  return o;
}

}  // namespace flow::fuzz
