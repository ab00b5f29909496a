// Readers of rows that were found in a file. For the files of this folder only.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>

#include "core/input.h"
#include "h5/confined.h"
#include "h5/dataset.h"
#include "h5/store.h"

namespace flow {

// A file and the data set chosen in it. `end` of the file as it says itself.
struct Found {
  Handle file;
  Hdf5Dataset dataset;
  std::uint64_t end = 0;
};

// Turns an Hdf5Failure, whose words name no file, into an Error(Exit::data).
template <class F>
auto with_file_name(const std::string& file, F f) {
  try {
    return f();
  } catch (const Hdf5Failure& e) {
    throw Error(Exit::data, file + ": cannot be read as HDF5: " + e.what() + "; copy it again");
  }
}

// In one piece: from the bytes themselves, whether file or pipe; HDF5 only converts. The input
// stands at the file's first byte.
std::unique_ptr<RowReader> contiguous_rows(Input input, StoredRows stored, std::uint64_t end);

// In chunks, packed or not: through HDF5. The store is the one that the file is open in; the input
// owns its descriptor.
std::unique_ptr<RowReader> chunked_rows(Input input, std::unique_ptr<Store> store, Found found);

// What another process has found, and what it reads in chunks, as it is stored.
void put_found(ConfinedSink& sink, const StoredRows& stored, std::uint64_t end);
void put_found_and_rows(ConfinedSink& sink, std::unique_ptr<Store> store, Found found);
// Error(Exit::data) for a description that is not consistent, or of more than max_bytes.
StoredRows take_found(ConfinedStream& stream, std::uint64_t max_bytes, std::uint64_t& end);
std::unique_ptr<RowReader> taken_rows(std::unique_ptr<ConfinedStream> stream, StoredRows stored);

// Of a data set that holds `held` bytes of what it should.
[[noreturn]] void refuse_truncated(const StoredRows& stored, std::uint64_t held);
std::string bytes_short(std::uint64_t n);

}  // namespace flow
