#include "core/parallel.h"

#include <atomic>
#include <cstdint>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace flow {

namespace {

thread_local bool inside = false;  // a call of for_each_block

using Call = void (*)(void*, std::size_t, std::size_t);

// Yields for some tens of microseconds, the usual gap between two jobs, before it sleeps.
template <class T>
void wait_while(const std::atomic<T>& value, T old) {
  for (int i = 0; i < 64; ++i) {
    if (value.load(std::memory_order_acquire) != old) return;
    std::this_thread::yield();
  }
  value.wait(old, std::memory_order_acquire);
}

// A job is taken call by call from `ticket` = (generation << 32) + calls left. Its fields change
// only when all its calls have ended, so they may be read by who has taken one, and by nobody
// before: a worker that wakes late finds none left, or another generation.
class Pool {
 public:
  ~Pool() {
    stopping_ = true;
    ticket_.fetch_add(generation_step, std::memory_order_release);
    ticket_.notify_all();
    for (auto& w : workers_) w.join();
  }

  void run(std::size_t count, std::size_t threads, Call call, void* f) {
    hire(threads - 1);
    call_ = call, f_ = f, count_ = count, threads_ = threads;
    failure_ = nullptr;
    done_.store(0, std::memory_order_relaxed);
    const std::uint64_t generation = ticket_.load() / generation_step + 1;
    ticket_.store(generation * generation_step + count, std::memory_order_release);
    ticket_.notify_all();
    work(0, generation);
    for (std::size_t d; (d = done_.load(std::memory_order_acquire)) < count;) wait_while(done_, d);
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  static constexpr std::uint64_t generation_step = std::uint64_t{1} << 32;

  // Returns when each has come as far as its first wait: a thread that is being started may hold a
  // lock of an allocator, for ever in a child forked meanwhile.
  void hire(std::size_t workers) {
    while (workers_.size() < workers)
      workers_.emplace_back([this, id = workers_.size() + 1] { serve(id); });
    for (std::size_t s; (s = started_.load(std::memory_order_acquire)) < workers_.size();)
      wait_while(started_, s);
  }

  void serve(std::size_t id) {
    inside = true;
    started_.fetch_add(1, std::memory_order_acq_rel);
    started_.notify_all();
    std::uint64_t seen = 0;
    while (true) {
      std::uint64_t t = ticket_.load(std::memory_order_acquire);
      while (t / generation_step == seen) {
        wait_while(ticket_, t);
        t = ticket_.load(std::memory_order_acquire);
      }
      if (stopping_) return;
      seen = t / generation_step;
      if (id < threads_) work(id, seen);
    }
  }

  void work(std::size_t id, std::uint64_t generation) {
    std::uint64_t t = ticket_.load(std::memory_order_acquire);
    while (t / generation_step == generation) {
      const std::size_t left = t % generation_step;
      if (left == 0) return;
      if (!ticket_.compare_exchange_weak(t, t - 1, std::memory_order_acq_rel)) continue;
      // The job cannot end before this call: only now do its fields stand still.
      const std::size_t count = count_;
      try {
        call_.load()(f_, count - left, id);
      } catch (...) {
        const std::lock_guard lock(failure_mutex_);
        if (!failure_) failure_ = std::current_exception();
      }
      if (done_.fetch_add(1, std::memory_order_acq_rel) + 1 == count) done_.notify_all();
      t = ticket_.load(std::memory_order_acquire);
    }
  }

  std::vector<std::thread> workers_;
  std::atomic<bool> stopping_ = false;
  std::atomic<std::uint64_t> ticket_ = 0;
  std::atomic<std::size_t> started_ = 0, done_ = 0, count_ = 0, threads_ = 0;
  std::atomic<Call> call_ = nullptr;
  std::atomic<void*> f_ = nullptr;
  std::mutex failure_mutex_;
  std::exception_ptr failure_;
};

}  // namespace

void run_in_pool(std::size_t count, std::size_t threads, Call call, void* f) {
  if (threads <= 1 || count <= 1 || inside) {
    for (std::size_t i = 0; i < count; ++i) call(f, i, 0);
    return;
  }
  static Pool pool;
  struct Inside {
    Inside() { inside = true; }
    ~Inside() { inside = false; }
  } guard;
  pool.run(count, threads < count ? threads : count, call, f);
}

}  // namespace flow
