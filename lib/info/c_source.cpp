#include "info/c_source.h"

#include <algorithm>
#include <cctype>

namespace flow {

std::string c_number(double value) { return format("%a", value); }

template <class T, class Write>
std::string CSource::add_array(const char* type, const std::string& name, const T& values,
                               Write write) {
  std::string id = "p_";
  for (const char c : name) id += std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
  arrays_ += format("static const %s %s[%zu] = {", type, id.c_str(), values.size());
  std::size_t column = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::string number = write(values[i]) + (i + 1 < values.size() ? "," : "");
    const bool breaks = i == 0 || column + number.size() > 98;
    column = breaks ? 2 + number.size() : column + 1 + number.size();
    arrays_ += (breaks ? "\n  " : " ") + number;
  }
  arrays_ += "};\n";
  return id;
}

std::string CSource::array(const std::string& name, CVec values) {
  return add_array("float", name, values, [](real v) {
    return c_number(static_cast<double>(static_cast<float>(v))) + "f";
  });
}

std::string CSource::array(const std::string& name, const std::vector<double>& values) {
  return add_array("double", name, values, c_number);
}

std::string CSource::array(const std::string& name, const std::vector<int>& values) {
  return add_array("int", name, values, [](int v) { return std::to_string(v); });
}

void CSource::call(const std::string& helper) {
  called_.insert(helper);
  for (const CHelper& h : c_helpers())
    if (h.name == helper && h.calls) called_.insert(h.calls);
}

const char* CSource::buffer(const char* name, std::size_t size) {
  std::size_t& largest = buffers_[name];
  largest = std::max(largest, size);
  return name;
}

std::string CSource::text(const std::string& name, std::size_t columns) const {
  const std::string function = format("double %s_logp(const float x[%zu])", name.c_str(), columns);
  std::string out = "#include <math.h>\n\n" + function + ";\n\n";
  for (const CHelper& h : c_helpers())
    if (called_.contains(h.name)) out += std::string(h.text) + "\n";
  out += arrays_ + "\n" + function + "\n{\n";
  out += format("  double z[%zu], logp = 0;\n", columns);
  for (const auto& [buffer, size] : buffers_)
    out += format("  double %s[%zu];\n", buffer.c_str(), size);
  out += format("  int j;\n  for (j = 0; j < %zu; ++j) z[j] = x[j];\n", columns);
  return out + body_ + "  return logp;\n}\n";
}

}  // namespace flow
