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
  static std::string quoted(const std::string& text) {
    std::string out = "\"";
    for (char c : text) {
      if (c == '"' || c == '\\') out += '\\';
      out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
    return out + "\"";
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
