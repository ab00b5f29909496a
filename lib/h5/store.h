// Where the bytes of an HDF5 file lie: our own virtual file driver, for the files of this folder
// only. HDF5 opens no path and takes no lock itself: it reads an open descriptor or memory, and
// writes memory. So the head of a pipe is read as if it were the file, a read past it is noticed,
// and no file can name another one to be opened.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "h5/handle.h"

namespace flow {

// Must stay in place, and outlive the file that is open in it.
struct Store {
  int descriptor = -1;                        // reading: of a regular file, or -1
  std::span<const std::byte> memory = {};     // reading: used when there is no descriptor
  std::uint64_t size = 0;                     // reading: how many bytes there are
  std::vector<std::byte>* written = nullptr;  // writing: grows; of rows
  std::uint64_t kept = UINT64_MAX;            // what lies from here on is dropped

  std::uint64_t declared = 0;  // the end of the file as the file says, once it is open
  bool beyond = false;         // a read went past size
};

Handle open_store(Store& store);
// Files in the format of HDF5 1.8, whose metadata carry checksums, without times: equal content has
// equal bytes.
Handle create_store(Store& store);

}  // namespace flow
