// One line of JSON Lines: an object, in which others may stand.
#pragma once
#include <charconv>
#include <cmath>
#include <string>
#include <vector>

namespace flow {

class JsonLine {
 public:
  JsonLine& add(const std::string& key, const std::string& text) { return put(key, quoted(text)); }
  JsonLine& add(const std::string& key, const char* text) { return add(key, std::string(text)); }
  // JSON has no Inf or NaN: null.
  JsonLine& add(const std::string& key, double value) { return put(key, number(value)); }
  JsonLine& add(const std::string& key, const std::vector<double>& values) {
    std::string list;
    for (const double v : values) list += (list.empty() ? "" : ",") + number(v);
    return put(key, "[" + list + "]");
  }
  JsonLine& add(const std::string& key, std::size_t value) {
    return put(key, std::to_string(value));
  }
  JsonLine& add(const std::string& key, bool value) { return put(key, value ? "true" : "false"); }
  JsonLine& add(const std::string& key, const JsonLine& object) {
    return put(key, "{" + object.fields_ + "}");
  }
  JsonLine& add(const std::string& key, const std::vector<JsonLine>& objects) {
    std::string list;
    for (const JsonLine& o : objects) list += (list.empty() ? "{" : ",{") + o.fields_ + "}";
    return put(key, "[" + list + "]");
  }
  std::string line() const { return "{" + fields_ + "}\n"; }

 private:
  // Control characters are escaped, those of Unicode too (U+007F to U+009F, in UTF-8), so that none
  // steers a terminal and none is lost.
  static std::string quoted(const std::string& text) {
    std::string out = "\"";
    for (std::size_t i = 0; i < text.size(); ++i) {
      const auto c = static_cast<unsigned char>(text[i]);
      const auto next = static_cast<unsigned char>(i + 1 < text.size() ? text[i + 1] : 0);
      if (c == 0xc2 && next >= 0x80 && next < 0xa0) {
        out += escaped(next), ++i;
      } else if (c < 0x20 || c == 0x7f) {
        out += escaped(c);
      } else {
        if (c == '"' || c == '\\') out += '\\';
        out += text[i];
      }
    }
    return out + "\"";
  }
  static std::string escaped(unsigned char code) {
    constexpr const char* digits = "0123456789abcdef";
    return {'\\', 'u', '0', '0', digits[code >> 4], digits[code & 15]};
  }
  static std::string number(double value) {
    char text[32];
    const auto end = std::to_chars(text, text + sizeof text, value).ptr;
    return std::isfinite(value) ? std::string(text, end) : "null";
  }
  JsonLine& put(const std::string& key, const std::string& value) {
    fields_ += (fields_.empty() ? "\"" : ",\"") + key + "\":" + value;
    return *this;
  }
  std::string fields_;
};

}  // namespace flow
