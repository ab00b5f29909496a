// The output: records of several kinds, each printed as soon as it is there, in the format that was
// asked for. For people Markdown, aligned, a table for each kind; for programs one table of all
// columns (TSV, CSV), or JSON. Times are in seconds, memory in bytes.
#pragma once
#include <functional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "logdet/provenance.h"

namespace flow {

enum class TableFormat { markdown, tsv, csv, json, json_lines };

using Value = std::variant<std::string, std::size_t, double, std::vector<double>>;

// kind: "case", "fit", "row", "step", "run". Keys are those of the columns (table.cpp), or JSON's
// only.
struct Record {
  std::string kind;
  std::vector<std::pair<std::string, Value>> values;
  Record& set(const std::string& key, Value value) {
    values.emplace_back(key, std::move(value));
    return *this;
  }
};

class Table {
 public:
  using Write = std::function<void(const std::string&)>;
  Table(TableFormat format, const Provenance& provenance, Write write);
  void add(Record record);
  // The end of a JSON array.
  void finish();

 private:
  void add_markdown(const Record& record);
  void add_text(const Record& record, char separator);
  std::string json(const Record& record) const;

  TableFormat format_;
  Record provenance_;
  std::string heading_;
  Write write_;
  std::string last_kind_;
  bool begun_ = false;
};

}  // namespace flow
