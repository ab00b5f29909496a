// Text as others write it: delimiters, headers, quotes, missing numbers, and what must be refused.
#include "data/text.h"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>

#include "core/error.h"
#include "data/folder.h"
#include "data/select.h"
#include "data/source.h"

using namespace flow;

namespace {

const TestFolder folder;

std::unique_ptr<RowReader> open(const std::string& text) {
  return open_rows({.path = folder.put("x.csv", text)});
}

std::string error_of(const std::string& text) {
  try {
    all_rows(open(text));
  } catch (const Error& e) {
    BOOST_TEST(static_cast<int>(e.code()) == 3);
    return std::string(e.what()).substr((folder / "x.csv").size());
  }
  return "no error";
}

using Numbers = std::vector<double>;

}  // namespace

BOOST_AUTO_TEST_SUITE(text)

BOOST_AUTO_TEST_CASE(delimiters) {
  for (const char* file :
       {"1,2\n3,4\n", "1;2\n3;4\n", "1\t2\r\n3\t4\r\n", "1 2\n3 4\n", "1|2\n3|4",
        " 1,  2 \n+3 ,+4\n", "  1   2\n 3 \t 4  \n",
        "\xef\xbb\xbf"
        "1,2\n3,4\n",
        "\xef\xbb\xbf# made by hand\n1,2\n3,4\n", "\xef\xbb\xbf\"a\nb\",c\n1,2\n3,4\n",
        "\"a\r\nb\",c\r\n1,2\r\n3,4\r\n", "# made by hand\n#\n1,2\n\n3,4\n\n", "a,b\n1,2\n3,4\n",
        "long name;\"b;c\"\n1;2\n3;4\n", "\"1\",\"2\"\n\"3\",4\n", "\"a\nb\",c\n1,2\n3,4\n",
        "first a,second b\n1.,2e0\n0.3e1,4\n"}) {
    BOOST_TEST_CONTEXT(file) BOOST_TEST(all_rows(open(file)) == (Numbers{1, 2, 3, 4}));
  }
  BOOST_TEST(all_rows(open("petal length\n1.5\n-2\n")) == (Numbers{1.5, -2}));
}

BOOST_AUTO_TEST_CASE(names) {
  const auto rows = open("x, \"say \"\"y\"\"\" ,\"a,b\"\n1,2,3\n");
  BOOST_TEST(rows->shape().names == (std::vector<std::string>{"x", "say \"y\"", "a,b"}));
  BOOST_TEST(open("1,2\n")->shape().names.empty());
  BOOST_TEST(open("a,b\n")->shape().columns == 2u);
  BOOST_TEST(all_rows(open("a,b\n")).empty());
}

BOOST_AUTO_TEST_CASE(missing_and_infinite) {
  const Numbers x = all_rows(open("1,NA,\nnan,null,-inf\n,NaN,inf\n"));
  BOOST_TEST(x.size() == 9u);
  for (const std::size_t i : {1, 2, 3, 4, 6, 7}) BOOST_TEST(std::isnan(x[i]));
  BOOST_TEST(x[5] == -std::numeric_limits<double>::infinity());
  BOOST_TEST(x[8] == std::numeric_limits<double>::infinity());
  BOOST_TEST(all_rows(open("1e-400,5\n")) == (Numbers{0, 5}));
}

// In a table of one column an empty cell is a blank line.
BOOST_AUTO_TEST_CASE(blank_lines_of_one_column) {
  for (const auto& [file, missing] :
       {std::pair<const char*, std::vector<bool>>{"v\n0.5\n\n0.7\n", {0, 1, 0}},
        {"v\n\n0.5\n0.7\n", {1, 0, 0}},
        {"0.5\n\n \r\n0.7", {0, 1, 1, 0}},
        {"# head\n\n0.5\n0.7\n\n\n", {0, 0}},
        {"\nv\n\n\n", {}}})
    for (const std::size_t block : {1, 2, 100}) {
      std::vector<bool> found;
      for (const double x : all_rows(open(file), block)) found.push_back(std::isnan(x));
      BOOST_TEST_CONTEXT(file) BOOST_TEST(found == missing, boost::test_tools::per_element());
    }
}

