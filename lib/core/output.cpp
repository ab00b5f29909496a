#include "core/output.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cassert>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <utility>

#include "core/error.h"

namespace flow {

namespace {

const char* remedy(int number) {
  switch (number) {
    case ENOENT:
      return "; make its folder first";
    case EISDIR:
      return "; name a file in it";
    case EIO:
      return "; check the disk";
    case ENOSPC:
    case EDQUOT:
      return "; make room, or name another place";
    case EACCES:
    case EROFS:
      return "; name a place that you may write to";
    default:
      return "";
  }
}

std::string named(const std::string& path) { return path == "-" ? "standard output" : path; }

[[noreturn]] void fail(const std::string& path, const std::string& what, int number) {
  throw Error(number == EPIPE ? Exit::closed : Exit::failed,
              named(path) + ": " + what + ": " + std::strerror(number) + remedy(number));
}

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash + 1);
}

// Renaming over a symbolic link would replace the link, not the file it stands for.
std::string without_links(const std::string& path) {
  char* real = realpath(path.c_str(), nullptr);
  const std::string resolved = real ? real : path;
  std::free(real);
  return resolved;
}

// Temporaries of this machine's dead processes: "<start><process>[-<attempt>].tmp".
void remove_stale(const std::string& folder, const std::string& start) {
  DIR* const entries = opendir(folder.c_str());
  if (!entries) return;
  while (const dirent* e = readdir(entries)) {
    const std::string name = e->d_name;
    if (!name.starts_with(start) || !name.ends_with(".tmp")) continue;
    pid_t process = 0;
    std::from_chars(name.data() + start.size(), name.data() + name.size(), process);
    if (process > 0 && kill(process, 0) != 0 && errno == ESRCH)
      unlinkat(dirfd(entries), name.c_str(), 0);
  }
  closedir(entries);
}

// Opens a new file beside path under a name that says which process of which machine left it.
int open_temporary(const std::string& path, std::string& name) {
  const std::string folder = folder_of(path);
  const std::string base = path.substr(folder == "." ? 0 : folder.size()).substr(0, 128);
  const std::string start = "." + base + "." + host_name() + ".";
  remove_stale(folder, start);
  for (int attempt = 0;; ++attempt) {
    name = (folder == "." ? "" : folder) + start + std::to_string(getpid()) +
           (attempt ? "-" + std::to_string(attempt) : "") + ".tmp";
    const int descriptor = open(name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor >= 0 || errno != EEXIST || attempt == 100) return descriptor;
  }
}

int open_stream(const std::string& path) {
  if (path == "-" || path == "/dev/stdout") return fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
  return open(path.c_str(), O_WRONLY | O_CLOEXEC);
}

// Names of temporaries for a signal handler: plain memory that is never freed.
struct Listed {
  std::atomic<bool> taken = false, live = false;
  std::array<char, 4096> name{};
};
std::array<Listed, 16> listed;

std::size_t list(const std::string& name) {
  for (std::size_t i = 0; i < listed.size(); ++i) {
    if (name.size() >= listed[i].name.size() || listed[i].taken.exchange(true)) continue;
    std::copy_n(name.c_str(), name.size() + 1, listed[i].name.data());
    listed[i].live = true;
    return i + 1;
  }
  return 0;  // one too many: it stays if a signal comes, and goes with the next run
}

void unlist(std::size_t place) {
  if (place > 0) listed[place - 1].live = false, listed[place - 1].taken = false;
}

}  // namespace

void remove_temporaries() {
  for (const Listed& l : listed)
    if (l.live) unlink(l.name.data());
}

std::string host_name() {
  std::array<char, 65> host{};
  gethostname(host.data(), host.size() - 1);
  return host.data();
}

