#include "config/scalar.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

namespace flow {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// "010" is 8 to one reader of YAML and 10 to the next.
bool ambiguous_zero(std::string_view digits) {
  return digits.size() > 1 && digits[0] == '0' && is_digit(digits[1]);
}

// Edits (insert, delete, replace, swap of neighbours) that make b of a: optimal string alignment.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] != b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before.swap(last), last.swap(row);
  }
  return last[b.size()];
}

}  // namespace

std::optional<double> parse_number(std::string_view text) {
  const std::string_view digits = text.substr(text.starts_with('-') ? 1 : 0);
  if (digits.empty() || !(is_digit(digits[0]) || digits[0] == '.') || ambiguous_zero(digits))
    return {};
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(number)) return {};
  return number;
}

std::optional<std::uint64_t> parse_count(std::string_view text) {
  if (text.empty() || !is_digit(text[0]) || ambiguous_zero(text)) return {};
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return {};
  return number;
}

std::optional<double> parse_duration(std::string_view text) {
  double seconds = 0;
  if (text.find(':') != text.npos) {
    for (int parts = 0; parts < 3; ++parts) {
      const std::size_t colon = text.find(':');
      const std::string_view part = text.substr(0, colon);
      if (part.empty() || part.find_first_not_of("0123456789") != part.npos || part.size() > 9)
        return {};
      const int value = std::stoi(std::string(part));
      if (parts > 0 && value > 59) return {};
      seconds = 60 * seconds + value;
      if (colon == text.npos) return seconds;
      text.remove_prefix(colon + 1);
    }
    return {};
  }
  if (text.empty()) return {};
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_not_of("0123456789."), text.size());
    const auto number = parse_number(text.substr(0, end));
    const char unit = end < text.size() ? text[end] : 's';
    const double scale = unit == 's'   ? 1
                         : unit == 'm' ? 60
                         : unit == 'h' ? 3600
                         : unit == 'd' ? 86400
                                       : 0;
    if (!number || scale == 0) return {};
    seconds += scale * *number;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return seconds;
}

std::optional<std::uint64_t> parse_bytes(std::string_view text) {
  const std::size_t end = std::min(text.find_first_not_of("0123456789."), text.size());
  const std::string_view unit = text.substr(end);
  const std::size_t power = unit.empty() ? 0 : std::string_view("KMGT").find(unit[0]) + 1;
  if (!unit.empty() && unit.substr(1) != "" && unit.substr(1) != "B" && unit.substr(1) != "iB")
    return {};
  if (unit.empty()) return parse_count(text);
  const auto number = parse_number(text.substr(0, end));
  if (!number || power == 0) return {};
  const double bytes = std::ldexp(*number, static_cast<int>(10 * power));
  if (bytes >= 0x1p63) return {};
  return static_cast<std::uint64_t>(bytes);
}

std::string shortest(double number) {
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, number).ptr};
}

std::string describe_range(double min, double max) {
  const double infinity = std::numeric_limits<double>::infinity();
  const bool positive = min == std::numeric_limits<double>::min();
  const std::string low = positive ? "above 0" : shortest(min);
  if (min == -infinity) return max == infinity ? "a number" : "a number up to " + shortest(max);
  if (max == infinity) return positive ? "a number above 0" : "a number of at least " + low;
  return positive ? "a number above 0 and up to " + shortest(max)
                  : "a number from " + low + " to " + shortest(max);
}

std::string describe_range(std::uint64_t min, std::uint64_t max) {
  if (max == std::numeric_limits<std::uint64_t>::max())
    return min == 0 ? "a whole number" : "a whole number of at least " + std::to_string(min);
  return "a whole number from " + std::to_string(min) + " to " + std::to_string(max);
}

std::string harmless(std::string text, bool one_line) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    const bool second = i > 0 && text[i - 1] == '\xc2' && c >= 0x80 && c < 0xa0;
    if (second) text[i - 1] = '?';
    if (second || c == 0x7f || (c < 0x20 && (one_line || c != '\n'))) text[i] = '?';
  }
  return text;
}

std::string quoted(std::string_view text) {
  constexpr std::size_t longest = 60;  // a message stays one line of a terminal
  return "'" + harmless(std::string(text.substr(0, longest)), true) +
         (text.size() > longest ? "...'" : "'");
}

std::string one_of(const std::vector<std::string>& names) {
  std::string out;
  for (std::size_t i = 0; i < names.size(); ++i)
    out += (i == 0 ? "" : i + 1 == names.size() ? " or " : ", ") + names[i];
  return out;
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& names) {
  constexpr std::size_t longest = 64;  // the distance takes the product of both lengths
  if (word.size() > longest) return {};
  const std::string* best = nullptr;
  std::size_t least = std::max<std::size_t>(1, word.size() / 3) + 1;
  for (const std::string& name : names) {
    const std::size_t d = distance(word, name);
    if (d < least) least = d, best = &name;
  }
  return best ? "; did you mean " + quoted(*best) + "?" : "";
}

std::string in_quotes(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\', out += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\x%02x", static_cast<unsigned>(byte));
      out += escape;
    } else {
      out += c;
    }
  }
  return out + "\"";
}

}  // namespace flow
