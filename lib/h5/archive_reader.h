// An archive from a file into memory, digests verified; for the files of this folder only. All
// errors are Error(Exit::model) that name the file and the data set.
#pragma once
#include <string>

#include "core/error.h"
#include "core/input.h"
#include "h5/archive.h"
#include "h5/confined.h"
#include "h5/store.h"

namespace flow {

// Says which file and data set a failure is about.
struct Place {
  std::string file, name;

  [[noreturn]] void fail(const std::string& what) const {
    throw Error(Exit::model, file + ": " + (name.empty() ? "" : name + ": ") + what);
  }
  void require(bool holds, const std::string& what) const {
    if (!holds) fail(what);
  }
};

// own: written by ArchiveWriter, so that every part has its digest.
enum class Origin { own, foreign };

// Libhdf5 reads in this process.
ArchiveContent read_archive(Store store, const std::string& name, Origin origin = Origin::own);

// Whether libhdf5, reading in this process, finds this content there, and nothing else.
bool holds_archive(Store store, const std::string& name, const ArchiveContent& content);

// Libhdf5 reads a regular file in a confined child (h5/confined.h); what it hands over is verified
// here.
ArchiveContent read_archive_confined(const Input& input, Origin origin = Origin::own);

// The child's part of it, and the parent's: `size` is that of the file.
void put_archive(ConfinedSink& sink, Store store, const std::string& name,
                 Origin origin = Origin::own);
ArchiveContent take_archive(ConfinedStream& stream, const std::string& name, std::uint64_t size,
                            Origin origin = Origin::own);

}  // namespace flow
