// How the types of options are set; included by program.h.
#pragma once
#include <type_traits>

#include "config/scalar.h"

namespace flow::cli {

template <class T>
T parse_value(const std::string& text, const std::string& option) {
  if constexpr (std::is_same_v<T, std::string>) {
    return text;
  } else if constexpr (std::is_same_v<T, Seconds>) {
    const auto seconds = parse_duration(text);
    require(seconds.has_value(), Exit::usage,
            option + ": '" + text + "' is no duration; give 90s, 10m, 1h30m or 2:00:00");
    return {*seconds};
  } else if constexpr (std::is_same_v<T, Bytes>) {
    const auto bytes = parse_bytes(text);
    require(bytes.has_value(), Exit::usage,
            option + ": '" + text + "' is no size; give bytes, or 512M, 1.5G");
    return {*bytes};
  } else {
    return parse_number<T>(text, option);
  }
}

template <class T>
struct Holder {
  static constexpr bool repeatable = false;
  static void set(T& value, const std::string& text, const std::string& option) {
    value = parse_value<T>(text, option);
  }
};
template <class T>
struct Holder<std::optional<T>> {
  static constexpr bool repeatable = false;
  static void set(std::optional<T>& value, const std::string& text, const std::string& option) {
    value = parse_value<T>(text, option);
  }
};
template <class T>
struct Holder<std::vector<T>> {
  static constexpr bool repeatable = true;
  static void set(std::vector<T>& value, const std::string& text, const std::string& option) {
    value.push_back(parse_value<T>(text, option));
  }
};

template <class T>
void Program::option(const std::string& names, T& value, const std::string& metavar,
                     const std::string& help) {
  Option o{.names = names,
           .metavar = metavar,
           .help = help,
           .section = {},
           .choices = {},
           .repeatable = Holder<T>::repeatable,
           .set = {}};
  o.set = [&value, name = "--" + o.long_name()](const std::string& text) {
    Holder<T>::set(value, text, name);
  };
  add(std::move(o));
}

}  // namespace flow::cli
