// Configurations that follow the size of the data.
#include "model/preset.h"

#include <boost/test/unit_test.hpp>

#include "core/error.h"

namespace flow::test {

namespace {

// train.epochs and model.base of this configuration for so many rows and columns.
std::string chosen(std::size_t rows, std::size_t columns) {
  Config config = Config::parse(
      "model: {base: normal}\n"
      "train: {epochs: 1, batch: 7}\n"
      "sizes:\n"
      "  - {columns: 1, then: {model: {base: logistic}}}\n"
      "  - {rows: 100, then: {train: {epochs: 2}}}\n"
      "  - {rows: 1000, columns: 5}\n"
      "  - {then: {train: {epochs: 3}}}\n",
      "c.yaml");
  choose_size(config, rows, columns);
  Config &train = config.map("train"), &model = config.map("model");
  const std::string said = std::to_string(train.count("epochs", 0, 9)) + " " + model.text("base");
  BOOST_TEST(train.count("batch", 0, 9) == 7);
  config.reject_unread();
  BOOST_TEST(config.to_yaml().find("sizes") == std::string::npos);
  return said;
}

BOOST_AUTO_TEST_SUITE(preset)

BOOST_AUTO_TEST_CASE(the_first_entry_that_is_not_exceeded_counts) {
  BOOST_TEST(chosen(50, 1) == "1 logistic");
  BOOST_TEST(chosen(5000, 1) == "1 logistic");
  BOOST_TEST(chosen(100, 2) == "2 normal");
  BOOST_TEST(chosen(101, 5) == "1 normal");
  BOOST_TEST(chosen(101, 6) == "3 normal");
  BOOST_TEST(chosen(1001, 5) == "3 normal");
}

BOOST_AUTO_TEST_CASE(what_is_no_entry_is_refused) {
  const auto refuse = [](const std::string& sizes) {
    Config config = Config::parse("sizes: " + sizes + "\n", "c.yaml");
    BOOST_CHECK_THROW((choose_size(config, 5, 5), config.reject_unread()), Error);
  };
  refuse("3");
  refuse("[3]");
  refuse("[{rows: 0}]");
  refuse("[{rows: many}]");
  refuse("[{then: {train: {}}, rows: [1]}]");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace

}  // namespace flow::test
