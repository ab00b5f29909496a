// A line on stderr that says how far a long task is: redrawn on a terminal, elsewhere one line each
// 30 s and no control characters.
#pragma once
#include <chrono>
#include <string>

namespace flow::cli {

class Progress {
 public:
  // quiet: nothing at all. colour: auto, always or never.
  Progress(std::string program, bool quiet, const std::string& colour);
  ~Progress();  // takes the redrawn line away

  // done of total steps, and a free text: "loss 1.23".
  void show(std::size_t done, std::size_t total, const std::string& text);
  // Takes the line away so that another can be printed.
  void clear();

 private:
  using Clock = std::chrono::steady_clock;
  std::string program_;
  bool quiet_, terminal_, colour_, drawn_ = false;
  Clock::time_point start_ = Clock::now(), last_ = start_;
};

}  // namespace flow::cli
