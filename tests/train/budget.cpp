// The epochs that fit into a time.
#include "train/budget.h"

#include <boost/test/unit_test.hpp>

namespace flow::test {

namespace {

BOOST_AUTO_TEST_SUITE(budget)

const Pace pace{.start = 1.5, .epoch = 3};

BOOST_AUTO_TEST_CASE(as_many_as_end_in_nine_tenths) {
  BOOST_TEST(affordable_epochs(pace, 60, 100) == 29u);  // 3 + 29 * 3 = 90
  BOOST_TEST(affordable_epochs(pace, 60, 99) == 28u);
  BOOST_TEST(affordable_epochs(pace, 60, 7) == 1u);
}

BOOST_AUTO_TEST_CASE(no_more_than_are_asked_for) {
  BOOST_TEST(affordable_epochs(pace, 60, 1e6) == 60u);
}

BOOST_AUTO_TEST_CASE(perhaps_not_one) {
  BOOST_TEST(affordable_epochs(pace, 60, 6.6) == 0u);
  BOOST_TEST(affordable_epochs(pace, 60, -5) == 0u);
}

BOOST_AUTO_TEST_CASE(half_of_them_is_enough) {
  BOOST_TEST(too_wide(29, 60));
  BOOST_TEST(!too_wide(30, 60));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace

}  // namespace flow::test
