// YAML text to a tree of Config, by the events of yaml-cpp's parser: the only yaml-cpp. Events and
// not its node graph, because aliases, tags and duplicate keys are visible only there.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cassert>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <sstream>
#include <unordered_set>

#include "config/config.h"
#include "config/scalar.h"
#include "core/error.h"

// yaml-cpp leaves these two headers out of its umbrella.
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/parser.h>

namespace flow {

namespace {

constexpr std::size_t deepest = 32;  // recursive walks stay shallow

[[noreturn]] void refuse(const std::string& where, const std::string& what) {
  throw Error(Exit::usage, where + ": " + what);
}

void check_text(std::string_view yaml, const std::string& name, std::size_t longest) {
  if (yaml.size() > longest)
    refuse(name, "longer than " + std::to_string(longest >> 20) + " MiB; is this a configuration?");
  std::size_t line = 1;
  for (const char c : yaml) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte == 0) refuse(name, "not a text file; give a configuration in YAML");
    if ((byte < 0x20 && c != '\n' && c != '\r' && c != '\t') || byte == 0x7f)
      refuse(name + ":" + std::to_string(line), "a control character; remove it");
    line += c == '\n';
  }
}

}  // namespace

class Config::Builder : public YAML::EventHandler {
 public:
  Builder(const std::string& name, bool with_lines) : name_(name), with_lines_(with_lines) {
    root_.kind_ = Kind::nothing, root_.origin_ = name;
  }

  Config take() { return std::move(root_); }
  std::string where(const YAML::Mark& mark) const {
    return with_lines_ && mark.line >= 0 ? name_ + ":" + std::to_string(mark.line + 1) : name_;
  }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {
    assert(false && "its anchor was refused, or there is none, which the parser refuses");
  }
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    add(mark, "", anchor, Kind::nothing, "");
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    add(mark, tag, anchor, Kind::scalar, value);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, Kind::list);
  }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, Kind::map);
  }
  void OnSequenceEnd() override { open_.pop_back(); }
  void OnMapEnd() override { open_.pop_back(); }

 private:
  struct Level {
    Config* node;
    std::unordered_set<std::string> keys;
    std::optional<std::string> key;  // read, and waiting for its value
    YAML::Mark key_mark;
  };

  void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, Kind kind) {
    if (open_.size() >= deepest) refuse(where(mark), "nested too deeply; flatten it");
    if (Config* node = add(mark, tag, anchor, kind, "")) open_.push_back({node, {}, {}, {}});
  }

  // The new node, or null where the scalar was a key.
  Config* add(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, Kind kind,
              const std::string& value) {
    if (anchor != 0) refuse(where(mark), "an anchor (&name); write values out where they are used");
    if (!tag.empty() && tag != "?" && tag != "!")
      refuse(where(mark), "a tag (" + quoted(tag) + "); remove it");
    Config* node = &root_;
    YAML::Mark place = mark;
    if (!open_.empty()) {
      Level& level = open_.back();
      if (level.node->kind_ == Kind::map && !level.key) return take_key(level, mark, kind, value);
      const std::string key = level.key ? *level.key : std::to_string(level.node->children_.size());
      node = &level.node->children_.emplace_back();
      node->key_ = key;
      node->path_ = level.node->path_.empty() ? key : level.node->path_ + "." + key;
      // The mark of a value that is not there lies at the next thing that is.
      if (level.key && kind == Kind::nothing) place = level.key_mark;
      level.key.reset();
    }
    node->kind_ = kind, node->value_ = value, node->origin_ = where(place);
    node->is_text_ = kind == Kind::scalar && tag == "!";
    return node;
  }

  Config* take_key(Level& level, const YAML::Mark& mark, Kind kind, const std::string& key) {
    if (kind != Kind::scalar || key.empty()) refuse(where(mark), "a key that is not a plain word");
    if (std::any_of(key.begin(), key.end(), [](unsigned char c) { return std::iscntrl(c); }))
      refuse(where(mark), "a control character in the key " + quoted(key) + "; is a quote open?");
    if (!level.keys.insert(key).second)
      refuse(where(mark), "the key " + quoted(key) + " is given twice; remove one");
    level.key = key, level.key_mark = mark;
    return nullptr;
  }

  const std::string& name_;
  bool with_lines_;
  Config root_;
  std::vector<Level> open_;
};

Config Config::parse_any(std::string_view yaml, const std::string& name, bool with_lines,
                         std::size_t longest) {
  check_text(yaml, name, longest);
  Builder builder(name, with_lines);
  std::istringstream stream{std::string(yaml)};
  try {
    YAML::Parser parser(stream);
    parser.HandleNextDocument(builder);
    Builder second(name, with_lines);
    if (parser.HandleNextDocument(second))
      refuse(second.take().origin_, "a second document; one file holds one configuration");
  } catch (const YAML::Exception& e) {
    refuse(builder.where(e.mark), "not valid YAML: " + e.msg + "; check quotes and indentation");
  }
  return builder.take();
}

Config Config::parse(std::string_view yaml, const std::string& name, std::size_t longest) {
  Config root = parse_any(yaml, name, true, longest);
  if (root.kind_ == Kind::nothing) root.kind_ = Kind::map;
  if (root.kind_ != Kind::map)
    refuse(root.origin_, "the outermost level is no map; write lines 'key: value'");
  root.origin_ = name;
  return root;
}

Config Config::read(const std::string& path) {
  const auto failed = [&] {
    refuse(path, std::string("cannot read the configuration: ") + std::strerror(errno));
  };
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) failed();
  std::string text(longest_given + 1, '\0');
  std::size_t size = 0;
  ssize_t got = 0;
  do {
    got = ::read(file, text.data() + size, text.size() - size);
    if (got > 0) size += static_cast<std::size_t>(got);
  } while ((got > 0 && size < text.size()) || (got < 0 && errno == EINTR));
  const int error = errno;
  ::close(file);
  errno = error;
  if (got < 0) failed();
  text.resize(size);
  return parse(text, path);
}

}  // namespace flow
