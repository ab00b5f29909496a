// A tree of Config to YAML text: maps in block style, lists of scalars in one line.
#include <algorithm>
#include <cctype>

#include "config/config.h"
#include "config/scalar.h"

namespace flow {

namespace {

bool one_of_chars(char c, std::string_view set) { return set.find(c) != std::string_view::npos; }
bool is_alnum(char c) { return std::isalnum(static_cast<unsigned char>(c)) && !(c & '\x80'); }

// Reads back as it is, with no quotes, in any place of a block or a list.
bool is_plain(const std::string& text) {
  if (text.empty()) return false;
  const bool signed_number =
      text.size() > 1 && one_of_chars(text[0], "-.") && (is_alnum(text[1]) || text[1] == '.');
  if (!is_alnum(text[0]) && !one_of_chars(text[0], "_/") && !signed_number) return false;
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return is_alnum(c) || one_of_chars(c, "_./+-"); });
}

// Would be something else than a text for some reader of YAML.
bool looks_typed(std::string text) {
  if (text.empty() || one_of_chars(text[0], "+-.0123456789")) return true;
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  static constexpr std::string_view words[] = {"true", "false", "null", "yes", "no",
                                               "on",   "off",   "y",    "n"};
  return std::find(std::begin(words), std::end(words), text) != std::end(words);
}

}  // namespace

class Config::Emitter {
 public:
  struct Line {
    std::string text, origin;
  };

  explicit Emitter(const Config& root) { map(root, ""); }
  const std::vector<Line>& lines() const { return lines_; }

 private:
  static bool fits_one_line(const Config& c) {
    if (c.kind_ == Kind::map) return std::all_of(c.children_.begin(), c.children_.end(), absent);
    return c.kind_ != Kind::list ||
           std::all_of(c.children_.begin(), c.children_.end(),
                       [](const Config& e) { return e.kind_ != Kind::map && fits_one_line(e); });
  }
  static bool absent(const Config& c) { return c.kind_ == Kind::nothing; }

  static std::string one_line(const Config& c) {
    switch (c.kind_) {
      case Kind::nothing:
        return "null";
      case Kind::map:
        return "{}";
      case Kind::scalar: {
        const bool plain = is_plain(c.value_) && !(c.is_text_ && looks_typed(c.value_));
        return plain ? c.value_ : in_quotes(c.value_);
      }
      case Kind::list:
        break;
    }
    std::string out = "[";
    for (const Config& e : c.children_) out += (out.size() > 1 ? ", " : "") + one_line(e);
    return out + "]";
  }

  // The first line of a map may stand behind the "- " of a list's element.
  void map(const Config& c, const std::string& indent, std::string first = "") {
    for (const Config& e : c.children_) {
      if (absent(e)) continue;
      const bool plain_key = is_plain(e.key_) && !looks_typed(e.key_);
      const std::string key = plain_key ? e.key_ : in_quotes(e.key_);
      node(e, (first.empty() ? indent : first) + key + ":", indent);
      first.clear();
    }
  }

  void list(const Config& c, const std::string& indent) {
    for (const Config& e : c.children_) {
      if (e.kind_ == Kind::map && !fits_one_line(e)) {
        map(e, indent + "  ", indent + "- ");
      } else {
        node(e, indent + "-", indent);
      }
    }
  }

  void node(const Config& c, const std::string& start, const std::string& indent) {
    if (fits_one_line(c)) {
      lines_.push_back({start + " " + one_line(c), c.origin_});
    } else {
      lines_.push_back({start, ""});
      c.kind_ == Kind::map ? map(c, indent + "  ") : list(c, indent + "  ");
    }
  }

  std::vector<Line> lines_;
};

std::string Config::to_yaml() const {
  const Emitter emitter(*this);
  std::string out;
  for (const auto& line : emitter.lines()) out += line.text + "\n";
  return out;
}

std::string Config::to_yaml_with_origins() const {
  const Emitter emitter(*this);
  constexpr std::size_t widest = 48;  // a longer line has its origin right behind it
  std::size_t width = 0;
  for (const auto& line : emitter.lines()) width = std::max(width, line.text.size());
  width = std::min(width, widest);
  std::string out;
  for (const auto& line : emitter.lines()) {
    out += line.text;
    if (!line.origin.empty())
      out += std::string(width - std::min(width, line.text.size()), ' ') + "  # " + line.origin;
    out += "\n";
  }
  return out;
}

}  // namespace flow
