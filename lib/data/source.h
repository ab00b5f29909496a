// Rows from a file or a pipe of any format, and rows to one.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/rows.h"
#include "data/text.h"
#include "h5/writer.h"

namespace flow {

enum class Format { automatic, hdf5, npy, csv, tsv, raw, idx, png };

// "h5" (or "hdf5"), "npy", "csv", "tsv", "raw", "idx", "png", "auto". Error(Exit::usage).
Format parse_format(const std::string& name);

// By the extension of a file, whatever its case; `usual` where it has none, or is a pipe or the
// like. Error(Exit::usage) for an extension of no format.
Format format_of_name(const std::string& path, Format usual);

struct Source {
  std::string path =
      "-";  // FILE, FILE.h5:/data/set, a folder of PNG files, or "-" for standard input
  Format format = Format::automatic;        // found out from the first bytes; raw only on request
  std::size_t columns = 0;                  // of raw: numbers in a row
  std::string dtype = "f4";                 // of raw, as in numpy: f4 f8 i2 >f4 ...
  Vocabulary vocabulary = {};               // of text and HDF5
  std::vector<std::string> preferred = {};  // data sets, where the path names none
  std::uint64_t max_bytes = std::uint64_t{1} << 44;  // what an HDF5 data set may declare
  bool trusted = false;                              // h5/reader.h
};

// Error(Exit::data) for what is wrong with the input, Error(Exit::usage) with the request.
std::unique_ptr<RowReader> open_rows(const Source& source);

struct Sink {
  std::string path = "-";             // "-" is standard output; of PNG images a folder
  Format format = Format::automatic;  // from the extension, else HDF5
  bool replace = false;
  bool as_float = true;   // float32, and in text the shortest number for it; else float64
  bool as_bytes = false;  // unsigned bytes, of HDF5 and IDX, where all numbers are 0 to 255
  std::string dataset = "x";
  std::vector<Hdf5Part> parts = {};  // of HDF5, instead: h5/writer.h
  // Of the rows: columns, dims (empty: {columns}), names (of text, a header line), rows if known.
  RowShape shape = {};
  decltype(Hdf5Spec::attributes) attributes = {};  // of HDF5
};

// What open_rows reads. Binary formats are refused on a terminal (Exit::usage).
std::unique_ptr<RowWriter> create_rows(const Sink& sink);

}  // namespace flow
