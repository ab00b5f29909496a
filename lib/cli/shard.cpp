#include "cli/shard.h"

#include <algorithm>
#include <array>
#include <cinttypes>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "core/input.h"
#include "core/output.h"
#include "core/text.h"
#include "flow/evaluate.h"
#include "h5/reader.h"
#include "h5/sha256.h"
#include "model/rows.h"

namespace flow::cli {

namespace {

// What OUT.I-of-N.part holds, in one line.
struct Mark {
  RowRange rows;
  std::uint64_t bytes = 0;
  bool header = false;  // a first line of text that names the columns
  std::string model;    // its digest
  std::string options;  // a digest of those that say what the rows are
};

std::string line_of(const Mark& m) {
  return format("rows %" PRIu64 " to %" PRIu64 " of %" PRIu64 ", %" PRIu64
                " bytes, header %d, model %s, options %s\n",
                m.rows.first, m.rows.last, m.rows.of, m.bytes, m.header ? 1 : 0, m.model.c_str(),
                m.options.c_str());
}

std::optional<Mark> read_mark(const std::string& path) {
  std::ifstream file(path + ".part");
  std::string line;
  Mark m;
  int header = 0;
  std::array<char, 65> model{}, options{};
  if (!std::getline(file, line) ||
      std::sscanf(line.c_str(),
                  "rows %" SCNu64 " to %" SCNu64 " of %" SCNu64 ", %" SCNu64
                  " bytes, header %d, model %64[0-9a-f], options %64s",
                  &m.rows.first, &m.rows.last, &m.rows.of, &m.bytes, &header, model.data(),
                  options.data()) != 7)
    return {};
  m.header = header != 0, m.model = model.data(), m.options = options.data();
  return m;
}

// Those of all parts, which must be whole, of the model, and follow each other.
std::vector<Mark> read_marks(const std::string& output, const std::vector<std::string>& paths,
                             const std::string& model) {
  std::vector<Mark> marks;
  std::string missing;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    const std::optional<Mark> mark = read_mark(paths[i]);
    std::error_code none;
    if (!mark || std::filesystem::file_size(paths[i], none) != mark->bytes) {
      missing += (missing.empty() ? "" : ", ") + std::to_string(i + 1);
      continue;
    }
    require(mark->model == model, Exit::model,
            paths[i] + ": of another model; make it again, with this one");
    marks.push_back(*mark);
  }
  require(missing.empty(), Exit::data,
          output + ": of " + std::to_string(paths.size()) +
              " parts these are missing or not whole: " + missing + "; make them by --shard");
  for (std::size_t i = 0; i < marks.size(); ++i) {
    require(marks[i].options == marks[0].options, Exit::data,
            paths[i] + ": was made with other options than part 1; make both with the same");
    const RowRange& rows = marks[i].rows;
    require(
        rows.first == (i ? marks[i - 1].rows.last : 0) && rows.of == marks[0].rows.of &&
            (i + 1 < marks.size() || rows.last == rows.of),
        Exit::data,
        paths[i] + ": its rows do not follow those before it; the parts are of different inputs");
  }
  return marks;
}

std::uint64_t count_rows(RowReader& rows) {
  std::vector<double> values(stream_rows * rows.shape().columns);
  std::uint64_t count = 0;
  while (const std::size_t n = rows.read(values)) count += n;
  return count;
}

// Text and raw numbers stand one part behind the other.
void append_bytes(const std::string& path, bool without_header, OutputFile& out) {
  Input in = open_input(path);
  std::vector<char> bytes(1 << 20);
  bool skipping = without_header;
  while (const std::size_t n = in.read(bytes.data(), bytes.size())) {
    const char* begin = bytes.data();
    const char* const end = begin + n;
    if (skipping) {
      begin = std::find(begin, end, '\n');
      if (begin == end) continue;
      skipping = false, ++begin;
    }
    out.write(begin, static_cast<std::size_t>(end - begin));
  }
}

void append_rows(const std::string& path, RowWriter& out) {
  const auto rows = open_rows({.path = path});
  std::vector<double> values(stream_rows * rows->shape().columns);
  while (const std::size_t n = rows->read(values))
    out.write(std::span<const double>(values).first(n * rows->shape().columns));
}

}  // namespace