BOOST_AUTO_TEST_CASE(refusals) {
  BOOST_TEST(error_of("a,b,c\n1,2,3\n\n1,2,abc\n") ==
             ":4: column 3 ('c') is 'abc'; expected a number");
  BOOST_TEST(error_of("1,2,3\n1,2\n") == ":2: 2 columns, expected 3");
  BOOST_TEST(error_of("1,2,3\n1,2,3,4\n") == ":2: 4 columns, expected 3");
  BOOST_TEST(error_of("1,2\n3,1e400\n") == ":2: column 2 is '1e400'; expected a number");
  BOOST_TEST(error_of("1,2\n3,+-4\n") == ":2: column 2 is '+-4'; expected a number");
  BOOST_TEST(error_of("1,2\n3,0x10\n") == ":2: column 2 is '0x10'; expected a number");
  BOOST_TEST(error_of("1 2\n3 4 5\n") == ":2: 3 columns, expected 2");
  BOOST_TEST(error_of("1,2\n\"3,4\n5,6\n") == ":2: a quote is not closed; end it with \"");
  BOOST_TEST(error_of("# nothing\n\n").starts_with(": holds no rows"));
  for (const char* file : {"x,y\r1,2\r3,4", "# made by hand\rx,y\r1,2\r", "1\r2\r\n3\r4\r\n"})
    BOOST_TEST(error_of(file) == ": its lines end in CR alone; put tr '\\r' '\\n' in front");
  BOOST_TEST(error_of(std::string("\x7f\x45LF\0\0\1", 7)).starts_with(": is neither HDF5"));
  BOOST_TEST(error_of("\xff\xfe"
                      "1")
                 .starts_with(": is UTF-16"));
  BOOST_TEST(error_of("1,5;2,5\n1,5;3,5\n") == ":2: column 1 ('1,5') is '1,5'; expected a number");
  BOOST_TEST(error_of("1\n" + std::string(17u << 20, '1')).starts_with(":2: a line of more than"));
}

// Each newline is looked at once, not all before it again: this takes hours otherwise.
BOOST_AUTO_TEST_CASE(an_open_quote_before_many_lines) {
  BOOST_TEST(
      error_of("1,2\n\"" + std::string(17u << 20, '\n')).starts_with(":2: a line of more than"));
  BOOST_TEST(
      error_of("1,2\n\"" + std::string(1u << 20, '\n')).starts_with(":2: a quote is not closed"));
}

// Longer than what is read at once, with rows across its borders.
BOOST_AUTO_TEST_CASE(long_files) {
  std::string file;
  for (int i = 0; i < 100000; ++i) file += std::to_string(i) + "," + std::to_string(-i) + "\n";
  const Numbers x = all_rows(open(file));
  BOOST_TEST(x.size() == 200000u);
  for (std::size_t i = 0; i < 100000; ++i) {
    if (x[2 * i] != static_cast<double>(i) || x[2 * i + 1] != -x[2 * i]) {
      BOOST_FAIL("row " << i + 1 << " is " << x[2 * i] << "," << x[2 * i + 1]);
    }
  }
}

// A newline as the last byte of what is read at once, and as the first byte behind it.
BOOST_AUTO_TEST_CASE(borders) {
  for (std::size_t first = 1; first <= 4; ++first) {
    std::string file = std::string(first, '1') + ",2\n";
    for (int i = 0; i < 200000; ++i) file += "1,2\n";
    BOOST_TEST(all_rows(open(file), 1000).size() == 400002u);
  }
}

BOOST_AUTO_TEST_CASE(what_is_written_reads_back) {
  const Numbers values{0.1, 1.0 / 3, -1e-300, std::numeric_limits<double>::max(), 5e-324, -0.0};
  const RowShape shape = shape_of({2}, {"a,b", "c"});
  auto writer = create_rows({.path = folder / "y.csv", .as_float = false, .shape = shape});
  writer->write(values);
  BOOST_TEST(!std::filesystem::exists(folder / "y.csv"));
  writer->finish();
  const auto rows = open_rows({.path = folder / "y.csv"});
  BOOST_TEST(rows->shape().names == shape.names);
  BOOST_TEST(all_rows(*rows) == values);
  auto floats = create_rows({.path = folder / "y.tsv", .shape = shape_of({2})});
  floats->write(Numbers{0.1f, -2.5f});
  floats->finish();
  BOOST_TEST(file_bytes(folder / "y.tsv") == "0.1\t-2.5\n");
}

// Reads rows of this text, with words as the vocabulary says.
std::unique_ptr<RowReader> open_words(const std::string& file, Vocabulary vocabulary,
                                      const std::string& selection = "") {
  auto rows = open_rows({.path = folder.put("w.csv", file), .vocabulary = std::move(vocabulary)});
  return select_columns(std::move(rows), selection);
}

