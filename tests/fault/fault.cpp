// LD_PRELOAD library: the n-th call of one kind that concerns a file of the test fails.
//   FAULT_CALL=open|read|flip|write|fsync|close|rename  FAULT_AT=n  FAULT_UNDER=<folder>
//   FAULT_CALL=fork|seccomp_load|MPI_Testall            FAULT_AT=n, whatever it concerns
// It fails with EIO, a write with ENOSPC, a fork with EAGAIN; a flip is a read that succeeds with
// one bit that is another. That it happened is told by making the file FAULT_MARK, so that a script
// knows when n is beyond the calls that a program makes. Lock files and files that have been
// deleted are left alone, and so is the closing of what was only read: nothing can be lost there.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

std::atomic<long> calls = 0;

template <class F>
F next(F, const char* name) {
  return reinterpret_cast<F>(dlsym(RTLD_NEXT, name));
}

bool ends_with(const char* text, const char* end) {
  const std::size_t size = std::strlen(text), n = std::strlen(end);
  return size >= n && std::strcmp(text + size - n, end) == 0;
}

bool concerns(const char* path) {
  const char* under = std::getenv("FAULT_UNDER");
  return under && std::strncmp(path, under, std::strlen(under)) == 0 && !ends_with(path, ".lock") &&
         !ends_with(path, " (deleted)");
}

bool concerns(int descriptor) {
  char link[64], path[4096];
  std::snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  const ssize_t n = readlink(link, path, sizeof path - 1);
  if (n <= 0) return false;
  path[n] = 0;
  return concerns(path);
}

struct Anywhere {};
bool concerns(Anywhere) { return true; }

// True where this is the call that fails.
template <class Where>
bool fails(const char* call, Where where) {
  const char* kind = std::getenv("FAULT_CALL");
  const char* at = std::getenv("FAULT_AT");
  const char* mark = std::getenv("FAULT_MARK");
  if (!kind || !at || !mark || std::strcmp(kind, call) != 0 || !concerns(where)) return false;
  if (++calls != std::atol(at)) return false;
  const auto real_open = next(static_cast<int (*)(const char*, int, ...)>(nullptr), "open");
  real_open(mark, O_CREAT | O_WRONLY, 0666);
  errno = std::strcmp(call, "write") == 0 ? ENOSPC : std::strcmp(call, "fork") == 0 ? EAGAIN : EIO;
  return true;
}

// Relative names stand in the folder of the test.
bool fails_at(const char* call, const char* path) {
  char folder[4096], full[8192];
  if (path[0] == '/') return fails(call, path);
  if (!getcwd(folder, sizeof folder)) return false;
  std::snprintf(full, sizeof full, "%s/%s", folder, path);
  return fails(call, static_cast<const char*>(full));
}

}  // namespace

#pragma GCC visibility push(default)  // they stand in front of libc's
extern "C" {

int open(const char* path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  const mode_t mode = (flags & (O_CREAT | O_TMPFILE)) ? va_arg(more, mode_t) : 0;
  va_end(more);
  if (fails_at("open", path)) return -1;
  return next(static_cast<int (*)(const char*, int, ...)>(nullptr), "open")(path, flags, mode);
}

int open64(const char* path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  const mode_t mode = (flags & (O_CREAT | O_TMPFILE)) ? va_arg(more, mode_t) : 0;
  va_end(more);
  if (fails_at("open", path)) return -1;
  return next(static_cast<int (*)(const char*, int, ...)>(nullptr), "open64")(path, flags, mode);
}

ssize_t read(int d, void* to, size_t n) {
  if (fails("read", d)) return -1;
  return next(&read, "read")(d, to, n);
}

ssize_t pread(int d, void* to, size_t n, off_t at) {
  if (fails("read", d)) return -1;
  const ssize_t got = next(&pread, "pread")(d, to, n, at);
  if (got > 0 && fails("flip", d)) *static_cast<unsigned char*>(to) ^= 1;
  return got;
}

ssize_t pread64(int d, void* to, size_t n, off64_t at) {
  if (fails("read", d)) return -1;
  return next(&pread64, "pread64")(d, to, n, at);
}

ssize_t write(int d, const void* from, size_t n) {
  if (fails("write", d)) return -1;
  return next(&write, "write")(d, from, n);
}

ssize_t pwrite(int d, const void* from, size_t n, off_t at) {
  if (fails("write", d)) return -1;
  return next(&pwrite, "pwrite")(d, from, n, at);
}

ssize_t pwrite64(int d, const void* from, size_t n, off64_t at) {
  if (fails("write", d)) return -1;
  return next(&pwrite64, "pwrite64")(d, from, n, at);
}

ssize_t writev(int d, const iovec* pieces, int n) {
  if (fails("write", d)) return -1;
  return next(&writev, "writev")(d, pieces, n);
}

int fsync(int d) {
  if (fails("fsync", d)) return -1;
  return next(&fsync, "fsync")(d);
}

int close(int d) {
  const int flags = fcntl(d, F_GETFL);
  const auto real = next(&close, "close");
  if (flags < 0 || (flags & O_ACCMODE) == O_RDONLY || !fails("close", d)) return real(d);
  const int reason = errno;
  real(d);  // as the kernel does
  errno = reason;
  return -1;
}

int rename(const char* from, const char* to) {
  if (fails_at("rename", to)) return -1;
  return next(&rename, "rename")(from, to);
}

pid_t fork() {
  if (fails("fork", Anywhere{})) return -1;
  return next(&fork, "fork")();
}

// Of libseccomp and Open MPI, whose headers a test of other things need not have.
int seccomp_load(void* filter) {
  if (fails("seccomp_load", Anywhere{})) return -EIO;
  return next(&seccomp_load, "seccomp_load")(filter);
}

int MPI_Testall(int count, void** requests, int* done, void* statuses) {
  constexpr int other_error = 16;  // MPI_ERR_OTHER
  if (fails("MPI_Testall", Anywhere{})) return other_error;
  return next(&MPI_Testall, "MPI_Testall")(count, requests, done, statuses);
}

}  // extern "C"
