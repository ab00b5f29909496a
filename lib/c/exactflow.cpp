#include "c/exactflow.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <mutex>
#include <new>
#include <utility>

#include "core/error.h"
#include "core/input.h"
#include "model/density.h"
#include "model/rows.h"

static_assert(EXACTFLOW_FAILED == static_cast<int>(flow::Exit::failed) &&
              EXACTFLOW_USAGE == static_cast<int>(flow::Exit::usage) &&
              EXACTFLOW_DATA == static_cast<int>(flow::Exit::data) &&
              EXACTFLOW_MODEL == static_cast<int>(flow::Exit::model));

struct exactflow_model {
  flow::Model model;
  mutable std::mutex mutex;
  mutable std::vector<std::unique_ptr<flow::Evaluator>> idle;
};

namespace {

using namespace flow;

// Of a fixed size, so that it can be set when there is no memory.
thread_local char message[1024] = "";

int fail(Exit code, const char* line) {
  std::snprintf(message, sizeof message, "%s", line);
  return static_cast<int>(code);
}

// Calls f, and says what it throws.
template <class F>
int answer(F f) noexcept {
  try {
    f();
    return EXACTFLOW_OK;
  } catch (const Error& e) {
    return fail(e.code(), e.what());
  } catch (const std::bad_alloc&) {
    return fail(Exit::failed, "not enough memory");
  } catch (const std::exception& e) {
    return fail(Exit::failed, e.what());
  }
}

void require_pointers(bool given) {
  require(given, Exit::usage, "a pointer is NULL; give what exactflow.h says");
}

// An evaluator for one call. There come to be as many as there were calls at the same time.
class Borrowed {
 public:
  explicit Borrowed(const exactflow_model& of) : of_(of) {
    const std::lock_guard lock(of.mutex);
    if (of.idle.empty()) return;
    evaluator_ = std::move(of.idle.back());
    of.idle.pop_back();
  }
  ~Borrowed() {
    if (!evaluator_) return;
    const std::lock_guard lock(of_.mutex);
    try {
      of_.idle.push_back(std::move(evaluator_));
    } catch (const std::bad_alloc&) {  // then the next call makes its own
    }
  }
  Borrowed(const Borrowed&) = delete;
  Borrowed& operator=(const Borrowed&) = delete;

  Evaluator& operator*() {
    const Model& m = of_.model;
    if (!evaluator_) evaluator_ = std::make_unique<Evaluator>(*m.flow, m.table, m.theta, 1);
    return *evaluator_;
  }

 private:
  const exactflow_model& of_;
  std::unique_ptr<Evaluator> evaluator_;
};

// Calls f(values, number of their first row, evaluator) for parts of n rows of so many columns, in
// double precision.
template <class T, class F>
void each_part(const exactflow_model& of, const T* rows, std::size_t n, std::size_t columns, F f) {
  Borrowed evaluator(of);
  std::vector<double> values;
  for (std::size_t done = 0; done < n; done += stream_rows) {
    const std::size_t end = std::min(n, done + stream_rows);
    if (columns > 0) values.assign(rows + done * columns, rows + end * columns);
    f(std::span<const double>(values), done, end - done, *evaluator);
  }
}

std::size_t width_of(const Model& m) { return m.data.shape.columns + m.data.context.size(); }

template <class T>
int score(const exactflow_model* m, const T* rows, std::size_t n, std::uint64_t seed,
          std::uint64_t first_row, double* logp) {
  return answer([&] {
    require_pointers(m && (n == 0 || (rows && logp)));
    std::vector<real> seen;
    each_part(
        *m, rows, n, width_of(m->model),
        [&](std::span<const double> values, std::size_t done, std::size_t k, Evaluator& e) {
          log_density(m->model, e, values, first_row + done, seed, "rows", seen, {logp + done, k});
        });
  });
}

template <class T>
int sample(const exactflow_model* m, const T* context, std::size_t n, std::uint64_t seed,
           std::uint64_t first_row, double temperature, T* rows) {
  return answer([&] {
    require_pointers(m && (n == 0 || (rows && (context || m->model.data.context.empty()))));
    require(temperature >= 0, Exit::usage, "the temperature must be 0 or more");
    const Random random(seed, Stream::sample);
    const ContextSpec& spec = m->model.data.context;
    std::vector<double> drawn;
    each_part(*m, context, n, spec.size(),
              [&](std::span<const double> values, std::size_t done, std::size_t k, Evaluator& e) {
                const std::vector<real> given(values.begin(), values.end());
                sample_rows(m->model, e, to_context(spec, given, done, "context"), random,
                            first_row + done, k, temperature, drawn);
                std::copy(drawn.begin(), drawn.end(), rows + done * m->model.data.shape.columns);
              });
  });
}

template <class T>
int encode(const exactflow_model* m, const T* rows, std::size_t n, T* latents) {
  return answer([&] {
    require_pointers(m && (n == 0 || (rows && latents)));
    const std::size_t d = m->model.flow->columns(), wide = m->model.flow->width();
    std::vector<real> seen;
    each_part(*m, rows, n, width_of(m->model),
              [&](std::span<const double> values, std::size_t done, std::size_t k, Evaluator& e) {
                require_fit(m->model.data, values, done, "rows");
                to_flow(m->model, values, done, 0, Noise::middle, "rows", seen);
                e.encode(seen.data(), k, {}, m->model.flow->depth());
                for (std::size_t i = 0; i < k; ++i)
                  std::copy_n(&seen[i * wide], d, latents + (done + i) * d);
              });
  });
}

template <class T>
int decode(const exactflow_model* m, const T* latents, std::size_t n, T* rows) {
  return answer([&] {
    require_pointers(m && (n == 0 || (rows && latents)));
    const std::size_t depth = m->model.flow->depth();
    std::vector<real> seen;
    std::vector<double> back;
    each_part(*m, latents, n, m->model.flow->columns() + m->model.data.context.size(),
              [&](std::span<const double> values, std::size_t done, std::size_t k, Evaluator& e) {
                latents_to_flow(m->model, values, done, "latents", seen);
                mark_latents(m->model, e, depth, seen);
                e.decode(seen.data(), k, {}, depth);
                from_flow(m->model, seen, back);
                std::copy(back.begin(), back.end(), rows + done * m->model.data.shape.columns);
              });
  });
}

// Loading uses libhdf5, which knows no threads.
void load_into(const std::string& path, exactflow_model** model) {
  static std::mutex one_at_a_time;
  const std::lock_guard lock(one_at_a_time);
  auto made = std::make_unique<exactflow_model>();
  made->model = load(path);
  *model = made.release();
}

}  // namespace