BOOST_AUTO_TEST_CASE(words_are_numbered) {
  const std::string file = "x,cut,y,colour\n1,Good,2,E\n3,\"Very, Good\",4,NA\n5,Good,6,7\n";
  const auto learned = open_words(file, {.learns = true}, "colour,x,cut");
  Numbers values = all_rows(*learned);
  BOOST_TEST(std::isnan(values[3]));
  values[3] = -9;
  BOOST_TEST(values == (Numbers{0, 1, 0, -9, 3, 1, 1, 5, 0}));
  BOOST_TEST((learned->words() == Words{{"E", "7"}, {}, {"Good", "Very, Good"}}));
  const auto known =
      open_words(file, {.known = {{"cut", {"Very, Good", "Fair"}}, {"colour", {"7", "E"}}}});
  values = all_rows(*known);
  BOOST_TEST((values[1] == -1 && values[3] == 1 && values[5] == 0 && values[11] == 0));
  // Empty cells do not say which of the two a column holds.
  const auto later = open_words("x,y,z\n,,\n1,NA,\n2,b,\n3,,\n,a,\n", {.learns = true});
  values = all_rows(*later);
  BOOST_TEST((values[3] == 1 && values[7] == 0 && values[9] == 3 && values[13] == 1));
  BOOST_TEST((std::isnan(values[1]) && std::isnan(values[4]) && std::isnan(values[10])));
  BOOST_TEST((later->words() == Words{{}, {"b", "a"}, {}}));
  BOOST_CHECK_THROW(all_rows(open_words("x,y\n,1\n2,\na,3\n", {.learns = true})), Error);
  // A column that starts with numbers holds numbers.
  BOOST_CHECK_EXCEPTION(
      all_rows(open_words("x,y\n1,a\nb,a\n", {.learns = true})), Error, [](const Error& e) {
        return std::string(e.what()).ends_with(
            ":3: column 1 ('x') is 'b'; expected a number, as in the rows before; "
            "write NA where it is missing, or leave it out with --columns 2");
      });
  BOOST_CHECK_THROW(all_rows(open_words(file, {})), Error);
  std::string many = "k\n";
  for (int i = 0; i < 257; ++i) many += "w" + std::to_string(i) + "\n";
  BOOST_CHECK_THROW(all_rows(open_words(many, {.learns = true})), Error);
}

// Inches: a quote is one of quotes only where a cell begins with it.
BOOST_AUTO_TEST_CASE(a_quote_within_a_cell_is_a_character) {
  const std::vector<std::pair<const char*, std::vector<std::string>>> files{
      {"x,y\n1,5\" pipe\n2,6\" pipe\n", {"5\" pipe", "6\" pipe"}},
      {"x,y\n1,a; \"b\n2,c; \"d\n", {"a; \"b", "c; \"d"}},
      {"x\ty\n1\ta, \"b\n2\tc, \"d\n", {"a, \"b", "c, \"d"}},
      {"x y\n1 5\"\n2 \"a b\"\n", {"5\"", "a b"}},
      {"x,y\n1, \"5\"\" pipe\"\n2,\"a,\nb\"\n", {"5\" pipe", "a,\nb"}},
      {"x,y\n1,\"a\"b\"\n2,\"\"\"a\"\n", {"a\"b", "\"a"}}};
  for (const auto& [file, words] : files) BOOST_TEST_CONTEXT(file) {
      const auto rows = open_words(file, {.learns = true});
      BOOST_TEST(all_rows(*rows) == (Numbers{1, 0, 2, 1}));
      BOOST_TEST(rows->words()[1] == words);
    }
}

BOOST_AUTO_TEST_CASE(columns_that_are_left_out_may_hold_anything) {
  std::string many = "k,x,y,z\n";
  for (int i = 0; i < 300; ++i)
    many += "w" + std::to_string(i) + ",1," + (i % 2 ? "b" : "3") + ",a\n";
  for (const bool learns : {true, false}) {
    const auto rows = open_words(many, {.learns = learns}, "x");
    BOOST_TEST(all_rows(*rows) == Numbers(300, 1));
  }
  const auto rows = open_words(many, {.learns = true}, "z,x,z");
  BOOST_TEST(all_rows(*rows).size() == 900u);
  BOOST_TEST((rows->words() == Words{{"a"}, {}, {"a"}}));
  BOOST_CHECK_THROW(all_rows(open_words(many, {.learns = true}, "x,y")), Error);
  // Of a selection of a selection the columns of the last count.
  auto twice = select_columns(open_words(many, {.learns = true}, "k,x,k"), "2");
  BOOST_TEST(all_rows(*twice) == Numbers(300, 1));
}

BOOST_AUTO_TEST_CASE(words_are_written_as_words) {
  RowShape shape = shape_of({3}, {"a", "b", "c"});
  shape.words = {{}, {"one, two", "three"}};
  auto writer = create_rows({.path = folder / "v.csv", .shape = shape});
  writer->write(Numbers{1, 0, 1, 0, 1, 0, 1, 2, 1});
  writer->finish();
  BOOST_TEST(file_bytes(folder / "v.csv") == "a,b,c\n1,\"one, two\",1\n0,three,0\n1,2,1\n");
}

BOOST_AUTO_TEST_SUITE_END()