OutputFile::OutputFile(std::string path, bool replace) : path_(std::move(path)) {
  struct stat s {};
  const bool exists = path_ != "-" && stat(path_.c_str(), &s) == 0;
  if (exists && S_ISDIR(s.st_mode)) fail(path_, "cannot be written", EISDIR);
  if (is_special(path_)) {
    descriptor_ = open_stream(path_);
  } else {
    require(!exists || replace, Exit::usage, path_ + ": exists; use -f to overwrite it");
    if (exists) path_ = without_links(path_);
    descriptor_ = open_temporary(path_, temporary_);
    if (descriptor_ >= 0) listed_ = list(temporary_);
    // What others may not read stays so; on file systems without permissions there are none.
    if (descriptor_ >= 0 && exists && fchmod(descriptor_, s.st_mode & 0777) != 0 &&
        errno != EPERM && errno != ENOSYS && errno != EOPNOTSUPP)
      fail(path_, "cannot be written", errno);
  }
  if (descriptor_ < 0) fail(path_, "cannot be written", errno);
}

OutputFile::~OutputFile() {
  if (!temporary_.empty()) unlink(temporary_.c_str());
  if (descriptor_ >= 0) close(descriptor_);
  unlist(listed_);
}

void OutputFile::write(const void* bytes, std::size_t count) {
  const char* from = static_cast<const char*>(bytes);
  while (count > 0) {
    const ssize_t n = ::write(descriptor_, from, count);
    if (n < 0 && errno != EINTR) fail(path_, "cannot be written", errno);
    if (n <= 0) continue;
    from += n;
    count -= static_cast<std::size_t>(n);
  }
}

void OutputFile::rewrite(const void* bytes, std::size_t count) {
  assert(!is_stream());
  lseek(descriptor_, 0, SEEK_SET);
  write(bytes, count);
}

void OutputFile::sync() {
  if (fsync(descriptor_) != 0) fail(path_, "cannot be written", errno);
}

std::string OutputFile::name() const { return named(path_); }

void OutputFile::commit() {
  if (!is_stream()) sync();
  if (close(std::exchange(descriptor_, -1)) != 0) fail(path_, "cannot be closed", errno);
  if (is_stream()) return;
  if (rename(temporary_.c_str(), path_.c_str()) != 0) fail(path_, "cannot be renamed", errno);
  temporary_.clear();
  unlist(std::exchange(listed_, 0));
  // The rename lasts over a power failure only when the folder is on the disk too.
  const int folder = open(folder_of(path_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  // A folder that may be written and not read cannot be opened; some file systems sync none.
  const bool synced = folder < 0 ? errno == EACCES : fsync(folder) == 0 || errno == EINVAL;
  const int number = errno;
  if (folder >= 0) close(folder);
  if (!synced) fail(path_, "its folder cannot be synced", number);
}

bool is_special(const std::string& path) {
  // The standard streams keep the place in the file that the shell opened for them.
  if (path == "-" || path.starts_with("/dev/std") || path.starts_with("/dev/fd/") ||
      path.starts_with("/proc/"))
    return true;
  struct stat s {};
  return stat(path.c_str(), &s) == 0 && !S_ISREG(s.st_mode) && !S_ISDIR(s.st_mode);
}

bool is_same_file(const std::string& a, const std::string& b) {
  namespace fs = std::filesystem;
  const auto place = [](const std::string& path) {
    std::error_code failed;
    const fs::path whole = fs::weakly_canonical(fs::absolute(path, failed), failed);
    return failed ? fs::path(path) : whole;
  };
  return !a.empty() && !b.empty() && !is_special(a) && !is_special(b) && place(a) == place(b);
}

bool is_terminal(const std::string& path) {
  if (path == "-" || path == "/dev/stdout") return isatty(STDOUT_FILENO) == 1;
  struct stat s {};
  if (stat(path.c_str(), &s) != 0 || !S_ISCHR(s.st_mode)) return false;
  const int descriptor = open(path.c_str(), O_WRONLY | O_NOCTTY | O_CLOEXEC);
  const bool is = descriptor >= 0 && isatty(descriptor) == 1;
  if (descriptor >= 0) close(descriptor);
  return is;
}

void refuse_terminal(const std::string& path, const std::string& what) {
  require(!is_terminal(path), Exit::usage, named(path) + ": is a terminal, and " + what);
}

void check_writable(const std::string& path, bool replace) {
  // Opening a pipe and closing it would end its reader.
  if (!is_special(path)) const OutputFile probe(path, replace);
}

}  // namespace flow
