#include "core/input.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <utility>

#include "core/error.h"

namespace flow {

namespace {

constexpr std::size_t block = std::size_t{1} << 16;  // a Linux pipe holds as much

std::string reason() { return std::strerror(errno); }

void refuse_compressed(Input& input, bool standard) {
  struct Packer {
    std::string_view magic, program;
  };
  constexpr std::array<Packer, 3> packers{{{"\x1f\x8b", "zcat"},
                                           {"\x28\xb5\x2f\xfd", "zstdcat"},
                                           {"\xfd"
                                            "7zXZ",
                                            "xzcat"}}};
  const std::span<const std::byte> head = input.peek(8);
  const std::string_view first(reinterpret_cast<const char*>(head.data()), head.size());
  for (const Packer& p : packers)
    require(!first.starts_with(p.magic), Exit::data,
            input.name() + ": is compressed; unpack it in front: " + std::string(p.program) +
                (standard ? " FILE" : " " + input.name()) + " | ...");
}

// What a regular file that stands at its first byte holds.
std::optional<std::uint64_t> regular_size(int descriptor) {
  struct stat s {};
  if (fstat(descriptor, &s) != 0 || !S_ISREG(s.st_mode)) return {};
  if (lseek(descriptor, 0, SEEK_CUR) != 0) return {};
  return static_cast<std::uint64_t>(s.st_size);
}

}  // namespace

Input::Input(int descriptor, std::string name)
    : descriptor_(descriptor), name_(std::move(name)), size_(regular_size(descriptor)) {}

Input::Input(Input&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      name_(std::move(other.name_)),
      size_(other.size_),
      head_(std::move(other.head_)),
      taken_(other.taken_) {}

Input& Input::operator=(Input&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(name_, other.name_);
  std::swap(size_, other.size_);
  std::swap(head_, other.head_);
  std::swap(taken_, other.taken_);
  return *this;
}

Input::~Input() {
  if (descriptor_ >= 0) close(descriptor_);
}

std::size_t Input::read_descriptor(void* to, std::size_t count) const {
  for (;;) {
    const ssize_t n = ::read(descriptor_, to, count);
    if (n >= 0) return static_cast<std::size_t>(n);
    require(errno == EINTR, Exit::data, name_ + ": cannot be read: " + reason());
  }
}

std::span<const std::byte> Input::peek(std::size_t count) {
  if (head_.size() - taken_ < count) {
    head_.erase(head_.begin(), head_.begin() + static_cast<std::ptrdiff_t>(taken_));
    taken_ = 0;
  }
  while (head_.size() - taken_ < count) {
    // At least a block, so that a peek at eight bytes is not a system call for eight bytes.
    const std::size_t held = head_.size(), room = std::max(count, block) - held;
    head_.resize(held + room);
    std::size_t n = 0;
    try {
      n = read_descriptor(head_.data() + held, room);
    } catch (...) {
      head_.resize(held);
      throw;
    }
    head_.resize(held + n);
    if (n == 0) break;
  }
  return std::span<const std::byte>(head_).subspan(taken_, std::min(count, head_.size() - taken_));
}

std::span<const std::byte> Input::peek_at_hand(std::size_t count) {
  return peek(size_ ? count : std::clamp<std::size_t>(head_.size() - taken_, 1, count));
}

std::size_t Input::read_at_hand(void* to, std::size_t count) {
  const std::size_t held = head_.size() - taken_;
  return held > 0 ? read(to, std::min(held, count)) : read_descriptor(to, count);
}

std::size_t Input::read(void* to, std::size_t count) {
  std::byte* bytes = static_cast<std::byte*>(to);
  std::size_t done = std::min(count, head_.size() - taken_);
  if (done > 0) std::memcpy(bytes, head_.data() + taken_, done);
  taken_ += done;
  while (done < count) {
    const std::size_t n = read_descriptor(bytes + done, count - done);
    if (n == 0) break;
    done += n;
  }
  return done;
}

std::uint64_t Input::skip(std::uint64_t count) {
  std::uint64_t done = std::min<std::uint64_t>(count, head_.size() - taken_);
  taken_ += static_cast<std::size_t>(done);
  std::vector<std::byte> buffer(done < count ? block : 0);
  while (done < count) {
    const std::size_t n =
        read(buffer.data(), static_cast<std::size_t>(std::min<std::uint64_t>(count - done, block)));
    if (n == 0) break;
    done += n;
  }
  return done;
}

std::uint64_t Input::place() const {
  const off_t ahead = lseek(descriptor_, 0, SEEK_CUR);
  assert(ahead >= 0);
  return static_cast<std::uint64_t>(ahead) - (head_.size() - taken_);
}

void Input::seek(std::uint64_t byte) {
  head_.clear(), taken_ = 0;
  seek_file(descriptor_, byte);
}

Input open_input(const std::string& path) {
  const bool standard = path == "-";
  const std::string name = standard ? "standard input" : path;
  const int descriptor =
      standard ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3) : open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0 && errno == ENOENT && !standard)
    throw Error(Exit::data, name + ": there is no such file; check the name");
  require(descriptor >= 0, Exit::data, name + ": cannot be opened: " + reason());
  Input input(descriptor, name);
  struct stat s {};
  require(fstat(descriptor, &s) != 0 || !S_ISDIR(s.st_mode), Exit::data,
          name + ": is a folder; name a file in it");
  require(!input.peek(1).empty(), Exit::data,
          name + ": is empty; check what should have written it");
  refuse_compressed(input, standard);
  return input;
}

void seek_file(int descriptor, std::uint64_t byte) {
  [[maybe_unused]] const off_t at = lseek(descriptor, static_cast<off_t>(byte), SEEK_SET);
  assert(at == static_cast<off_t>(byte));
}

int open_unnamed_file() {
  const char* wanted = std::getenv("TMPDIR");
  const std::string folder = wanted && *wanted ? wanted : "/tmp";
  int descriptor = open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (descriptor < 0) {  // some file systems (NFS, overlays) have no O_TMPFILE
    std::string name = folder + "/.flow-XXXXXX";
    descriptor = mkostemp(name.data(), O_CLOEXEC);
    if (descriptor >= 0) unlink(name.c_str());
  }
  require(descriptor >= 0, Exit::failed,
          folder + ": no temporary file can be made: " + reason() +
              "; set TMPDIR to a folder with room");
  return descriptor;
}

void write_unnamed(int descriptor, std::span<const std::byte> bytes, const std::string& complaint) {
  while (!bytes.empty()) {
    const ssize_t n = write(descriptor, bytes.data(), bytes.size());
    require(n > 0 || errno == EINTR, Exit::failed,
            complaint + ": " + reason() + "; set TMPDIR to a folder with room");
    if (n > 0) bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
}

Input spooled(Input input) {
  if (input.size()) return input;
  const int descriptor = open_unnamed_file();
  Input spool(descriptor, input.name());
  std::vector<std::byte> buffer(block);
  while (const std::size_t n = input.read(buffer.data(), block))
    write_unnamed(descriptor, {buffer.data(), n},
                  input.name() + ": cannot be kept in a temporary file");
  seek_file(descriptor, 0);
  return Input(fcntl(descriptor, F_DUPFD_CLOEXEC, 3), input.name());  // its size is known only now
}

}  // namespace flow
