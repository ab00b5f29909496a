// Sizes as users write them.
#include "logdet/sizes.h"

#include <boost/test/unit_test.hpp>

#include "core/error.h"

using namespace flow;

namespace {

std::string listed(const std::string& text) {
  std::string out;
  for (const std::size_t n : parse_sizes(text, "--dim")) out += std::to_string(n) + " ";
  return out;
}

bool is_usage(const Error& e) {
  return e.code() == Exit::usage && std::string(e.what()).find("--dim: ") == 0;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(sizes_suite)

BOOST_AUTO_TEST_CASE(lists_ranges_and_factors) {
  BOOST_TEST(listed("16") == "16 ");
  BOOST_TEST(listed("784,16,16") == "16 784 ");
  BOOST_TEST(listed("16-128*2") == "16 32 64 128 ");
  BOOST_TEST(listed("16-100*2") == "16 32 64 ");
  BOOST_TEST(listed("2-8*1.5") == "2 3 5 7 ");
  BOOST_TEST(listed("10-30+10") == "10 20 30 ");
  BOOST_TEST(listed("2-5") == "2 3 4 5 ");
  BOOST_TEST(listed("1-2,512-2048*2") == "1 2 512 1024 2048 ");
}

BOOST_AUTO_TEST_CASE(what_is_no_list_is_refused) {
  for (const char* text : {"", "x", "4,x", "4,", "0", "-4", "8-4", "4-8*1", "4-8*0.5", "4-8+0",
                           "4-8*", "4-8x2", "4 8", "1-100000", "99999999999999999999", "4-8*nan"})
    BOOST_CHECK_EXCEPTION(parse_sizes(text, "--dim"), Error, is_usage);
}

BOOST_AUTO_TEST_CASE(bytes_for_people) {
  BOOST_TEST(in_bytes(0) == "0 B");
  BOOST_TEST(in_bytes(999) == "999 B");
  BOOST_TEST(in_bytes(4100) == "4.10 kB");
  BOOST_TEST(in_bytes(33.6e6) == "33.6 MB");
  BOOST_TEST(in_bytes(2.2e15) == "2.20 PB");
  BOOST_TEST(available_memory() > 1e6);
}

BOOST_AUTO_TEST_SUITE_END()
