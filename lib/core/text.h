// Lines for people.
#pragma once
#include <cstdio>
#include <string>

namespace flow {

// printf to a string of at most 511 characters.
template <class... Args>
std::string format(const char* pattern, Args... args) {
  char line[512];
  std::snprintf(line, sizeof line, pattern, args...);
  return line;
}

// "4.2 s", "3:05", "2:03:05"
inline std::string duration(double seconds) {
  const long s = static_cast<long>(seconds);
  if (s < 60) return format("%.1f s", seconds);
  if (s < 3600) return format("%ld:%02ld", s / 60, s % 60);
  return format("%ld:%02ld:%02ld", s / 3600, s / 60 % 60, s % 60);
}

}  // namespace flow
