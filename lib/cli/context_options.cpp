#include "cli/context_options.h"

#include <algorithm>
#include <numeric>
#include <set>

#include "data/join.h"
#include "data/select.h"
#include "h5/reader.h"
#include "model/rows.h"

namespace flow::cli {

namespace {

std::vector<std::string> usual_sets(Role role) {
  std::vector<std::string> sets;
  if (role == Role::train) sets = {"train_y", "train/y", "train/c"};
  if (role == Role::validation) sets = {"validation_y", "validation/y", "validation/c", "valid_y"};
  if (role == Role::test) sets = {"test_y", "test/y", "test/c"};
  if (role != Role::validation) sets.insert(sets.end(), {"context", "c", "labels", "y"});
  return sets;
}

std::vector<std::size_t> all_columns(std::size_t n) {
  std::vector<std::size_t> columns(n);
  std::iota(columns.begin(), columns.end(), std::size_t{0});
  return columns;
}

std::vector<std::size_t> parse(const std::string& list, const RowShape& shape,
                               const std::string& file) {
  return list.empty() ? std::vector<std::size_t>{} : parse_selection(list, shape, file);
}

// The columns of a shape from `first` on.
ContextSpec context_of(const RowShape& shape, std::size_t first, std::size_t columns,
                       std::size_t labels) {
  ContextSpec spec(columns);
  for (std::size_t j = 0; j < columns; ++j) {
    if (!shape.names.empty()) spec[j].name = shape.names[first + j];
    spec[j].label = j + labels >= columns;
  }
  return spec;
}

RowShape without_last(RowShape shape, std::size_t columns) {
  if (columns == 0) return shape;
  shape.columns -= columns;
  shape.dims = {shape.columns};
  if (!shape.names.empty()) shape.names.resize(shape.columns);
  return shape;
}

// Appends the column of an option that takes one; false where it is not given.
bool append_one(const char* option, const std::string& column, const RowReader& rows,
                std::vector<std::size_t>& to) {
  const std::vector<std::size_t> found = parse(column, rows.shape(), rows.name());
  require(found.size() <= 1, Exit::usage,
          option + (": '" + column + "' is more than one column; give one"));
  to.insert(to.end(), found.begin(), found.end());
  return !found.empty();
}

// The columns of a selection, or all, without those that come behind them.
std::unique_ptr<RowReader> with_last(std::unique_ptr<RowReader> rows, const std::string& selection,
                                     const std::vector<std::size_t>& behind) {
  if (behind.empty()) return select_columns(std::move(rows), selection);
  std::vector<std::size_t> columns = parse(selection, rows->shape(), rows->name());
  if (columns.empty()) columns = all_columns(rows->shape().columns);
  std::erase_if(columns, [&](std::size_t j) {
    return std::find(behind.begin(), behind.end(), j) != behind.end();
  });
  require(!columns.empty(), Exit::usage,
          rows->name() + ": all columns are context, weight or group; leave some to be modelled");
  columns.insert(columns.end(), behind.begin(), behind.end());
  return select_columns(std::move(rows), std::move(columns));
}

// Moves `count` columns from `first` on behind the others.
std::unique_ptr<RowReader> to_the_end(std::unique_ptr<RowReader> rows, std::size_t first,
                                      std::size_t count) {
  if (count == 0) return rows;
  std::vector<std::size_t> columns = all_columns(rows->shape().columns);
  const auto from = columns.begin() + static_cast<std::ptrdiff_t>(first);
  std::rotate(from, from + static_cast<std::ptrdiff_t>(count), columns.end());
  return select_columns(std::move(rows), std::move(columns));
}

// Prepared, but for those of a model that are so already: its samples, say.
std::unique_ptr<RowReader> prepared(std::unique_ptr<RowReader> rows, const DataSpec& data) {
  if (rows->shape().columns == data.shape.columns) return rows;
  return prepare_rows(std::move(rows), data.prepare);
}

// Where columns of these names stand; empty where they stand so already, and where the rows have
// none of them, or two are alike. Error(Exit::data) where some are there and others are not.
std::vector<std::size_t> by_name(const RowReader& rows, std::size_t behind,
                                 const std::vector<std::string>& wanted) {
  const RowShape shape = without_last(rows.shape(), behind);
  const std::vector<std::string>& there = shape.names;
  if (wanted == there || std::set(wanted.begin(), wanted.end()).size() < wanted.size()) return {};
  std::vector<std::size_t> columns;
  const std::string* missing = nullptr;
  for (const std::string& name : wanted) {
    if (name.empty()) return {};
    const auto at = std::find(there.begin(), there.end(), name);
    if (at != there.end())
      columns.push_back(static_cast<std::size_t>(at - there.begin()));
    else if (!missing)
      missing = &name;
  }
  if (missing && !columns.empty()) refuse_column(*missing, shape, rows.name(), Exit::data);
  return columns;
}

std::vector<std::string> names_of(const ContextSpec& context) {
  std::vector<std::string> names;
  for (const ContextColumn& c : context) names.push_back(c.name);
  return names;
}

// In the order of those names, with the last `behind` columns behind them.
std::unique_ptr<RowReader> in_order(std::unique_ptr<RowReader> rows,
                                    const std::vector<std::string>& names, std::size_t behind = 0) {
  std::vector<std::size_t> columns = by_name(*rows, behind, names);
  if (columns.empty()) return rows;
  for (std::size_t k = behind; k > 0; --k) columns.push_back(rows->shape().columns - k);
  return select_columns(std::move(rows), std::move(columns));
}

}  // namespace

void ContextOptions::add_to(Program& p) {
  p.section("Context");
  p.option("--context", file_, "DATA",
           "rows of what the density is conditional on, one for each row");
  p.option("--context-columns", columns_, "LIST",
           "columns of it, or without --context of the rows' own file: numbers");
  p.option("--label-columns", labels_, "LIST", "likewise: labels, which are one-hot coded");
}

void ContextOptions::refuse(const Program& p, const std::string& why) {
  p.refuse({"context", "context-columns", "label-columns"}, why);
}

void ContextOptions::add_training(Program& p) {
  add_to(p);
  p.option("--validation-context", validation_file_, "DATA", "for the rows of --validation");
  p.section("Rows");
  p.option("--weight-column", weight_, "COLUMN",
           "how much each row counts, above 0: by name or number; not modelled");
  p.option("--group-column", group_, "COLUMN",
           "rows of one group, equal here, train or validate together; not modelled");
}

ContextOptions::Chosen ContextOptions::chosen(const RowReader& rows) const {
  Chosen c{parse(columns_, rows.shape(), rows.name()), 0};
  const std::vector<std::size_t> labels = parse(labels_, rows.shape(), rows.name());
  c.columns.insert(c.columns.end(), labels.begin(), labels.end());
  c.labels = labels.size();
  return c;
}

ConditionalRows ContextOptions::open(const InputOptions& input, const Files& operand,
                                     std::vector<std::string> preferred, Role role,
                                     const DataSpec& told) const {
  return open(input, operand, std::move(preferred), role, told, {.learns = true});
}

ConditionalRows ContextOptions::open(const InputOptions& input, const Files& operand,
                                     std::vector<std::string> preferred, Role role,
                                     const DataSpec& data, const Vocabulary& vocabulary) const {
  const bool own = role == Role::validation && !validation_file_.empty();
  const std::string& file = own ? validation_file_ : file_;
  require(!own || !file_.empty(), Exit::usage,
          "--validation-context: needs the --context of the rows to train on");
  require(role != Role::validation || own || split_dataset(file).dataset.empty(), Exit::usage,
          "--context: names a data set, and the validation rows need one of their own; give "
          "--validation-context");
  auto rows = input.open_all(operand, std::move(preferred), vocabulary);
  Chosen context = file.empty() ? chosen(*rows) : Chosen{};
  std::vector<std::size_t> behind = context.columns;
  const bool weight = append_one("--weight-column", weight_, *rows, behind);
  const bool group = append_one("--group-column", group_, *rows, behind);
  if (group) rows->take_names(behind.back());
  const std::size_t extras = weight + group;
  rows = with_last(std::move(rows), input.selection(), behind);
  if (data.prepare != Preparation::none && !behind.empty())
    throw Error(Exit::usage, rows->name() +
                                 ": data.prepare goes with all columns of a file; give "
                                 "the context in one of its own");
  rows = prepared(std::move(rows), data);
  // To score, an order of --columns counts, whatever the names.
  if (role == Role::validation || input.selection().empty())
    rows = in_order(std::move(rows), data.shape.names, behind.size());
  RowLayout layout{without_last(rows->shape(), behind.size()), {}, weight, group};
  if (!file.empty()) {
    auto other = input.open_all(file, usual_sets(role), vocabulary);
    context = chosen(*other);
    other = context.columns.empty() ? in_order(std::move(other), names_of(data.context))
                                    : select_columns(std::move(other), context.columns);
    context.columns.resize(other->shape().columns);
    rows = to_the_end(join_rows(std::move(rows), std::move(other)), layout.x.columns, extras);
  }
  layout.context =
      context_of(rows->shape(), layout.x.columns, context.columns.size(), context.labels);
  return {input.finite(std::move(rows), data.marginal ? layout.x.columns : 0), std::move(layout)};
}

ConditionalRows ContextOptions::open(const InputOptions& input, const Files& operand,
                                     std::vector<std::string> preferred,
                                     const DataSpec& model) const {
  require(!given() || !model.context.empty(), Exit::usage,
          "--context: the model is not conditional on anything; leave it out");
  if (given())
    return open(input, operand, std::move(preferred), Role::test, model, vocabulary(model));
  auto rows =
      prepared(input.open_selected(operand, std::move(preferred), vocabulary(model)), model);
  // Without context an order of --columns counts, whatever the names.
  const bool ordered = model.context.empty() && !input.selection().empty();
  std::vector<std::string> names = model.shape.names;
  if (!names.empty() && rows->shape().columns != names.size())  // else the context is not there
    for (const ContextColumn& c : model.context) names.push_back(c.name);
  if (!ordered) rows = in_order(std::move(rows), names);
  RowLayout layout{rows->shape(), model.context};
  if (layout.x.columns > model.context.size())
    layout.x = without_last(layout.x, model.context.size());
  return {input.finite(std::move(rows), model.marginal ? layout.x.columns : 0), std::move(layout)};
}

std::unique_ptr<FiniteRows> ContextOptions::open_contexts(const InputOptions& input,
                                                          const DataSpec& model) const {
  if (file_.empty()) return nullptr;
  auto rows = input.open_all(file_, usual_sets(Role::test), vocabulary(model));
  const Chosen context = chosen(*rows);
  rows = context.columns.empty() ? in_order(std::move(rows), names_of(model.context))
                                 : select_columns(std::move(rows), context.columns);
  return input.finite(std::move(rows));
}

}  // namespace flow::cli
