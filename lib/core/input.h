// A file, or standard input, that is recognised by its first bytes: they can be looked at without
// being taken, so that a pipe is handed on whole to the reader of its format.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace flow {

class Input {
 public:
  // Owns the descriptor. The name is for messages.
  Input(int descriptor, std::string name);
  Input(Input&& other) noexcept;
  Input& operator=(Input&& other) noexcept;
  ~Input();

  // The next bytes, not taken: count of them, fewer only at the end. Valid until the next call.
  std::span<const std::byte> peek(std::size_t count);
  // The same of bytes that are there already: those of a pipe that waits are not waited for, but
  // for the first.
  std::span<const std::byte> peek_at_hand(std::size_t count);
  // Takes bytes, what was peeked first: count of them, fewer only at the end.
  std::size_t read(void* to, std::size_t count);
  // The same of bytes that are there: at least one, but at the end.
  std::size_t read_at_hand(void* to, std::size_t count);
  // Leaves out bytes, and returns how many were there.
  std::uint64_t skip(std::uint64_t count);

  const std::string& name() const { return name_; }
  int descriptor() const { return descriptor_; }
  // In bytes, for a regular file that is read from its first byte; such an input can be read at any
  // place by pread. Empty for pipes and the like.
  std::optional<std::uint64_t> size() const { return size_; }
  // Of such a file: the byte that is read next, from 0; and to another one.
  std::uint64_t place() const;
  void seek(std::uint64_t byte);

 private:
  std::size_t read_descriptor(void* to, std::size_t count) const;

  int descriptor_;
  std::string name_;
  std::optional<std::uint64_t> size_;
  std::vector<std::byte> head_;  // read but not yet taken: from taken_ on
  std::size_t taken_ = 0;
};

// "-" is standard input. Error(Exit::data) for a missing or empty file, a folder, no permission,
// and for gzip, zstd and xz, with the program to put in front.
Input open_input(const std::string& path);

// Goes to this byte of a regular file, which cannot fail.
void seek_file(int descriptor, std::uint64_t byte);

// An unnamed file in $TMPDIR, open for reading and writing; the caller closes it.
int open_unnamed_file();

// Writes all bytes to such a file. Error(Exit::failed): `complaint`, the reason, and what to do.
void write_unnamed(int descriptor, std::span<const std::byte> bytes, const std::string& complaint);

// The same bytes as a regular file: the input itself, or what is left of it in an unnamed file.
Input spooled(Input input);

}  // namespace flow
