#define BOOST_TEST_MODULE exactflow
#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>
#include <csignal>

// A closed pipe is an error to report, not the end of the tests.
struct IgnoreClosedPipes {
  IgnoreClosedPipes() { std::signal(SIGPIPE, SIG_IGN); }
};
BOOST_TEST_GLOBAL_FIXTURE(IgnoreClosedPipes);
