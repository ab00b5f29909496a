#define BOOST_TEST_MODULE exactflow
#include <boost/test/unit_test.hpp>
