#include "cli/rows_options.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "cli/progress.h"
#include "data/select.h"
#include "data/several.h"

namespace flow::cli {

namespace {

// Whether a line may be redrawn on the terminal while rows go to stdout: not where they stand there
// too, nor in a pipeline, whose programs would draw over each other.
bool may_draw() {
  struct stat of {};
  return fstat(STDOUT_FILENO, &of) != 0 || !(S_ISFIFO(of.st_mode) || isatty(STDOUT_FILENO));
}

class WatchedWriter : public RowWriter {
 public:
  WatchedWriter(std::unique_ptr<RowWriter> rows, std::string path, const RowShape& shape,
                Progress progress)
      : rows_(std::move(rows)),
        path_(std::move(path)),
        columns_(shape.columns),
        total_(shape.rows),
        progress_(std::move(progress)) {}

  void write(std::span<const double> values) override {
    rows_->write(values);
    done_ += values.size() / columns_;
    if (!progress_.due()) return;
    const std::string of = total_ ? " of " + std::to_string(*total_) : "";
    progress_.show(done_, total_, {}, std::to_string(done_) + of + " rows");
  }
  void flush() override { rows_->flush(); }
  void set_words(const Words& words) override { rows_->set_words(words); }
  void finish() override {
    progress_.clear();
    require(!total_ || done_ == *total_, Exit::data,
            (path_ == "-" ? "standard output" : path_) + ": " + std::to_string(done_) + " of " +
                std::to_string(*total_) +
                " rows came; the input has changed meanwhile: run it again");
    rows_->finish();
  }

 private:
  std::unique_ptr<RowWriter> rows_;
  std::string path_;
  std::size_t columns_, done_ = 0;
  std::optional<std::uint64_t> total_;
  Progress progress_;
};

}  // namespace

void InputOptions::add_to(Program& p) {
  add_source_to(p);
  p.choice("--on-nan", on_nan_, "WHAT", {"fail", "skip", "keep"},
           "with rows that hold NaN or infinite numbers (default fail)");
}

void InputOptions::add_line_buffered_to(Program& p) {
  p.flag("--line-buffered", line_buffered_,
         "answer each row as it arrives: for a pipe whose rows trickle in");
}

void InputOptions::add_source_to(Program& p) {
  p.section("Input");
  p.choice("--format", format_, "FORMAT", {"auto", "h5", "npy", "csv", "tsv", "idx", "png", "raw"},
           "of the input; auto looks at its first bytes, raw must be asked for");
  p.option("--columns", selection_, "LIST", "columns to take, by name or number from 1: a,c-f,7");
  p.option("--raw-columns", raw_columns_, "D", "numbers in a row of raw input");
  p.option("--dtype", dtype_, "TYPE",
           "of raw input, as in numpy: f4, f8, >f4, u1 ... (default f4)");
  p.option("--max-bytes", max_bytes_, "SIZE",
           "that the input may take in memory or declare: 512M, 4G (default 64G)");
  p.flag("--trusted", trusted_, "read HDF5 files without a confined process: they are your own");
  p.rule([this, &p] {
    if (format_ != "raw") p.refuse({"raw-columns", "dtype"}, "is for --format raw");
  });
}

void InputOptions::refuse(const Program& p, const std::string& why) {
  p.refuse({"format", "columns", "raw-columns", "dtype", "max-bytes", "on-nan"}, why);
}

bool Files::standard() const {
  return names.empty() || std::find(names.begin(), names.end(), "-") != names.end();
}

std::vector<std::string> Files::all() const {
  if (names.empty()) return {"-"};
  std::vector<std::string> found;
  for (const std::string& name : names)
    for (std::string& file : matching_files(name)) found.push_back(std::move(file));
  return found;
}

std::unique_ptr<RowReader> InputOptions::open_all(const Files& files,
                                                  std::vector<std::string> preferred,
                                                  Vocabulary vocabulary) const {
  require(!files.standard() || !isatty(STDIN_FILENO), Exit::usage,
          "standard input is a terminal; name a file or pipe rows in");
  Source source;
  source.format = parse_format(format_);
  source.columns = raw_columns_, source.dtype = dtype_;
  source.preferred = std::move(preferred);
  source.max_bytes = max_bytes();
  source.trusted = trusted_;
  source.vocabulary = std::move(vocabulary);
  const auto open = [source](const std::string& path) mutable {
    source.path = path;
    return open_rows(source);
  };
  return open_several(files.all(), open);
}

std::unique_ptr<RowReader> InputOptions::open_selected(const Files& files,
                                                       std::vector<std::string> preferred,
                                                       Vocabulary vocabulary) const {
  return select_columns(open_all(files, std::move(preferred), std::move(vocabulary)), selection_);
}

std::unique_ptr<FiniteRows> InputOptions::finite(std::unique_ptr<RowReader> rows,
                                                 std::size_t may_miss) const {
  return std::make_unique<FiniteRows>(std::move(rows), parse_on_nan(on_nan_), may_miss);
}

void OutputOptions::add_to(Program& p, Format usual) {
  program_ = &p, usual_ = usual;
  p.section("Output");
  p.option("-o,--output", path_, "FILE", "instead of standard output");
  p.choice("-O,--output-format", format_, "FORMAT",
           {"auto", "h5", "npy", "csv", "tsv", "raw", "idx", "png"},
           std::string("auto: from the extension of FILE, else ") +
               (usual == Format::csv ? "csv" : "h5") + "; png: a folder of images");
  p.flag("-f,--force", replace_, "overwrite an existing FILE");
}

void OutputOptions::refuse(const Program& p, const std::string& why) {
  p.refuse({"output", "output-format", "force"}, why);
}

bool OutputOptions::wanted_beside(const std::string& picture) const {
  return picture.empty() || path_ != "-" || !isatty(STDOUT_FILENO);
}

Sink OutputOptions::sink(const RowShape& shape) const {
  Sink sink;
  sink.path = path_, sink.format = format(), sink.replace = replace_, sink.shape = shape;
  return sink;
}

std::unique_ptr<RowWriter> OutputOptions::create_exact(const RowShape& shape,
                                                       std::vector<Hdf5Part> parts) const {
  Sink s = sink(shape);
  s.as_float = shape.single, s.as_bytes = shape.bytes;
  s.parts = std::move(parts);
  return watched(s);
}

Format OutputOptions::format() const {
  const Format asked = parse_format(format_);
  return asked == Format::automatic ? format_of_name(path_, usual_) : asked;
}

std::unique_ptr<RowWriter> OutputOptions::create(const RowShape& shape,
                                                 const std::string& suffix) const {
  Sink sink = this->sink(shape);
  if (path_ != "-") sink.path += suffix;
  // Scores are double; rows are of type real.
  sink.as_float = sizeof(real) == 4 && usual_ == Format::hdf5;
  return watched(sink);
}

std::unique_ptr<RowWriter> OutputOptions::watched(const Sink& sink) const {
  const bool quiet = program_->quiet() || (isatty(STDERR_FILENO) && path_ == "-" && !may_draw());
  return std::make_unique<WatchedWriter>(
      create_rows(sink), sink.path, sink.shape,
      Progress(program_->name(), "rows", quiet, program_->colour()));
}

}  // namespace flow::cli
