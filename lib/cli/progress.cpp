#include "cli/progress.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "cli/signals.h"
#include "core/terminal.h"
#include "core/text.h"

namespace flow::cli {

namespace {

std::atomic<bool> continued = false;  // after SIGTSTP or SIGSTOP

bool is_set(const char* name) {
  const char* v = std::getenv(name);
  return v && *v;
}

// A job in the background would draw over what is typed in front of it.
bool in_background() {
  const pid_t group = tcgetpgrp(STDERR_FILENO);
  return group >= 0 && group != getpgrp();
}

// Of the line, with what a handler of signals may call.
void take_away() {
  static constexpr char codes[] = "\r\033[K";
  if (in_background()) return;
  [[maybe_unused]] const ssize_t n = write(STDERR_FILENO, codes, sizeof codes - 1);
}

std::string bar(double share, std::size_t cells, bool colour) {
  const auto full = static_cast<std::size_t>(share * static_cast<double>(cells));
  const std::string text = "[" + std::string(full, '#') + std::string(cells - full, '.') + "]";
  return (colour ? "\033[32m" + text + "\033[0m" : text) + " ";
}

// The first fields, as many as have room.
std::string fitting(const std::vector<std::string>& fields, std::size_t room) {
  std::string line;
  for (const std::string& field : fields) {
    const std::string gap = line.empty() ? "" : "  ";
    if (line.size() + gap.size() + field.size() > room) break;
    line += gap + field;
  }
  return line;
}

// For a line of the terminal that never wraps, or it could not be redrawn. The last columns stay
// free for the ^C that the terminal shows.
std::string drawing(std::optional<double> share, const std::vector<std::string>& fields,
                    bool colour) {
  const std::size_t width = terminal_width(STDERR_FILENO), room = width > 3 ? width - 3 : 0;
  // By the width alone, or the bar would come and go with the length of numbers. In 80 columns it
  // leaves room for the time, both values and the rate.
  if (!share || room < 70) return fitting(fields, room);
  const std::size_t cells = std::min<std::size_t>((room - 50) / 4, 20);
  return bar(*share, cells, colour) + fitting(fields, room - cells - 3);
}

}  // namespace

Progress::Progress(std::string program, std::string unit, bool quiet, const std::string& colour,
                   std::size_t done)
    : program_(std::move(program)), unit_(std::move(unit)), quiet_(quiet), first_(done) {
  terminal_ =
      isatty(STDERR_FILENO) == 1 && is_set("TERM") && std::strcmp(std::getenv("TERM"), "dumb") != 0;
  colour_ = colour == "always" || (colour == "auto" && !is_set("NO_COLOR"));
  std::signal(SIGCONT, [](int) { continued = true; });
}

Progress::~Progress() { clear(); }

void Progress::clear() {
  if (!drawn_) return;
  before_death(nullptr);
  take_away();
  drawn_ = false;
  last_ = {};  // what was taken away for a moment comes back at once
}

bool Progress::due() const {
  using namespace std::chrono_literals;
  return !quiet_ && Clock::now() - last_ >= (terminal_ ? 100ms : 30000ms);
}

void Progress::show(std::size_t done, std::optional<std::size_t> total,
                    const std::vector<std::string>& values, const std::string& place) {
  last_ = Clock::now();
  // A time of standing still would spoil the rate for long.
  if (continued.exchange(false)) start_ = last_, first_ = done;
  const double spent = std::chrono::duration<double>(last_ - start_).count(),
               rate = static_cast<double>(done - first_) / spent;
  std::vector<std::string> fields;
  std::optional<double> share;
  if (total) {
    share = static_cast<double>(done) / static_cast<double>(*total);
    fields.push_back(format("%3.0f%%", std::floor(100 * *share)));
    if (rate > 0) fields.push_back(duration(static_cast<double>(*total - done) / rate) + " left");
  }
  fields.insert(fields.end(), values.begin(), values.end());
  if (rate > 0) fields.push_back(format(rate < 100 ? "%.3g" : "%.0f", rate) + " " + unit_ + "/s");
  fields.push_back(place);
  if (!terminal_) {
    const std::string line = fitting(fields, std::string::npos);
    std::fprintf(stderr, "%s: %s\n", program_.c_str(), line.c_str());
  } else if (!in_background()) {
    before_death(take_away);
    std::fprintf(stderr, "\r\033[K%s", drawing(share, fields, colour_).c_str());
    std::fflush(stderr);
    drawn_ = true;
  }
}

}  // namespace flow::cli
