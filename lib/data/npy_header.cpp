#include "data/npy_header.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "config/scalar.h"
#include "core/error.h"

namespace flow {

namespace {

constexpr std::uint64_t max_header = 1 << 16;  // numpy itself refuses more than 10,000 bytes

// The little of Python's grammar that a header uses.
class Dict {
 public:
  Dict(std::string_view text, const std::string& name) : rest_(text), name_(name) {}

  [[noreturn]] void fail(const std::string& what) const {
    throw Error(Exit::data, name_ + ": " + what);
  }
  [[noreturn]] void damaged() const {
    fail("the npy header is damaged; write the array again with numpy.save");
  }
  bool take(std::string_view token) {
    skip_space();
    if (!rest_.starts_with(token)) return false;
    rest_.remove_prefix(token.size());
    return true;
  }
  void expect(std::string_view token) {
    if (!take(token)) damaged();
  }
  std::string_view quoted() {
    skip_space();
    if (rest_.empty() || (rest_[0] != '\'' && rest_[0] != '"')) damaged();
    const std::size_t end = rest_.find(rest_[0], 1);
    if (end == std::string_view::npos) damaged();
    const std::string_view text = rest_.substr(1, end - 1);
    rest_.remove_prefix(end + 1);
    return text;
  }
  std::uint64_t number() {
    skip_space();
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    if (error != std::errc{}) damaged();
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    take("L");  // Python 2 wrote long integers so
    return value;
  }
  void end() {
    skip_space();
    if (!rest_.empty()) damaged();
  }
  bool next_is(char c) {
    skip_space();
    return !rest_.empty() && rest_[0] == c;
  }

 private:
  void skip_space() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\n"), rest_.size()));
  }

  std::string_view rest_;
  const std::string& name_;
};

Element number_type(Dict& dict) {
  if (dict.next_is('[')) {
    dict.fail("holds structures; save one field as a plain array: a['x']");
  }
  const std::string_view text = dict.quoted();
  if (text.find('O') != std::string_view::npos) {
    dict.fail("holds Python objects, which are not read; save a.astype('f4')");
  }
  const std::optional<Element> element = parse_element(text);
  if (!element) {
    dict.fail("holds " + quoted(text) + ", no type of numbers; save a.astype('f4')");
  }
  return *element;
}

std::vector<std::uint64_t> dimensions(Dict& dict) {
  std::vector<std::uint64_t> dims;
  dict.expect("(");
  while (!dict.take(")")) {
    dims.push_back(dict.number());
    if (dims.size() > 32) dict.damaged();
    if (!dict.take(",") && !dict.next_is(')')) dict.damaged();
  }
  return dims;
}

// The text of the header, and how many bytes stand before it.
std::string read_text(Input& input, std::uint64_t& prologue) {
  const std::string damaged = input.name() + ": the npy header is damaged or truncated";
  unsigned char head[12];
  require(input.read(head, 8) == 8, Exit::data, damaged);
  require(
      head[6] >= 1 && head[6] <= 3, Exit::data,
      input.name() + ": npy version " + std::to_string(head[6]) + " is not known; expected 1 to 3");
  const std::size_t width = head[6] == 1 ? 2 : 4;
  require(input.read(head + 8, width) == width, Exit::data, damaged);
  prologue = 8 + width;
  std::uint64_t size = 0;
  for (std::size_t i = width; i-- > 0;) size = size << 8 | head[8 + i];
  require(size <= max_header, Exit::data,
          input.name() + ": the npy header has " + std::to_string(size) +
              " bytes; expected at most " + std::to_string(max_header));
  std::string text(static_cast<std::size_t>(size), '\0');
  require(input.read(text.data(), text.size()) == text.size(), Exit::data, damaged);
  return text;
}

}  // namespace

NpyHeader parse_npy_header(std::string_view text, const std::string& name) {
  Dict dict(text, name);
  NpyHeader header;
  bool seen[3] = {};
  dict.expect("{");
  while (!dict.take("}")) {
    const std::string_view key = dict.quoted();
    dict.expect(":");
    const std::size_t which = key == "descr" ? 0 : key == "fortran_order" ? 1 : 2;
    if ((which == 2 && key != "shape") || std::exchange(seen[which], true)) dict.damaged();
    if (which == 0) header.element = number_type(dict);
    if (which == 1) header.fortran = dict.take("True");
    if (which == 1 && !header.fortran) dict.expect("False");
    if (which == 2) header.dims = dimensions(dict);
    if (!dict.take(",") && !dict.next_is('}')) dict.damaged();
  }
  dict.end();
  if (!seen[0] || !seen[1] || !seen[2]) dict.damaged();
  return header;
}

NpyHeader read_npy_header(Input& input) {
  std::uint64_t prologue = 0;
  const std::string text = read_text(input, prologue);
  NpyHeader header = parse_npy_header(text, input.name());
  header.bytes = prologue + text.size();
  return header;
}

}  // namespace flow
