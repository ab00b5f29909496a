// One writer at a time: an output that takes hours is held by a lock file beside it, OUTPUT.lock,
// which the system lets go when its process ends, however it ends.
#pragma once
#include <string>

namespace flow {

class OutputLock {
 public:
  // Error(Exit::failed) naming the process that holds it. A file system without locks locks
  // nothing.
  explicit OutputLock(const std::string& output);
  ~OutputLock();
  OutputLock(const OutputLock&) = delete;
  OutputLock& operator=(const OutputLock&) = delete;

 private:
  std::string path_;
  int descriptor_ = -1;
};

}  // namespace flow
