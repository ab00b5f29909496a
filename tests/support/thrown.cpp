// LD_PRELOAD library: the line of each flow::Error that is thrown, whether or not it is printed,
// goes to the end of the file that THROWN_TO names. For tests/messages.
#include <cxxabi.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <exception>
#include <string>
#include <typeinfo>

namespace {

// Opened at the start, out of the way of others. A child that is forked is confined and may not
// write: its parent throws again what went wrong in it.
int file = [] {
  pthread_atfork(nullptr, nullptr, [] { file = -1; });
  const char* path = std::getenv("THROWN_TO");
  const int opened = path ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666) : -1;
  if (opened < 0) return -1;
  const int away = fcntl(opened, F_DUPFD_CLOEXEC, 200);
  close(opened);
  return away;
}();

using Throw = void (*)(void*, std::type_info*, void (*)(void*));
const auto throw_on = reinterpret_cast<Throw>(dlsym(RTLD_NEXT, "__cxa_throw"));

}  // namespace

void __cxxabiv1::__cxa_throw(void* thrown, std::type_info* type, void (*destroy)(void*)) {
  if (file >= 0 && std::strcmp(type->name(), "N4flow5ErrorE") == 0) {
    const std::string line = static_cast<std::exception*>(thrown)->what() + std::string("\n");
    if (write(file, line.data(), line.size()) < 0) {
      // What cannot be told is missing in the list.
    }
  }
  throw_on(thrown, type, destroy);
  std::abort();
}
