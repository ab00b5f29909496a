#include "cli/progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "core/text.h"

namespace flow::cli {

namespace {

bool is_set(const char* name) {
  const char* v = std::getenv(name);
  return v && *v;
}

// Asked each time, so that a resize needs no signal.
std::size_t terminal_width() {
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

}  // namespace

Progress::Progress(std::string program, bool quiet, const std::string& colour)
    : program_(std::move(program)), quiet_(quiet) {
  const char* term = std::getenv("TERM");
  terminal_ = isatty(STDERR_FILENO) == 1 && term && std::strcmp(term, "dumb") != 0;
  colour_ = colour == "always" || (colour == "auto" && terminal_ && !is_set("NO_COLOR"));
}

Progress::~Progress() { clear(); }

void Progress::clear() {
  if (drawn_) std::fputs("\r\033[K", stderr), std::fflush(stderr);
  drawn_ = false;
}

void Progress::show(std::size_t done, std::size_t total, const std::string& text) {
  if (quiet_) return;
  const auto now = Clock::now();
  const auto wait = terminal_ ? std::chrono::milliseconds(100) : std::chrono::milliseconds(30000);
  if (now - last_ < wait) return;
  last_ = now;
  const double spent = std::chrono::duration<double>(now - start_).count();
  const double share = total ? static_cast<double>(done) / static_cast<double>(total) : 0;
  char numbers[96];
  std::snprintf(numbers, sizeof numbers, "%3.0f%%  %.0f steps/s  %s left  ", 100 * share,
                static_cast<double>(done) / spent,
                done ? duration(spent * (1 - share) / share).c_str() : "?");
  if (!terminal_) {
    std::fprintf(stderr, "%s: %s%s\n", program_.c_str(), numbers, text.c_str());
    return;
  }
  std::string line = numbers + text;
  const std::size_t width = terminal_width();
  if (line.size() + 24 < width) {
    const auto full = static_cast<std::size_t>(20 * share);
    const std::string bar = "[" + std::string(full, '#') + std::string(20 - full, '.') + "] ";
    line = (colour_ ? "\033[32m" + bar + "\033[0m" : bar) + line;
  } else if (line.size() >= width) {
    line.resize(width > 1 ? width - 1 : 0);  // a line that wraps cannot be redrawn
  }
  std::fprintf(stderr, "\r\033[K%s", line.c_str());
  std::fflush(stderr);
  drawn_ = true;
}

}  // namespace flow::cli
