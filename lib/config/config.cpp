#include "config/config.h"

#include <algorithm>
#include <cassert>

#include "config/scalar.h"
#include "core/error.h"

namespace flow {

namespace {

// Text for to_yaml of what a getter was given as its default.
template <class T, class Write>
std::optional<std::vector<std::string>> written(const std::optional<std::vector<T>>& values,
                                                Write write) {
  if (!values) return {};
  std::vector<std::string> out;
  for (const T& v : *values) out.push_back(write(v));
  return out;
}

constexpr auto write_count = [](std::size_t n) { return std::to_string(n); };

std::string found(const std::string& value) { return ", not " + quoted(value); }

}  // namespace

void Config::merge(const Config& over) {
  assert(kind_ == Kind::map && over.kind_ == Kind::map);
  for (const Config& theirs : over.children_) {
    Config& mine = child(theirs.key_, theirs.origin_);
    if (mine.kind_ == Kind::map && theirs.kind_ == Kind::map) {
      mine.merge(theirs);
    } else if (theirs.kind_ != Kind::nothing) {
      mine = theirs;
    }
  }
}

void Config::set(std::string_view dotted_key, std::string_view value, const std::string& origin) {
  constexpr std::size_t deepest = 32;
  Config* at = this;
  std::size_t depth = 0;
  for (std::size_t begin = 0; begin <= dotted_key.size(); ++depth) {
    const std::size_t end = std::min(dotted_key.find('.', begin), dotted_key.size());
    if (end == begin || depth == deepest)
      throw Error(Exit::usage,
                  origin + ": " + quoted(dotted_key) + " is no key; write it like train.epochs=20");
    at = &at->step(std::string(dotted_key.substr(begin, end - begin)), origin);
    begin = end + 1;
  }
  Config tree = parse_any(value, origin + ": " + at->path_, false);
  tree.key_ = at->key_;
  tree.rebase(at->path_, origin);
  if (at->kind_ == Kind::map && tree.kind_ == Kind::map) {
    at->merge(tree);
  } else {
    *at = std::move(tree);
  }
}

const Config* Config::find(const std::string& key) const {
  for (const Config& c : children_)
    if (c.key_ == key) return &c;
  return nullptr;
}

Config& Config::child(const std::string& key, const std::string& origin) {
  if (const Config* c = find(key)) return const_cast<Config&>(*c);
  Config& c = children_.emplace_back();
  c.kind_ = Kind::nothing, c.key_ = key, c.origin_ = origin;
  c.path_ = path_.empty() ? key : path_ + "." + key;
  return c;
}

Config& Config::step(const std::string& part, const std::string& origin) {
  if (kind_ == Kind::nothing) kind_ = Kind::map, origin_ = origin;
  if (kind_ == Kind::map) return child(part, origin);
  if (kind_ == Kind::list)
    if (const Config* c = find(part)) return const_cast<Config&>(*c);
  throw Error(Exit::usage,
              origin + ": " + path_ + "." + part + ": there is no such element; " +
                  (kind_ == Kind::list
                       ? "the list has " + std::to_string(children_.size()) + ", counted from 0"
                       : path_ + " is a single value, set at " + origin_));
}

void Config::rebase(const std::string& path, const std::string& origin) {
  path_ = path, origin_ = origin;
  for (Config& c : children_) c.rebase(path + "." + c.key_, origin);
}

const std::string& Config::value() const {
  if (kind_ != Kind::scalar) reject("expected a single value");
  return value_;
}

bool Config::has(const std::string& key) const {
  asked_.insert(key);
  const Config* c = find(key);
  return c && c->kind_ != Kind::nothing;
}

Config& Config::ask(const std::string& key) {
  if (kind_ != Kind::map) reject("expected a map with the key '" + key + "'");
  asked_.insert(key);
  Config& c = child(key, "default");
  c.is_read_ = true;
  return c;
}

Config& Config::map(const std::string& key) {
  Config& c = ask(key);
  if (c.kind_ == Kind::nothing) c.kind_ = Kind::map;
  if (c.kind_ != Kind::map) c.reject("expected a map; write its keys below it, indented");
  return c;
}

std::vector<Config*> Config::list(const std::string& key) { return ask_list(key, {}); }

Config& Config::ask_scalar(const std::string& key, const std::optional<std::string>& fallback,
                           bool text) {
  if (!fallback && !has(key)) fail(key, "missing; give it a value");
  Config& c = ask(key);
  if (c.kind_ == Kind::nothing) {
    c.kind_ = Kind::scalar, c.value_ = *fallback, c.origin_ = "default", c.is_text_ = text;
  }
  if (c.kind_ != Kind::scalar) c.reject("expected a single value");
  return c;
}

std::vector<Config*> Config::ask_list(const std::string& key,
                                      const std::optional<std::vector<std::string>>& fallback,
                                      bool text) {
  if (!fallback && !has(key)) fail(key, "missing; give a list like [a, b]");
  Config& c = ask(key);
  if (c.kind_ == Kind::nothing) {
    c.kind_ = Kind::list, c.origin_ = "default";
    for (const std::string& value : *fallback) {
      Config& element = c.child(std::to_string(c.children_.size()), "default");
      element.kind_ = Kind::scalar, element.value_ = value, element.is_text_ = text;
    }
  }
  if (c.kind_ != Kind::list) c.reject("expected a list; write it in brackets: [a, b]");
  std::vector<Config*> elements;
  for (Config& element : c.children_) {
    element.is_read_ = true;
    elements.push_back(&element);
  }
  return elements;
}

double Config::as_number(double min, double max) const {
  const std::optional<double> number = is_text_ ? std::nullopt : parse_number(value());
  if (!number || *number < min || *number > max)
    reject("expected " + describe_range(min, max) + found(value()));
  return *number;
}

std::size_t Config::as_count(std::size_t min, std::size_t max) const {
  const std::optional<std::uint64_t> count = is_text_ ? std::nullopt : parse_count(value());
  if (!count || *count < min || *count > max)
    reject("expected " + describe_range(std::uint64_t{min}, std::uint64_t{max}) + found(value()));
  return *count;
}

std::string Config::text(const std::string& key, std::optional<std::string> fallback) {
  return ask_scalar(key, fallback, true).value_;
}

std::string Config::choice(const std::string& key, const std::vector<std::string_view>& names,
                           std::optional<std::string> fallback) {
  const Config& c = ask_scalar(key, fallback);
  if (std::find(names.begin(), names.end(), c.value_) != names.end()) return c.value_;
  const std::vector<std::string> known(names.begin(), names.end());
  c.reject("expected " + one_of(known) + found(c.value_) + did_you_mean(c.value_, known));
}

double Config::number(const std::string& key, double min, double max,
                      std::optional<double> fallback) {
  return ask_scalar(key, fallback ? std::optional(shortest(*fallback)) : std::nullopt)
      .as_number(min, max);
}

std::size_t Config::count(const std::string& key, std::size_t min, std::size_t max,
                          std::optional<std::size_t> fallback) {
  return ask_scalar(key, fallback ? std::optional(write_count(*fallback)) : std::nullopt)
      .as_count(min, max);
}

bool Config::flag(const std::string& key, std::optional<bool> fallback) {
  const Config& c = ask_scalar(
      key, fallback ? std::optional<std::string>(*fallback ? "true" : "false") : std::nullopt);
  if (c.is_text_ || (c.value_ != "true" && c.value_ != "false"))
    c.reject("expected true or false" + found(c.value_));
  return c.value_ == "true";
}

std::vector<std::string> Config::texts(const std::string& key,
                                       std::optional<std::vector<std::string>> fallback) {
  std::vector<std::string> out;
  for (const Config* c : ask_list(key, fallback, true)) out.push_back(c->value());
  return out;
}

std::vector<double> Config::numbers(const std::string& key, double min, double max,
                                    std::optional<std::vector<double>> fallback) {
  std::vector<double> out;
  for (const Config* c : ask_list(key, written(fallback, shortest)))
    out.push_back(c->as_number(min, max));
  return out;
}

std::vector<std::size_t> Config::counts(const std::string& key, std::size_t min, std::size_t max,
                                        std::optional<std::vector<std::size_t>> fallback) {
  std::vector<std::size_t> out;
  for (const Config* c : ask_list(key, written(fallback, write_count)))
    out.push_back(c->as_count(min, max));
  return out;
}

void Config::reject(const std::string& message) const {
  throw Error(Exit::usage, origin_ + ": " + (path_.empty() ? "" : path_ + ": ") + message);
}

void Config::fail(const std::string& key, const std::string& message) const {
  const Config* c = find(key);
  if (c && c->kind_ != Kind::nothing) c->reject(message);
  const std::string path = path_.empty() ? key : path_ + "." + key;
  throw Error(Exit::usage, (c ? c->origin_ : origin_) + ": " + path + ": " + message);
}

void Config::reject_unread(std::string_view except) const {
  for (const Config& c : children_) {
    if (!except.empty() && c.key_ == except) continue;
    const bool known = c.is_read_ || (c.kind_ == Kind::nothing && asked_.count(c.key_));
    if (!known) {
      const std::vector<std::string> names(asked_.begin(), asked_.end());
      std::string hint = did_you_mean(c.key_, names);
      if (hint.empty()) hint = names.empty() ? "; remove it" : "; known here: " + one_of(names);
      c.reject("unknown key" + hint);
    }
    c.reject_unread();
  }
}

}  // namespace flow