const char* exactflow_version(void) { return FLOW_VERSION; }

const char* exactflow_error(void) { return message; }

int exactflow_load(const char* path, exactflow_model** model) {
  return answer([&] {
    require_pointers(path && model);
    *model = nullptr;
    load_into(path, model);
  });
}

int exactflow_load_bytes(const void* bytes, size_t size, exactflow_model** model) {
  return answer([&] {
    require_pointers(bytes && model);
    *model = nullptr;
    // A file without a name: the confined child reads a descriptor.
    const int file = memfd_create("model", MFD_CLOEXEC);
    require(file >= 0, Exit::failed,
            std::string("the model cannot be kept in memory: ") + std::strerror(errno));
    const Input held(file, "model");
    write_unnamed(held.descriptor(), {static_cast<const std::byte*>(bytes), size},
                  "the model cannot be copied");
    load_into("/proc/self/fd/" + std::to_string(held.descriptor()), model);
  });
}

void exactflow_free(exactflow_model* model) { delete model; }

size_t exactflow_columns(const exactflow_model* m) { return m->model.data.shape.columns; }

size_t exactflow_context(const exactflow_model* m) { return m->model.data.context.size(); }

size_t exactflow_latents(const exactflow_model* m) { return m->model.flow->columns(); }

const char* exactflow_name(const exactflow_model* m, size_t column) {
  const DataSpec& data = m->model.data;
  if (column < data.shape.columns)
    return column < data.shape.names.size() ? data.shape.names[column].c_str() : "";
  column -= data.shape.columns;
  return column < data.context.size() ? data.context[column].name.c_str() : "";
}

int exactflow_score(const exactflow_model* m, const double* rows, size_t n, uint64_t seed,
                    uint64_t first_row, double* logp) {
  return score(m, rows, n, seed, first_row, logp);
}

int exactflow_score_f(const exactflow_model* m, const float* rows, size_t n, uint64_t seed,
                      uint64_t first_row, double* logp) {
  return score(m, rows, n, seed, first_row, logp);
}

int exactflow_sample(const exactflow_model* m, const double* context, size_t n, uint64_t seed,
                     uint64_t first_row, double temperature, double* rows) {
  return sample(m, context, n, seed, first_row, temperature, rows);
}

int exactflow_sample_f(const exactflow_model* m, const float* context, size_t n, uint64_t seed,
                       uint64_t first_row, double temperature, float* rows) {
  return sample(m, context, n, seed, first_row, temperature, rows);
}

int exactflow_encode(const exactflow_model* m, const double* rows, size_t n, double* latents) {
  return encode(m, rows, n, latents);
}

int exactflow_encode_f(const exactflow_model* m, const float* rows, size_t n, float* latents) {
  return encode(m, rows, n, latents);
}

int exactflow_decode(const exactflow_model* m, const double* latents, size_t n, double* rows) {
  return decode(m, latents, n, rows);
}

int exactflow_decode_f(const exactflow_model* m, const float* latents, size_t n, float* rows) {
  return decode(m, latents, n, rows);
}
