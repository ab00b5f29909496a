// A value of the configuration that names one of a table.
#pragma once
#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"

namespace flow {

template <class T>
struct Named {
  const char* kind;
  T make;
};

// What config's `key` names; without a fallback (null) the key is required.
template <class T, std::size_t n>
const T& choose(Config& config, const char* key, const Named<T> (&table)[n], const char* fallback) {
  std::vector<std::string_view> names;
  for (const auto& entry : table) names.emplace_back(entry.kind);
  const std::string kind =
      fallback ? config.choice(key, names, fallback) : config.choice(key, names);
  return std::find_if(std::begin(table), std::end(table),
                      [&](const auto& e) { return kind == e.kind; })
      ->make;
}

}  // namespace flow
