// The columns part of a configuration: what is read, what is refused, and that it is written back.
#include "model/columns.h"

#include <boost/test/unit_test.hpp>
#include <cmath>

#include "core/error.h"

namespace flow::test {

namespace {

using Type = Column::Type;

RowShape shape_of(std::vector<std::string> names, std::size_t columns) {
  RowShape shape;
  shape.columns = columns, shape.dims = {columns}, shape.names = std::move(names);
  return shape;
}

std::string refusal(const std::string& yaml, RowShape shape) {
  try {
    Config config = Config::parse(yaml, "c.yaml");
    read_columns(config, shape);
    config.reject_unread();
  } catch (const Error& e) {
    BOOST_TEST((e.code() == Exit::usage));
    return e.what();
  }
  return "";
}

BOOST_AUTO_TEST_SUITE(columns)

BOOST_AUTO_TEST_CASE(entries_are_matched_by_name) {
  Config config = Config::parse(
      "columns:\n- {name: c, type: integer, low: 1, high: 6}\n- {name: a, type: positive}\n", "c");
  RowShape shape = shape_of({"a", "b", "c"}, 3);
  const auto columns = read_columns(config, shape);
  config.reject_unread();
  BOOST_TEST((columns[0]->type == Type::positive && columns[0]->low == 0));
  BOOST_TEST(!columns[1]);
  BOOST_TEST((columns[2]->type == Type::integer && columns[2]->levels() == 6));
  BOOST_TEST((known_columns(columns)[1].type == Type::line));
}

BOOST_AUTO_TEST_CASE(without_names_they_are_one_a_column_and_give_names) {
  Config config = Config::parse("columns: [{name: u}, {name: v, type: duplicate, of: u}]\n", "c");
  RowShape shape = shape_of({}, 2);
  const auto columns = read_columns(config, shape);
  BOOST_TEST(shape.names == (std::vector<std::string>{"u", "v"}), boost::test_tools::per_element());
  BOOST_TEST(columns[1]->of == 0);
}

BOOST_AUTO_TEST_CASE(nothing_said_is_nothing_known) {
  Config config;
  RowShape shape = shape_of({}, 2);
  BOOST_TEST(known_columns(read_columns(config, shape)).empty());
}

BOOST_AUTO_TEST_CASE(what_is_written_reads_back) {
  const std::vector<Column> columns = {
      {.robust = true},
      {.type = Type::positive, .low = -1.5},
      {.type = Type::interval, .low = 0, .high = 1e-3},
      {.type = Type::integer, .low = -3, .high = 4, .step = 0.1},
      {.type = Type::integer, .step = 2, .robust = true},
      {.type = Type::categorical, .values = {3, 0.1, -7}},
      {.type = Type::categorical, .values = {0, 1, 2}, .words = {"so so", "no", "7"}},
      {.type = Type::constant, .values = {1e30}},
      {.type = Type::duplicate, .of = 3},
  };
  // Names that YAML would take for something else, and two that are the same.
  const RowShape shape = shape_of({"y", "a\"b\\", "3", "same", "same", "", "a: b", "#", "k"}, 9);
  Config config;
  write_columns(columns, shape, config);
  Config again = Config::parse(config.to_yaml(), "again");
  RowShape same = shape;
  const auto back = known_columns(read_columns(again, same));
  again.reject_unread();
  BOOST_REQUIRE(back.size() == columns.size());
  for (std::size_t j = 0; j < columns.size(); ++j) {
    BOOST_TEST((back[j].type == columns[j].type), "column " << j);
    BOOST_TEST(back[j].low == columns[j].low);
    BOOST_TEST(back[j].high == columns[j].high);
    BOOST_TEST(back[j].step == columns[j].step);
    BOOST_TEST(back[j].robust == columns[j].robust);
    BOOST_TEST(back[j].of == columns[j].of);
    BOOST_TEST(back[j].values == columns[j].values, boost::test_tools::per_element());
    BOOST_TEST(back[j].words == columns[j].words, boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(what_is_wrong_is_named_with_its_line) {
  const RowShape named = shape_of({"age", "b"}, 2);
  const auto check = [&](const std::string& entry, const std::string& word) {
    const std::string said = refusal("columns:\n  - " + entry + "\n", named);
    BOOST_TEST(said.starts_with("c.yaml:2:"), said);
    BOOST_TEST(said.find(word) != said.npos, said);
  };
  check("{name: aeg}", "did you mean 'age'");
  check("{name: age, type: postive}", "did you mean 'positive'");
  check("{name: age, type: interval, low: 1}", "high");
  check("{name: age, type: interval, low: 1, high: 1}", "above low");
  check("{name: age, type: integer, high: 1}", "low too");
  check("{name: age, type: integer, low: 0, high: 1.5}", "whole steps");
  check("{name: age, type: integer, low: 0, robust: true}", "robust");
  check("{name: age, type: integer, step: 0}", "step");
  check("{name: age, type: categorical}", "values");
  check("{name: age, type: categorical, values: []}", "1 to 256");
  check("{name: age, type: categorical, values: [1, 2, 1]}", "twice");
  check("{name: age, type: constant}", "value");
  check("{name: age, type: duplicate, of: b}", "before this one");
  check("{name: b, type: duplicate, of: c}", "no column 'c'");
  check("{name: age, low: 3}", "low");
  check("{type: real}", "name");
  check("age", "map");
  BOOST_TEST(refusal("columns: [{name: b}, {name: b}]\n", named).find("twice") !=
             std::string::npos);
  BOOST_TEST(refusal("columns: [{type: real}]\n", shape_of({}, 2)).find("one entry a column") !=
             std::string::npos);
  BOOST_TEST(
      refusal("columns: [{type: constant, value: 1}, {type: duplicate, of: 1}]\n", shape_of({}, 2))
          .find("no column is left") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace

}  // namespace flow::test
