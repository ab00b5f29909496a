// What a user did or met, as one line: "<file>:<line or row>: <what>; <what to do>".
// Thrown anywhere, caught once in lib/cli, which prints it and exits with the code.
// Mistakes of the programmer are asserts.
#pragma once
#include <stdexcept>
#include <string>

namespace flow {

enum class Exit {
  ok = 0,
  failed = 1,    // the run failed: a write error, memory, training diverged
  usage = 2,     // command line or configuration
  data = 3,      // bad input data: truncated, NaN, wrong columns
  model = 4,     // model or checkpoint missing, corrupt, or newer than the tool
  stopped = 75,  // stopped by a signal or --time-limit with a checkpoint saved
  closed = 141,  // the reader closed the pipe; nothing is printed
};

class Error : public std::runtime_error {
 public:
  Error(Exit code, const std::string& line) : std::runtime_error(line), code_(code) {}
  Exit code() const { return code_; }

 private:
  Exit code_;
};

inline void require(bool holds, Exit code, const std::string& line) {
  if (!holds) throw Error(code, line);
}

}  // namespace flow
