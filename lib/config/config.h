// A typed view of a YAML configuration (YAML 1.2: https://yaml.org/spec/1.2.2), in which every
// value knows where it came from: "realnvp.yaml:12", "-s", "--epochs", "default".
//
// Only the plain part of YAML is taken: maps, lists and scalars. Aliases, anchors, tags, duplicate
// keys and several documents are refused. A key without a value counts as absent.
//
// Every error is an Error(Exit::usage): "<origin>: <dotted.key>: <what>; <what to do>".
#pragma once
#include <cstddef>
#include <limits>
#include <list>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace flow {

class Config {
 public:
  enum class Kind { nothing, scalar, list, map };

  static constexpr double infinity = std::numeric_limits<double>::infinity();
  static constexpr double above_zero = std::numeric_limits<double>::min();  // a min: x > 0
  static constexpr std::size_t no_limit = std::numeric_limits<std::size_t>::max();
  // Bytes of text: of what a user writes (a scalar of 50 MB takes yaml-cpp 10 s), and of what it is
  // resolved to, where each column of a table has an entry.
  static constexpr std::size_t longest_given = std::size_t{1} << 20;
  static constexpr std::size_t longest_resolved = std::size_t{8} << 20;

  Config() = default;  // an empty map

  // name stands for the text in messages. The root is a map. longest: bytes that are allowed.
  static Config parse(std::string_view yaml, const std::string& name,
                      std::size_t longest = longest_given);
  // At most 1 MiB of text, from a file or a pipe.
  static Config read(const std::string& path);

  // Maps merge key by key; scalars and lists of `over` replace those here.
  void merge(const Config& over);
  // Merges the value, written in YAML, at "train.epochs" or, in a list, "model.layers.0.kind".
  // An empty value takes away what is there, so that the default counts.
  void set(std::string_view dotted_key, std::string_view value, const std::string& origin);

  Kind kind() const { return kind_; }
  const std::string& path() const { return path_; }      // "model.layers.0"
  const std::string& origin() const { return origin_; }  // of this value
  const std::string& value() const;  // of a scalar, such as an element of a list

  // What a map holds. Asking marks the key as known, reading it as read. Without a fallback the key
  // is required; with one, what is absent is WRITTEN into the tree, so that after everything is
  // built the tree is the whole configuration. Bounds are inclusive.
  bool has(const std::string& key) const;
  Config& map(const std::string& key);                // absent: an empty one
  std::vector<Config*> list(const std::string& key);  // of scalars, maps or lists
  std::string text(const std::string& key, std::optional<std::string> fallback = {});
  std::string choice(const std::string& key, const std::vector<std::string_view>& names,
                     std::optional<std::string> fallback = {});
  double number(const std::string& key, double min, double max,
                std::optional<double> fallback = {});
  std::size_t count(const std::string& key, std::size_t min, std::size_t max,
                    std::optional<std::size_t> fallback = {});
  bool flag(const std::string& key, std::optional<bool> fallback = {});
  std::vector<std::string> texts(const std::string& key,
                                 std::optional<std::vector<std::string>> fallback = {});
  std::vector<double> numbers(const std::string& key, double min, double max,
                              std::optional<std::vector<double>> fallback = {});
  std::vector<std::size_t> counts(const std::string& key, std::size_t min, std::size_t max,
                                  std::optional<std::vector<std::size_t>> fallback = {});

  // Throws an error at this key, or at this map where the key is absent.
  [[noreturn]] void fail(const std::string& key, const std::string& message) const;
  // Throws an error at the first key of the tree that nobody read, with a suggestion; of this map
  // the key `except` is left out.
  void reject_unread(std::string_view except = {}) const;

  // The tree in the order of the file, then that of the defaults; parses to the same tree.
  std::string to_yaml() const;
  // The same, each value with "# origin" behind it.
  std::string to_yaml_with_origins() const;

 private:
  class Builder;  // makes a tree of the parser's events (parse.cpp)
  class Emitter;  // makes lines of a tree (emit.cpp)

  static Config parse_any(std::string_view yaml, const std::string& name, bool with_lines,
                          std::size_t longest = longest_given);
  const Config* find(const std::string& key) const;
  Config& child(const std::string& key, const std::string& origin);  // found or added
  Config& step(const std::string& part, const std::string& origin);  // into a map or a list
  void rebase(const std::string& path, const std::string& origin);
  Config& ask(const std::string& key);
  Config& ask_scalar(const std::string& key, const std::optional<std::string>& fallback,
                     bool text = false);
  std::vector<Config*> ask_list(const std::string& key,
                                const std::optional<std::vector<std::string>>& fallback,
                                bool text = false);
  double as_number(double min, double max) const;
  std::size_t as_count(std::size_t min, std::size_t max) const;
  [[noreturn]] void reject(const std::string& message) const;

  Kind kind_ = Kind::map;
  bool is_text_ = false;  // a scalar in quotes: never a number or a flag
  bool is_read_ = false;
  std::string key_, path_, origin_, value_;
  std::list<Config> children_;           // a list: references stay good when defaults are added
  mutable std::set<std::string> asked_;  // the keys somebody knows, for suggestions
};

}  // namespace flow
