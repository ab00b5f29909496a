#include "cli/context_options.h"

#include <algorithm>

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

std::vector<std::size_t> parse(const std::string& list, const RowShape& shape,
                               const std::string& file) {
  return list.empty() ? std::vector<std::size_t>{} : parse_selection(list, shape, file);
}

// The last columns of a shape.
ContextSpec context_of(const RowShape& shape, std::size_t columns, std::size_t labels) {
  ContextSpec spec(columns);
  for (std::size_t j = 0; j < columns; ++j) {
    if (!shape.names.empty()) spec[j].name = shape.names[shape.columns - columns + j];
    spec[j].label = j + labels >= columns;
  }
  return spec;
}

RowShape without_last(RowShape shape, std::size_t columns) {
  shape.columns -= columns;
  shape.dims = {shape.columns};
  if (!shape.names.empty()) shape.names.resize(shape.columns);
  return shape;
}

// The columns of the model, then those of its context, by name; empty where one is not there.
std::vector<std::size_t> by_name(const RowShape& shape, const DataSpec& model) {
  std::vector<std::string> wanted = model.shape.names;
  for (const ContextColumn& c : model.context) wanted.push_back(c.name);
  if (wanted.size() != model.shape.columns + model.context.size()) return {};
  std::vector<std::size_t> columns;
  for (const std::string& name : wanted) {
    const auto at = std::find(shape.names.begin(), shape.names.end(), name);
    if (name.empty() || at == shape.names.end()) return {};
    columns.push_back(static_cast<std::size_t>(at - shape.names.begin()));
  }
  return columns;
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

void ContextOptions::add_training(Program& p) {
  add_to(p);
  p.option("--validation-context", validation_file_, "DATA", "for the rows of --validation");
}

ContextOptions::Chosen ContextOptions::chosen(const RowReader& rows) const {
  Chosen c{parse(columns_, rows.shape(), rows.name()), 0};
  const std::vector<std::size_t> labels = parse(labels_, rows.shape(), rows.name());
  c.columns.insert(c.columns.end(), labels.begin(), labels.end());
  c.labels = labels.size();
  return c;
}

ConditionalRows ContextOptions::open(const InputOptions& input, const std::string& operand,
                                     std::vector<std::string> preferred, Role role) const {
  return open(input, operand, std::move(preferred), role, {.learns = true});
}

ConditionalRows ContextOptions::open(const InputOptions& input, const std::string& operand,
                                     std::vector<std::string> preferred, Role role,
                                     const Vocabulary& vocabulary) const {
  const bool own = role == Role::validation && !validation_file_.empty();
  const std::string& file = own ? validation_file_ : file_;
  require(!own || !file_.empty(), Exit::usage,
          "--validation-context: needs the --context of the rows to train on");
  require(role != Role::validation || own || split_dataset(file).dataset.empty(), Exit::usage,
          "--context: names a data set, and the validation rows need one of their own; give "
          "--validation-context");
  auto rows = file.empty() && given()
                  ? input.open_all(operand, std::move(preferred), vocabulary)
                  : input.open_selected(operand, std::move(preferred), vocabulary);
  RowShape x = rows->shape();
  if (!given()) return {input.finite(std::move(rows)), x, {}};
  Chosen context;
  if (!file.empty()) {
    auto other = input.open_all(file, usual_sets(role), vocabulary);
    context = chosen(*other);
    if (!context.columns.empty()) other = select_columns(std::move(other), context.columns);
    context.columns.resize(other->shape().columns);
    rows = join_rows(std::move(rows), std::move(other));
  } else {
    context = chosen(*rows);
    const std::vector<std::size_t>& behind = context.columns;
    std::vector<std::size_t> columns = parse(input.selection(), x, rows->name());
    if (columns.empty()) {
      for (std::size_t j = 0; j < x.columns; ++j)
        if (std::find(behind.begin(), behind.end(), j) == behind.end()) columns.push_back(j);
    }
    require(!columns.empty(), Exit::usage,
            rows->name() + ": all columns are context; leave some to be modelled");
    columns.insert(columns.end(), behind.begin(), behind.end());
    rows = select_columns(std::move(rows), std::move(columns));
    x = without_last(rows->shape(), behind.size());
  }
  ContextSpec spec = context_of(rows->shape(), context.columns.size(), context.labels);
  return {input.finite(std::move(rows)), x, std::move(spec)};
}

ConditionalRows ContextOptions::open(const InputOptions& input, const std::string& operand,
                                     std::vector<std::string> preferred,
                                     const DataSpec& model) const {
  require(!given() || !model.context.empty(), Exit::usage,
          "--context: the model is not conditional on anything; leave it out");
  if (given() || model.context.empty())
    return open(input, operand, std::move(preferred), Role::test, vocabulary(model));
  auto rows = input.open_selected(operand, std::move(preferred), vocabulary(model));
  std::vector<std::size_t> named = by_name(rows->shape(), model);
  if (!named.empty()) rows = select_columns(std::move(rows), std::move(named));
  RowShape x = rows->shape();
  if (x.columns > model.context.size()) x = without_last(x, model.context.size());
  return {input.finite(std::move(rows)), x, model.context};
}

std::unique_ptr<FiniteRows> ContextOptions::open_contexts(const InputOptions& input) const {
  if (file_.empty()) return nullptr;
  auto rows = input.open_all(file_, usual_sets(Role::test));
  const Chosen context = chosen(*rows);
  if (!context.columns.empty()) rows = select_columns(std::move(rows), context.columns);
  return input.finite(std::move(rows));
}

}  // namespace flow::cli
