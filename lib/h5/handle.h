// HDF5's identifiers and error codes as objects and exceptions; for the files of this folder only.
#pragma once
#include <hdf5.h>

#include <stdexcept>
#include <string>
#include <utility>

namespace flow {

// A call of HDF5 failed; the text is the innermost of its error stack. Every function that the rest
// of the library sees turns it into a flow::Error that names the file.
class Hdf5Failure : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Throws the failure on top of HDF5's error stack.
[[noreturn]] void throw_hdf5_failure();

template <class T>
T check(T result) {
  if (result < 0) throw_hdf5_failure();
  return result;
}

// Prepares the library, once, before its first other call: silent, without plugins and external
// links, and without what the environment would make it open.
void start_hdf5();

class Handle {
 public:
  using Close = herr_t (*)(hid_t);

  Handle() = default;
  Handle(hid_t id, Close closer) : id_(check(id)), close_(closer) {}
  Handle(Handle&& other) noexcept : id_(std::exchange(other.id_, -1)), close_(other.close_) {}
  Handle& operator=(Handle&& other) noexcept {
    std::swap(id_, other.id_);
    std::swap(close_, other.close_);
    return *this;
  }
  ~Handle() {
    if (id_ >= 0) close_(id_);
  }

  operator hid_t() const { return id_; }
  // Where something was written, closing may fail, and that must not pass unseen.
  void close() {
    if (id_ >= 0) check(close_(std::exchange(id_, -1)));
  }

 private:
  hid_t id_ = -1;
  Close close_ = nullptr;
};

}  // namespace flow
