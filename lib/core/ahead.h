// One call in a thread of its own, beside the pool (core/parallel.h): rows are read ahead while
// others are trained on.
#pragma once
#include <pthread.h>
#include <signal.h>

#include <future>
#include <utility>

namespace flow {

// What f returns or throws comes out of get(); the destructor waits for its end. Signals are the
// main thread's: the new one takes none.
template <class F>
auto ahead(F f) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  struct Restore {
    const sigset_t& mask;
    ~Restore() { pthread_sigmask(SIG_SETMASK, &mask, nullptr); }
  } restore{before};
  return std::async(std::launch::async, std::move(f));
}

}  // namespace flow
