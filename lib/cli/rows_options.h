// The options of every program that reads rows, or writes them.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "cli/program.h"
#include "data/policy.h"
#include "data/source.h"
#include "model/rows.h"

namespace flow::cli {

// What an operand of rows names: FILE, FILE.h5:/data/set, "-", a pattern of such files, or several,
// which are one set.
struct Files {
  Files() = default;
  Files(std::string name) : names{std::move(name)} {}
  std::vector<std::string> names = {};  // none: standard input

  bool standard() const;                 // whether that is among them
  std::vector<std::string> all() const;  // patterns replaced by what they match
};

class InputOptions {
 public:
  void add_to(Program& program);
  void add_line_buffered_to(Program& program);
  // But --on-nan, for programs that take all rows.
  void add_source_to(Program& program);
  // Refuses what only rows of a file need, where none are read. --trusted is for models too.
  static void refuse(const Program& program, const std::string& why);

  // preferred: data sets to take where none is named. A terminal as standard input is refused, with
  // what to do.
  std::unique_ptr<RowReader> open_all(const Files& files, std::vector<std::string> preferred = {},
                                      Vocabulary vocabulary = {}) const;
  // The columns of --columns.
  std::unique_ptr<RowReader> open_selected(const Files& files,
                                           std::vector<std::string> preferred = {},
                                           Vocabulary vocabulary = {}) const;
  // Rows with NaN go by --on-nan, but for missing cells in the first `may_miss` columns.
  std::unique_ptr<FiniteRows> finite(std::unique_ptr<RowReader> rows,
                                     std::size_t may_miss = 0) const;
  // Rows to be read, worked on and written at a time: of --line-buffered one.
  std::size_t block() const { return line_buffered_ ? 1 : stream_rows; }
  // Hands on what was written, with --line-buffered.
  void flush(RowWriter& out) const {
    if (line_buffered_) out.flush();
  }
  const std::string& selection() const { return selection_; }
  std::uint64_t max_bytes() const { return max_bytes_.value; }
  bool trusted() const { return trusted_; }  // HDF5 files, models included: h5/reader.h
  // Whether rows may be left out, so that fewer arrive than the input promises.
  bool skips() const { return on_nan_ == "skip"; }
  bool keeps_nan() const { return on_nan_ == "keep"; }

 private:
  std::string format_ = "auto", selection_, dtype_ = "f4", on_nan_ = "fail";
  std::size_t raw_columns_ = 0;
  Bytes max_bytes_{std::uint64_t{1} << 36};
  bool trusted_ = false, line_buffered_ = false;
};

class OutputOptions {
 public:
  // usual: the format where none is asked for, and the file has no extension; where that is text
  // what is written are scores.
  void add_to(Program& program, Format usual = Format::hdf5);
  static void refuse(const Program& program, const std::string& why);
  // suffix: behind the name of a file, whose extension gives the format. A terminal takes no
  // binary. While rows are written a line on stderr says how far they are.
  std::unique_ptr<RowWriter> create(const RowShape& shape, const std::string& suffix = "") const;
  // Numbers as they were read, of a reader's shape: bytes where there are such in the format, else
  // float32 where that holds them, else float64. parts: of HDF5 (h5/writer.h).
  std::unique_ptr<RowWriter> create_exact(const RowShape& shape,
                                          std::vector<Hdf5Part> parts = {}) const;
  // Whether rows have somewhere to go: with a picture and a terminal the picture is all that is
  // made.
  bool wanted_beside(const std::string& picture) const;
  const std::string& path() const { return path_; }
  Format format() const;  // asked for, or that of the extension, or the usual one
  bool replaces() const { return replace_; }
  bool is_text() const { return format() == Format::csv || format() == Format::tsv; }
  bool is_raw() const { return format() == Format::raw; }

 private:
  Sink sink(const RowShape& shape) const;
  std::unique_ptr<RowWriter> watched(const Sink& sink) const;

  const Program* program_ = nullptr;
  std::string path_ = "-", format_ = "auto";
  Format usual_ = Format::hdf5;
  bool replace_ = false;
};

}  // namespace flow::cli
