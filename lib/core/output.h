// A file that appears whole or not at all: written under a temporary name in the same folder,
// fsynced, renamed. /dev/stdout, pipes and other special files are written straight. A temporary
// that a killed process of this machine left is removed when the same output is opened again.
#pragma once
#include <cstddef>
#include <string>

namespace flow {

class OutputFile {
 public:
  // "-" is stdout. An existing regular file is refused unless replace is set.
  OutputFile(std::string path, bool replace);
  ~OutputFile();  // without commit: the temporary is removed, the old file stays
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  int descriptor() const { return descriptor_; }
  bool is_stream() const { return temporary_.empty(); }  // a pipe or the like: no seeking back
  const std::string& written_path() const { return temporary_; }  // for libraries that want a name
  const std::string& path() const { return path_; }
  std::string name() const;  // for messages: the path, or "standard output"

  // All of it, or an Error: Exit::closed for a closed pipe, Exit::failed with the reason otherwise.
  void write(const void* bytes, std::size_t count);
  // The same over what a regular file begins with.
  void rewrite(const void* bytes, std::size_t count);
  // Until it is on the disk.
  void sync();
  // sync, close, rename, fsync of the folder; each checked.
  void commit();

 private:
  std::string path_, temporary_;
  std::size_t listed_ = 0;  // where remove_temporaries finds it, from 1
  int descriptor_ = -1;
};

// The name of this machine, as in the names of temporary files.
std::string host_name();

// Unlinks what is not committed yet; safe in a signal handler that ends the process.
void remove_temporaries();

// A standard stream, a pipe, a device: read once, or written straight, and nothing can stand beside
// it.
bool is_special(const std::string& path);

// Whether both name one file, there or not; never of what is special.
bool is_same_file(const std::string& a, const std::string& b);

// Whether what is written there shows on a terminal.
bool is_terminal(const std::string& path);
// Error(Exit::usage): "PATH: is a terminal, and WHAT".
void refuse_terminal(const std::string& path, const std::string& what);

// Fails now, and not after hours of work, where OutputFile would fail to open.
void check_writable(const std::string& path, bool replace);

}  // namespace flow
