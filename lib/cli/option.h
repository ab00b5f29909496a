// One table of options: what is parsed, the help, the completions and the list that a test holds
// against the man page all come from it.
#pragma once
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/error.h"

namespace flow::cli {

struct Seconds {
  double value = 0;
};

struct Bytes {
  std::uint64_t value = 0;
};

struct Option {
  std::string names;         // "-n,--rows"
  std::string metavar = {};  // "N"; empty: a flag
  std::string help;
  std::string section = {};
  std::vector<std::string> choices = {};  // the only values, where not empty
  bool repeatable = false;
  std::function<void(const std::string&)> set;  // throws Error(Exit::usage)
  bool given = false;
  std::vector<std::string> values = {};  // that were set, here or in the environment

  std::string long_name() const;  // "rows"
};

struct Operand {
  std::string name, help;
  bool required = true, repeatable = false;
  std::function<void(const std::string&)> set;
};

struct Example {
  std::string line, meaning;
};

struct Usage {
  std::string name, summary;
  std::vector<Operand> operands;
  std::vector<Option> options;
  std::vector<Example> examples;
};

// A whole number or a finite one, and nothing behind it.
template <class T>
T parse_number(const std::string& text, const std::string& option) {
  T value{};
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  bool good = problem == std::errc{} && end == text.data() + text.size();
  if constexpr (std::is_floating_point_v<T>) good = good && std::isfinite(value);
  require(problem != std::errc::result_out_of_range, Exit::usage,
          option + ": '" + text + "' is out of range; give a number of fewer digits");
  require(good, Exit::usage,
          option + ": '" + text + "' is not " +
              (std::is_floating_point_v<T> ? "a number" : "a whole number from 0 on"));
  return value;
}

// The parts of "a,b,c".
inline std::vector<std::string> split_list(const std::string& list) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at <= list.size();) {
    const std::size_t comma = std::min(list.find(',', at), list.size());
    parts.push_back(list.substr(at, comma - at));
    at = comma + 1;
  }
  return parts;
}

// The numbers of "0.7,1".
template <class T>
std::vector<T> parse_numbers(const std::string& list, const std::string& option) {
  std::vector<T> numbers;
  for (const std::string& part : split_list(list)) numbers.push_back(parse_number<T>(part, option));
  return numbers;
}

}  // namespace flow::cli
