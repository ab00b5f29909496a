#include "logdet/table.h"

#include <algorithm>
#include <cmath>

#include "core/json.h"
#include "core/text.h"
#include "logdet/sizes.h"

namespace flow {

namespace {

enum class Style { text, count, seconds, bytes, nats, small, fixed, share };

// A column of the machine's table, in order; in the people's tables of these kinds.
struct Column {
  const char* key;
  const char* title;
  Style style;
  int width;
  const char* kinds;
};

constexpr Column columns[] = {
    {"record", "", Style::text, 0, ""},
    {"method", "method", Style::text, 14, "case fit step run"},
    {"n", "N", Style::count, 6, "case step run"},
    {"rows", "batch", Style::count, 5, "case step run"},
    {"row", "row", Style::count, 8, "row"},
    {"seconds", "time", Style::seconds, 9, "case step run"},
    {"mad", "±", Style::seconds, 9, "case"},
    {"least", "", Style::seconds, 0, ""},
    {"bytes", "memory", Style::bytes, 8, "case"},
    {"value", "log-det", Style::nats, 14, "case row"},
    {"reference", "reference", Style::nats, 14, "row"},
    {"error", "error", Style::small, 8, "case row"},
    {"bound", "allowed", Style::small, 8, "case row"},
    {"noise", "noise", Style::small, 8, "case"},
    {"cost", "theory", Style::text, 6, "fit"},
    {"slope", "slope", Style::fixed, 6, "fit"},
    {"slope_low", "95 % from", Style::fixed, 9, "fit"},
    {"slope_high", "to", Style::fixed, 6, "fit"},
    {"n_from", "N from", Style::count, 6, "fit"},
    {"n_to", "to", Style::count, 6, "fit"},
    {"share", "log-dets", Style::share, 8, "step run"},
    {"dense_seconds", "dense", Style::seconds, 9, "row step run"},
    {"dense_source", "dense is", Style::text, 12, "step run"},
    {"ratio", "times", Style::small, 8, "step run"},
    {"epoch_seconds", "epoch", Style::seconds, 9, "run"},
    {"epochs", "epochs", Style::count, 6, "run"},
    {"train_seconds", "in all", Style::seconds, 9, "run"},
    {"verdict", "", Style::text, 9, "case fit row run"},
    {"note", "", Style::text, 0, ""},
    {"cpu", "", Style::text, 0, ""},
    {"isa", "", Style::text, 0, ""},
    {"numbers", "", Style::text, 0, ""},
    {"threads", "", Style::count, 0, ""},
    {"threads_source", "", Style::text, 0, ""},
    {"version", "", Style::text, 0, ""},
    {"commit", "", Style::text, 0, ""},
    {"blas", "", Style::text, 0, ""},
    {"lapack", "", Style::text, 0, ""},
};

const Value* find(const Record& r, const std::string& key) {
  for (const auto& [name, value] : r.values)
    if (name == key) return &value;
  return nullptr;
}

std::string shortest(double v) {
  char text[32];
  return std::string(text, std::to_chars(text, text + sizeof text, v).ptr);
}

std::string in_seconds(double s) {
  if (!std::isfinite(s)) return "-";
  if (s >= 100) return duration(s);
  const char* const unit = s >= 1 ? "s" : s >= 1e-3 ? "ms" : s >= 1e-6 ? "µs" : "ns";
  return format("%.3g %s", s / (s >= 1 ? 1 : s >= 1e-3 ? 1e-3 : s >= 1e-6 ? 1e-6 : 1e-9), unit);
}

std::string for_people(const Value& v, Style style) {
  if (const auto* text = std::get_if<std::string>(&v)) return *text;
  if (const auto* count = std::get_if<std::size_t>(&v)) return std::to_string(*count);
  const double x = std::get<double>(v);
  switch (style) {
    case Style::seconds:
      return in_seconds(x);
    case Style::bytes:
      return in_bytes(x);
    case Style::nats:
      return format("%.7f", x);
    case Style::fixed:
      return format("%.2f", x);
    case Style::share:
      return format("%.3f %%", 100 * x);
    default:
      return x == 0 ? "0" : format(std::abs(x) >= 10 && std::abs(x) < 1e6 ? "%.0f" : "%.2g", x);
  }
}

std::string for_programs(const Value& v) {
  if (const auto* text = std::get_if<std::string>(&v)) return *text;
  if (const auto* count = std::get_if<std::size_t>(&v)) return std::to_string(*count);
  return shortest(std::get<double>(v));
}

// Right-aligned, but for text; a µ or ± is two bytes and one place.
std::string padded(const std::string& text, const Column& c) {
  const auto places = std::count_if(text.begin(), text.end(), [](char b) {
    return (static_cast<unsigned char>(b) & 0xc0) != 0x80;
  });
  const std::string space(static_cast<std::size_t>(std::max<std::ptrdiff_t>(0, c.width - places)),
                          ' ');
  return c.style == Style::text ? text + space : space + text;
}

bool shows(const Column& c, const std::string& kind) {
  return (" " + std::string(c.kinds) + " ").find(" " + kind + " ") != std::string::npos;
}

// Fields of CSV that need it stand in quotes (RFC 4180); of TSV, none does.
std::string field(std::string text, char separator) {
  if (separator == ',' && text.find_first_of(",\"\n") != text.npos) {
    for (std::size_t i = 0; (i = text.find('"', i)) != text.npos; i += 2) text.insert(i, 1, '"');
    return '"' + text + '"';
  }
  std::replace(text.begin(), text.end(), '\t', ' ');
  return text;
}

}  // namespace

Table::Table(TableFormat format, const Provenance& p, Write write)
    : format_(format), heading_(describe(p)), write_(std::move(write)) {
  provenance_.set("cpu", p.cpu).set("isa", p.isa).set("numbers", p.numbers);
  provenance_.set("threads", p.threads).set("threads_source", p.threads_source);
  provenance_.set("version", p.version).set("commit", p.commit);
  provenance_.set("blas", p.blas).set("lapack", p.lapack);
}

void Table::add(Record record) {
  if (format_ == TableFormat::markdown) {
    add_markdown(record);
  } else {
    record.set("record", record.kind);
    std::rotate(record.values.begin(), record.values.end() - 1, record.values.end());
    record.values.insert(record.values.end(), provenance_.values.begin(), provenance_.values.end());
    if (format_ == TableFormat::tsv || format_ == TableFormat::csv)
      add_text(record, format_ == TableFormat::tsv ? '\t' : ',');
    else if (format_ == TableFormat::json_lines)
      write_(json(record));
    else
      write_((begun_ ? ",\n" : "[\n") + json(record).substr(0, json(record).size() - 1));
  }
  begun_ = true, last_kind_ = record.kind;
}

void Table::finish() {
  if (format_ == TableFormat::json) write_(begun_ ? "\n]\n" : "[]\n");
}

void Table::add_markdown(const Record& record) {
  std::string out, titles, rule, line;
  if (!begun_) out = heading_ + "\n";
  for (const Column& c : columns) {
    if (!shows(c, record.kind)) continue;
    const Value* v = find(record, c.key);
    titles += "| " + padded(c.title, c) + " ";
    rule += "|" + std::string(static_cast<std::size_t>(c.width) + 1, '-') +
            (c.style == Style::text ? "-" : ":");
    line += "| " + padded(v ? for_people(*v, c.style) : "", c) + " ";
  }
  if (record.kind != last_kind_) out += "\n" + titles + "|\n" + rule + "|\n";
  write_(out + line + "|\n");
}

void Table::add_text(const Record& record, char separator) {
  std::string header, line;
  for (const Column& c : columns) {
    const Value* v = find(record, c.key);
    if (!header.empty()) header += separator, line += separator;
    header += c.key;
    if (v) line += field(for_programs(*v), separator);
  }
  write_((begun_ ? "" : header + "\n") + line + "\n");
}

std::string Table::json(const Record& record) const {
  JsonLine out;
  for (const auto& [key, value] : record.values)
    std::visit([&out, name = key](const auto& v) { out.add(name, v); }, value);
  return out.line();
}

}  // namespace flow
