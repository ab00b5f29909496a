#include "logdet/lapack.h"

#include <dlfcn.h>

#include "core/error.h"
#include "logdet/given_matrix.h"

namespace flow {

namespace {

struct Library {
  std::string name = "none";
  void (*getrf)(const int*, const int*, real*, const int*, int*, int*) = nullptr;
  void (*set_threads)(int) = nullptr;
};

Library& library() {
  static Library loaded;
  return loaded;
}

template <class F>
F symbol(void* handle, const char* name) {
  return reinterpret_cast<F>(dlsym(handle, name));
}

std::string version_of(void* handle) {
  if (const auto config = symbol<char* (*)()>(handle, "openblas_get_config")) return config();
  const auto version = symbol<void (*)(int*, int*, int*)>(handle, "ilaver_");
  if (!version) return "LAPACK";
  int major = 0, minor = 0, patch = 0;
  version(&major, &minor, &patch);
  return "LAPACK " + std::to_string(major) + "." + std::to_string(minor) + "." +
         std::to_string(patch);
}

bool load(const std::string& file) {
  void* const handle = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!handle) return false;
  const char* const routine = sizeof(real) == 4 ? "sgetrf_" : "dgetrf_";
  const auto getrf = symbol<decltype(Library::getrf)>(handle, routine);
  if (!getrf) return false;
  library() = {version_of(handle) + " (" + file + ")", getrf,
               symbol<void (*)(int)>(handle, "openblas_set_num_threads")};
  return true;
}

class Getrf final : public GivenMatrix {
 public:
  explicit Getrf(const Size& size) : GivenMatrix(size.n), pivots_(size.n), threads_(size.threads) {}
  double run() override {
    factor_by_lapack(work(), pivots_, threads_);
    double log_det = 0;
    for (std::size_t i = 0; i < pivots_.size(); ++i)
      log_det += std::log(std::abs(static_cast<double>(work()(i, i))));
    return log_det;
  }

 private:
  std::vector<int> pivots_;
  std::size_t threads_;
};

}  // namespace

void load_lapack(const std::string& name) {
  if (!name.empty())
    return require(load(name), Exit::usage,
                   "--lapack " + name + ": is no library with getrf; name one, or leave it out");
  for (const char* file : {"libopenblas.so.0", "liblapack.so.3"})
    if (load(file)) return;
}

bool has_lapack() { return library().getrf; }
const std::string& lapack_name() { return library().name; }

void factor_by_lapack(Mat a, std::span<int> pivots, std::size_t threads) {
  const int rows = static_cast<int>(a.rows), cols = static_cast<int>(a.cols);
  const int ld = static_cast<int>(a.ld);
  int info = 0;
  if (library().set_threads) library().set_threads(static_cast<int>(threads));
  library().getrf(&rows, &cols, a.data, &ld, pivots.data(), &info);
  assert(info >= 0);
}

std::unique_ptr<Trial> make_getrf(const Size& size) {
  return has_lapack() ? std::make_unique<Getrf>(size) : nullptr;
}

}  // namespace flow
