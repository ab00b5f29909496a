// The text of a C function while layer after layer adds to it: arrays of parameters, helpers that
// it calls, and its lines. Internal to export_c.
#pragma once
#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "core/text.h"
#include "core/view.h"

namespace flow {

// A number that C reads back exactly.
std::string c_number(double value);

class CSource {
 public:
  // Adds an array of constants and gives back its name in C, made of `name`.
  std::string array(const std::string& name, CVec values);
  std::string array(const std::string& name, const std::vector<double>& values);
  std::string array(const std::string& name, const std::vector<int>& values);

  // A line of the function; %s of std::string as c_str().
  template <class... Args>
  void line(const char* pattern, Args... args) {
    body_ += "  " + format(pattern, args...) + "\n";
  }
  // Marks a function of c_helpers.cpp, and those that it calls, as called.
  void call(const std::string& helper);
  // A local array of at least so many doubles.
  const char* buffer(const char* name, std::size_t size);

  // All of it but the comment in front: `double NAME_logp(const float x[columns])`.
  std::string text(const std::string& name, std::size_t columns) const;

 private:
  template <class T, class Write>
  std::string add_array(const char* type, const std::string& name, const T& values, Write write);

  std::string arrays_, body_;
  std::set<std::string> called_;
  std::map<std::string, std::size_t> buffers_;
};

// The helpers in an order in which each stands behind those that it calls.
struct CHelper {
  const char *name, *calls, *text;  // calls: a name or null
};
std::span<const CHelper> c_helpers();

}  // namespace flow