void ShardOptions::add_to(Program& p) {
  program_ = &p;
  p.section("Parts");
  p.custom("--shard", "I/N", "only part I of N of the rows, to FILE.I-of-N",
           [this](const std::string& text) {
             const std::size_t slash = std::min(text.find('/'), text.size());
             part_ = parse_number<std::uint64_t>(text.substr(0, slash), "--shard");
             parts_ = parse_number<std::uint64_t>(text.substr(std::min(slash + 1, text.size())),
                                                  "--shard");
             require(part_ >= 1 && part_ <= parts_, Exit::usage,
                     "--shard: '" + text + "' is no part; give I/N, as 1/4: the I-th of N");
           });
  p.option("--gather", gather_, "N", "make FILE from its N parts, and read no DATA");
}

std::string ShardOptions::suffix(std::uint64_t part, std::uint64_t parts) const {
  return "." + std::to_string(part) + "-of-" + std::to_string(parts);
}

RowRange ShardOptions::range(std::uint64_t rows) const {
  if (!given()) return {0, rows, rows};
  const std::uint64_t blocks = (rows + block_rows - 1) / block_rows;
  const auto begin = [&](std::uint64_t part) {
    return std::min(rows, blocks * part / parts_ * block_rows);
  };
  return {begin(part_ - 1), begin(part_), rows};
}

RowRange ShardOptions::enter(const InputOptions& input, const Files& files, RowReader& rows,
                             const std::function<std::unique_ptr<FiniteRows>()>& open) const {
  if (!given()) return {0, UINT64_MAX, 0};
  require(!input.skips(), Exit::usage,
          "--shard: with --on-nan skip the parts would not know their numbers; use keep");
  for (const std::string& file : files.all())
    require(!is_special(split_dataset(file).file), Exit::usage,
            "--shard: " + (file == "-" ? "standard input" : file) +
                " cannot be read in parts; name a file");
  const RowRange r = range(rows.shape().rows ? *rows.shape().rows : count_rows(*open()));
  std::vector<double> values(stream_rows * rows.shape().columns);
  for (std::uint64_t left = r.first; left > 0;)
    if (read_some(rows, values, left) == 0) break;
  return r;
}

std::unique_ptr<RowWriter> ShardOptions::create(const OutputOptions& output,
                                                const RowShape& shape) const {
  return output.create(shape, given() ? suffix(part_, parts_) : "");
}

void ShardOptions::finish(const OutputOptions& output, const RowRange& range, const RowShape& shape,
                          const Model& model) const {
  if (!given() || is_special(output.path())) return;
  const std::string path = output.path() + suffix(part_, parts_);
  const std::string options = program_->settings({"Output", "Parts", "Common"});
  const std::string line =
      line_of({range, std::filesystem::file_size(path), !shape.names.empty() && output.is_text(),
               model.digest, sha256_hex(options)});
  OutputFile out(path + ".part", true);
  out.write(line.data(), line.size());
  out.commit();
}

void ShardOptions::gather(const OutputOptions& output, const Model& model) const {
  require(!given(), Exit::usage, "--shard and --gather: give one");
  require(!is_special(output.path()), Exit::usage, "--gather: give the FILE of the parts by -o");
  std::vector<std::string> paths;
  for (std::uint64_t part = 1; part <= gather_; ++part)
    paths.push_back(output.path() + suffix(part, gather_));
  const std::vector<Mark> marks = read_marks(output.path(), paths, model.digest);
  if (output.is_text() || output.is_raw()) {
    OutputFile out(output.path(), output.replaces());
    for (std::size_t i = 0; i < paths.size(); ++i)
      if (marks[i].bytes > 0) append_bytes(paths[i], i > 0 && marks[i].header, out);
    return out.commit();
  }
  RowShape shape = open_rows({.path = paths[0]})->shape();
  shape.rows = marks[0].rows.of;
  const auto out = output.create(shape);
  for (const std::string& path : paths) append_rows(path, *out);
  out->finish();
}

std::size_t read_some(RowReader& rows, std::span<double> values, std::uint64_t& left) {
  const std::size_t columns = rows.shape().columns;
  const std::size_t most = std::min<std::uint64_t>(left, values.size() / columns);
  const std::size_t n = most > 0 ? rows.read(values.first(most * columns)) : 0;
  left -= n;
  return n;
}

}  // namespace flow::cli
