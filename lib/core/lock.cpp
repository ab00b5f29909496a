#include "core/lock.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "core/error.h"
#include "core/output.h"

namespace flow {

namespace {

// The holder removes its file when it ends: what was opened may be a name no more.
bool still_there(const std::string& path, int descriptor) {
  struct stat named {
  }, opened{};
  return stat(path.c_str(), &named) == 0 && fstat(descriptor, &opened) == 0 &&
         named.st_ino == opened.st_ino && named.st_dev == opened.st_dev;
}

std::string content(int descriptor) {
  std::array<char, 200> text{};
  const ssize_t n = pread(descriptor, text.data(), text.size(), 0);
  return n > 0 ? std::string(text.data(), static_cast<std::size_t>(n)) : "another process";
}

}  // namespace

OutputLock::OutputLock(const std::string& output) : path_(output + ".lock") {
  while (descriptor_ < 0) {
    const int opened = open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
    require(opened >= 0, Exit::failed, path_ + ": cannot be written: " + std::strerror(errno));
    // Of the process, unlike flock: a forked child does not hold it for a parent that has died.
    struct flock whole {};
    whole.l_type = F_WRLCK, whole.l_whence = SEEK_SET;
    if (fcntl(opened, F_SETLK, &whole) != 0 && (errno == EACCES || errno == EAGAIN)) {
      const std::string holder = content(opened);
      close(opened);
      throw Error(Exit::failed, output + ": is being written by " + holder +
                                    "; wait for it, or name another output");
    }
    if (still_there(path_, opened))
      descriptor_ = opened;
    else
      close(opened);
  }
  const std::string holder = "process " + std::to_string(getpid()) + " on " + host_name();
  if (ftruncate(descriptor_, 0) != 0 || pwrite(descriptor_, holder.data(), holder.size(), 0) < 0) {
    // Only the message to a second writer is the poorer.
  }
}

OutputLock::~OutputLock() {
  if (still_there(path_, descriptor_)) unlink(path_.c_str());
  close(descriptor_);
}

}  // namespace flow
