// A line on stderr that says how far a long task is: redrawn on a terminal, elsewhere one line each
// 30 s and no control characters.
#pragma once
#include <chrono>
#include <string>
#include <vector>

namespace flow::cli {

class Progress {
 public:
  // quiet: nothing at all. colour: auto, always or never. done: the steps that were done before,
  // which tell nothing of the rate.
  Progress(std::string program, bool quiet, const std::string& colour, std::size_t done);
  ~Progress();  // takes the redrawn line away

  // Whether it is time to show something.
  bool due() const;
  // done of total steps; values, "train 1.23"; and where that is, "epoch 3 of 20". The line has the
  // share, the time left, the values, the steps a second and the place, as many as fit.
  void show(std::size_t done, std::size_t total, const std::vector<std::string>& values,
            const std::string& place);
  // Takes the line away so that another can be printed.
  void clear();

 private:
  using Clock = std::chrono::steady_clock;
  std::string program_;
  bool quiet_, terminal_, colour_, drawn_ = false;
  std::size_t first_;  // done at start_
  Clock::time_point start_ = Clock::now(), last_ = start_;
};

}  // namespace flow::cli
