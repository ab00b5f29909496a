#include "model/columns.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "config/scalar.h"
#include "flow/choose.h"

namespace flow {

namespace {

using Type = Column::Type;

constexpr Named<Type> types[] = {{"real", Type::line},
                                 {"positive", Type::positive},
                                 {"interval", Type::interval},
                                 {"integer", Type::integer},
                                 {"categorical", Type::categorical},
                                 {"constant", Type::constant},
                                 {"duplicate", Type::duplicate},
                                 {"periodic", Type::periodic}};

const char* name_of(Type type) {
  return std::find_if(std::begin(types), std::end(types),
                      [&](const auto& t) { return t.make == type; })
      ->kind;
}

// A column by name, or by its number from 1.
std::size_t find(Config& entry, const std::string& key, const RowShape& shape) {
  const std::string name = entry.text(key);
  const auto named = std::find(shape.names.begin(), shape.names.end(), name);
  if (named != shape.names.end()) return static_cast<std::size_t>(named - shape.names.begin());
  const auto number = parse_count(name);
  if (!number || *number < 1 || *number > shape.columns)
    entry.fail(key, "there is no column " + quoted(name) + did_you_mean(name, shape.names) +
                        (shape.names.empty() ? "; give a number from 1" : ""));
  return *number - 1;
}

void read_integer(Config& entry, Column& c) {
  const double inf = Config::infinity;
  c.step = entry.number("step", Config::above_zero, 1e30, 1);
  if (entry.has("low")) c.low = entry.number("low", -inf, inf);
  if (entry.has("high")) c.high = entry.number("high", -inf, inf);
  if (std::isinf(c.low) && !std::isinf(c.high)) entry.fail("high", "give low too, or neither");
  if (std::isinf(c.low)) c.robust = entry.flag("robust", false);
  const double steps = (c.high - c.low) / c.step;
  if (!std::isinf(steps) && !(steps > 0 && std::abs(steps - std::round(steps)) < 1e-6))
    entry.fail("high", "must lie some whole steps above low");
}

void read_periodic(Config& entry, Column& c) {
  const double inf = Config::infinity;
  c.period = entry.number("period", Config::above_zero, inf);
  c.low = entry.number("low", -inf, inf, 0);
  c.step = entry.number("step", 0, c.period / 2, 0);
  const double steps = c.period / c.step;
  if (c.step > 0 && std::abs(steps - std::round(steps)) > 1e-6)
    entry.fail("step", "must divide the period");
}

void read_values(Config& entry, Column& c) {
  const std::vector<std::string> given = entry.texts("values");
  if (given.empty() || given.size() > 256) entry.fail("values", "give 1 to 256 of them");
  for (const std::string& text : given)
    if (const auto number = parse_number(text)) c.values.push_back(*number);
  if (c.values.size() < given.size()) {  // words, then, whose numbers are 0, 1, ...
    c.words = given;
    c.values.resize(given.size());
    std::iota(c.values.begin(), c.values.end(), 0);
  }
  const std::set<std::string> words(given.begin(), given.end());
  const std::set<float> numbers(c.values.begin(), c.values.end());
  if (std::min(words.size(), numbers.size()) < given.size())
    entry.fail("values", "one of them stands there twice");
}

Column read_column(Config& entry, const RowShape& shape, std::size_t j) {
  const double inf = Config::infinity;
  Column c;
  c.type = choose(entry, "type", types, "real");
  switch (c.type) {
    case Type::line:
      c.robust = entry.flag("robust", false);
      break;
    case Type::positive:
      c.low = entry.number("low", -inf, inf, 0);
      break;
    case Type::interval:
      c.low = entry.number("low", -inf, inf), c.high = entry.number("high", -inf, inf);
      if (!(c.low < c.high)) entry.fail("high", "must lie above low");
      break;
    case Type::integer:
      read_integer(entry, c);
      break;
    case Type::categorical:
      read_values(entry, c);
      break;
    case Type::periodic:
      read_periodic(entry, c);
      break;
    case Type::constant:
      c.values = {entry.number("value", -inf, inf)};
      break;
    case Type::duplicate:
      c.of = find(entry, "of", shape);
      if (c.of >= j) entry.fail("of", "name a column that stands before this one");
      break;
  }
  return c;
}

}  // namespace

std::string describe(const Column& c) {
  std::string out = std::string("type: ") + name_of(c.type);
  const auto add = [&](const char* key, const std::string& value) {
    out += std::string(", ") + key + ": " + value;
  };
  if (c.type == Type::periodic) add("period", shortest(c.period));
  if (c.discrete() && c.type != Type::categorical) add("step", shortest(c.step));
  if (!std::isinf(c.low)) add("low", shortest(c.low));
  if (!std::isinf(c.high)) add("high", shortest(c.high));
  if (c.robust) add("robust", "true");
  if (c.type == Type::constant) add("value", shortest(c.values[0]));
  if (c.type == Type::duplicate) add("of", std::to_string(c.of + 1));
  if (c.type == Type::categorical) {
    std::string list;
    for (std::size_t k = 0; k < c.values.size(); ++k)
      list +=
          (k > 0 ? ", " : "") + (c.words.empty() ? shortest(c.values[k]) : in_quotes(c.words[k]));
    add("values", "[" + list + "]");
  }
  return out;
}

std::vector<std::optional<Column>> read_columns(Config& config, RowShape& shape) {
  std::vector<std::optional<Column>> columns(shape.columns);
  if (!config.has("columns")) return columns;
  const std::vector<Config*> entries = config.list("columns");
  const bool by_name = !shape.names.empty();
  if (!by_name && entries.size() != shape.columns)
    config.fail("columns", "has " + std::to_string(entries.size()) +
                               " entries, and the rows have " + std::to_string(shape.columns) +
                               " columns without names; give one entry a column");
  for (std::size_t k = 0; k < entries.size(); ++k) {
    Config& entry = *entries[k];
    if (entry.kind() != Config::Kind::map)
      config.fail("columns", "each entry is a map, as in '- {name: age, type: positive}'");
    if (!by_name && entry.has("name")) shape.names.push_back(entry.text("name"));
    // In order first: a file may have two columns of one name.
    const bool in_order = !by_name || (k < shape.columns && entry.text("name") == shape.names[k]);
    const std::size_t j = in_order ? k : find(entry, "name", shape);
    if (columns[j]) entry.fail("name", "stands there twice");
    columns[j] = read_column(entry, shape, j);
  }
  if (!by_name && !shape.names.empty() && shape.names.size() < shape.columns)
    config.fail("columns", "some entries have a name and some have none; name all or none");
  const bool any = std::any_of(columns.begin(), columns.end(),
                               [](const auto& c) { return !c || c->modelled(); });
  if (!any) config.fail("columns", "no column is left to model; a constant has no density");
  return columns;
}

std::vector<Column> known_columns(const std::vector<std::optional<Column>>& columns) {
  std::vector<Column> out;
  if (std::none_of(columns.begin(), columns.end(), [](const auto& c) { return c.has_value(); }))
    return out;
  for (const auto& c : columns) out.push_back(c.value_or(Column{}));
  return out;
}

void write_columns(const std::vector<Column>& columns, const RowShape& shape, Config& config) {
  std::string list;
  for (std::size_t j = 0; j < columns.size(); ++j)
    list += std::string(j > 0 ? ", " : "") + "{" +
            (shape.names.empty() ? "" : "name: " + in_quotes(shape.names[j]) + ", ") +
            describe(columns[j]) + "}";
  config.set("columns", "[" + list + "]", "data");
}

}  // namespace flow
