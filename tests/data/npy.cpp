// Arrays of every number type and order, and headers and files that must be refused.
#include "data/npy.h"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstring>

#include "core/error.h"
#include "data/folder.h"
#include "data/source.h"

using namespace flow;

namespace {

const TestFolder folder;
using Numbers = std::vector<double>;

std::string npy(const std::string& dict, const std::string& numbers, char version = 1) {
  std::string head = std::string("\x93NUMPY", 6) + version + '\0';
  head += static_cast<char>(dict.size());
  head += std::string(version == 1 ? 1 : 3, '\0');
  return head + dict + numbers;
}

std::string dict(const std::string& type, const std::string& dims, const char* fortran = "False") {
  return "{'descr': '" + type + "', 'fortran_order': " + fortran + ", 'shape': (" + dims + "), }\n";
}

std::unique_ptr<RowReader> open(const std::string& bytes) {
  return open_rows({.path = folder.put("x.npy", bytes)});
}

std::string error_of(const std::string& bytes) {
  try {
    all_rows(open(bytes));
  } catch (const Error& e) {
    BOOST_TEST(static_cast<int>(e.code()) == 3);
    return std::string(e.what()).substr((folder / "x.npy").size());
  }
  return "no error";
}

std::string bytes(std::initializer_list<int> list) {
  std::string text;
  for (const int b : list) text += static_cast<char>(b);
  return text;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(npy_files)

BOOST_AUTO_TEST_CASE(number_types) {
  const struct {
    const char* type;
    std::string one_and_minus_two;
  } cases[] = {
      {"<f2", bytes({0, 0x3c, 0, 0xc0})},
      {">f2", bytes({0x3c, 0, 0xc0, 0})},
      {"<f4", bytes({0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0})},
      {">f4", bytes({0x3f, 0x80, 0, 0, 0xc0, 0, 0, 0})},
      {">f8", bytes({0x3f, 0xf0, 0, 0, 0, 0, 0, 0, 0xc0, 0, 0, 0, 0, 0, 0, 0})},
      {"|i1", bytes({1, 0xfe})},
      {"<i2", bytes({1, 0, 0xfe, 0xff})},
      {">i2", bytes({0, 1, 0xff, 0xfe})},
      {"<i4", bytes({1, 0, 0, 0, 0xfe, 0xff, 0xff, 0xff})},
      {"<i8", bytes({1, 0, 0, 0, 0, 0, 0, 0, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff})},
  };
  for (const auto& c : cases) {
    const auto rows = open(npy(dict(c.type, "2, 1"), c.one_and_minus_two));
    BOOST_TEST(rows->shape().integers == (c.type[1] == 'i'));
    BOOST_TEST_CONTEXT(c.type) BOOST_TEST(all_rows(*rows) == (Numbers{1, -2}));
  }
  BOOST_TEST(all_rows(open(npy(dict("|u1", "2, 1"), bytes({255, 0})))) == (Numbers{255, 0}));
  BOOST_TEST(all_rows(open(npy(dict("|b1", "3,"), bytes({0, 1, 2})))) == (Numbers{0, 1, 1}));
  // Halves: the smallest subnormal, the largest, infinity.
  const Numbers halves = all_rows(open(npy(dict("<f2", "3,"), bytes({1, 0, 0xff, 0x7b, 0, 0x7c}))));
  BOOST_TEST(halves == (Numbers{0x1p-24, 65504, HUGE_VAL}));
}

BOOST_AUTO_TEST_CASE(shapes_and_orders) {
  const std::string six = bytes({1, 2, 3, 4, 5, 6});
  BOOST_TEST(all_rows(open(npy(dict("|u1", "3, 2"), six))) == (Numbers{1, 2, 3, 4, 5, 6}));
  BOOST_TEST(all_rows(open(npy(dict("|u1", "3, 2", "True"), six))) == (Numbers{1, 4, 2, 5, 3, 6}));
  for (const char version : {char{2}, char{3}}) {
    BOOST_TEST(all_rows(open(npy(dict("|u1", "3, 2"), six, version))).size() == 6u);
  }
  const auto images = open(npy(dict("|u1", "1, 1, 2, 3"), six));
  BOOST_TEST(images->shape().columns == 6u);
  BOOST_TEST(images->shape().dims == (std::vector<std::size_t>{1, 2, 3}));
  BOOST_TEST(*images->shape().rows == 1u);
  const auto line = open(npy(dict("|u1", "6,"), six));
  BOOST_TEST(line->shape().columns == 1u);
  BOOST_TEST(all_rows(*line).size() == 6u);
  BOOST_TEST(all_rows(open(npy(dict("|u1", "0, 2"), ""))).empty());
  BOOST_TEST(error_of(npy(dict("|u1", "1, 2, 3", "True"), six)).find("ascontiguous") !=
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(refusals) {
  const std::string six = bytes({1, 2, 3, 4, 5, 6});
  BOOST_TEST(error_of(npy(dict("|u1", "4, 2"), six)) ==
             ": truncated: 3 of 4 rows, 2 bytes short; make the file again");
  BOOST_TEST(
      error_of(npy(dict("|u1", "2, 2"), six)).starts_with(": bytes follow the last of 2 rows"));
  BOOST_TEST(error_of(npy(dict("|O", "6,"), six)).starts_with(": holds Python objects"));
  BOOST_TEST(error_of(npy(dict("<c8", "6,"), six)).starts_with(": holds '<c8'"));
  BOOST_TEST(error_of(npy(dict("|u1", ""), six)).starts_with(": an array of rank 0"));
  BOOST_TEST(error_of(npy(dict("|u1", "1,1,1,1,6"), six)).starts_with(": an array of rank 5"));
  BOOST_TEST(
      error_of(npy(dict("|u1", "2, 99999999999"), six)).starts_with(": rows of 99999999999"));
  BOOST_TEST(error_of(npy(dict("|u1", "2, 0"), six)).starts_with(": rows of 0"));
  BOOST_TEST(error_of(npy(dict("|u1", "18446744073709551615, 6"), six)) != "no error");
  BOOST_TEST(error_of(npy(dict("<i8", "1,"), bytes({1, 0, 0, 0, 0, 0, 0x20, 0}))).find("beyond") ==
             std::string::npos);
  BOOST_TEST(error_of(npy(dict("<i8", "1,"), bytes({1, 0, 0, 0, 0, 0, 0x20, 0})))
                 .starts_with(": row 1: column 1 is an integer of 2^53 or more"));
  BOOST_TEST(error_of(npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}", six))
                 .starts_with(": holds structures"));
  const std::string good = dict("|u1", "3, 2");
  BOOST_TEST(error_of(npy(good, six)) == "no error");
  for (std::size_t n = 6; n < good.size() + 10; ++n) {  // a header cut anywhere
    BOOST_TEST(error_of(npy(good, "").substr(0, n)) != "no error");
  }
  for (const char* text :
       {"{}", "{'descr': '|u1', 'descr': '|u1', 'fortran_order': False, 'shape': (6,)}",
        "{'descr': '|u1'}", "{'descr': '|u1', 'descr': '|u1', 'shape': (6,)}",
        "{'descr': '|u1', 'fortran_order': Maybe, 'shape': (6,)}",
        "{'descr': '|u1', 'fortran_order': False, 'shape': (-6,)}",
        "{'descr': '|u1', 'fortran_order': False, 'shape': (6,)} x",
        "{'descr': '|u1', 'fortran_order': False, 'shape': (6,), 'more': 1}"}) {
    BOOST_TEST_CONTEXT(text) BOOST_TEST(error_of(npy(text, six)) != "no error");
  }
}

BOOST_AUTO_TEST_CASE(what_is_written_reads_back) {
  for (const bool known : {true, false}) {
    const std::string path = folder / (known ? "known.npy" : "unknown.npy");
    RowShape shape = shape_of({2, 2});
    if (known) shape.rows = 2;
    auto writer = create_rows({.path = path, .as_float = false, .shape = shape});
    writer->write(Numbers{1, 2, 3, 4});
    writer->write(Numbers{5, 6, 7, 0.1});
    writer->finish();
    const auto rows = open_rows({.path = path});
    BOOST_TEST(rows->shape().dims == shape.dims);
    BOOST_TEST(all_rows(*rows) == (Numbers{1, 2, 3, 4, 5, 6, 7, 0.1}));
  }
  BOOST_TEST(file_bytes(folder / "known.npy") == file_bytes(folder / "unknown.npy"));
  BOOST_TEST(file_bytes(folder / "known.npy").find('\n') % 64 == 63u);
}

BOOST_AUTO_TEST_SUITE_END()
