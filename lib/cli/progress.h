// A line on stderr that says how far a long task is: redrawn on a terminal, elsewhere one line each
// 30 s and no control characters.
#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace flow::cli {

class Progress {
 public:
  // unit: what is counted, "steps". quiet: nothing at all. colour: auto, always or never. done: of
  // those what was done before, which tells nothing of the rate.
  Progress(std::string program, std::string unit, bool quiet, const std::string& colour,
           std::size_t done = 0);
  ~Progress();  // takes the redrawn line away

  // Whether it is time to show something.
  bool due() const;
  // done of total, where that is known; values, "train 1.23"; and where that is, "epoch 3 of 20".
  // The line has the share, the time left, the values, the rate and the place, as many as fit.
  void show(std::size_t done, std::optional<std::size_t> total,
            const std::vector<std::string>& values, const std::string& place);
  // Takes the line away so that another can be printed.
  void clear();

 private:
  using Clock = std::chrono::steady_clock;
  std::string program_, unit_;
  bool quiet_, terminal_, colour_, drawn_ = false;
  std::size_t first_;  // done at start_
  Clock::time_point start_ = Clock::now(), last_ = start_;
};

}  // namespace flow::cli
