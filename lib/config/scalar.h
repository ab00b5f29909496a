// Numbers as text and text in messages, for configuration files and command lines alike. Numbers
// are read by std::from_chars: no locale, no octal, no hexadecimal, nothing left over.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace flow {

// The whole text as a finite number; nothing for "+1", "010", "1e999", ".nan", "3x".
std::optional<double> parse_number(std::string_view text);
// The whole text as a number 0, 1, 2 ...; nothing for "-1", "1.0", "1e3", "010".
std::optional<std::uint64_t> parse_count(std::string_view text);

// Seconds: "90", "90s", "10m", "1.5h", "2d", "1h30m", or by colons "30:00", "2:00:00".
std::optional<double> parse_duration(std::string_view text);
// Bytes: "4096", or with a binary unit "512M", "1.5G", "64GiB"; K, M, G, T.
std::optional<std::uint64_t> parse_bytes(std::string_view text);

// The shortest text that parse_number gives back as the same number.
std::string shortest(double number);

// What is expected, for messages: "a number from 0 to 1", "a whole number of at least 1".
std::string describe_range(double min, double max);
std::string describe_range(std::uint64_t min, std::uint64_t max);

// Names come from users and files: none may steer the terminal, by a control character of ASCII or
// of those that Unicode has besides (U+0080 to U+009F, in UTF-8). Each becomes a "?", but the ends
// of lines where there may be several.
std::string harmless(std::string text, bool one_line);
// 'text' for a message: shortened, and harmless.
std::string quoted(std::string_view text);
// "text" for YAML, whatever characters it has.
std::string in_quotes(const std::string& text);
// "a, b or c"
std::string one_of(const std::vector<std::string>& names);
// "; did you mean 'hidden'?" where one of the names is near the word, else empty.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& names);

}  // namespace flow
