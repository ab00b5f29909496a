// What the options of outputs promise of the rows in them.
#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "cli/rows_options.h"
#include "core/error.h"
#include "data/folder.h"

using namespace flow;

BOOST_AUTO_TEST_SUITE(rows)

BOOST_AUTO_TEST_CASE(an_output_of_other_than_the_promised_rows_is_none) {
  const TestFolder folder;
  RowShape shape;
  shape.columns = 2, shape.rows = 3;
  for (const char* format : {"csv", "raw", "npy", "h5"}) {
    std::string path = folder / "x." + format;
    cli::Program program("flow-test", "Tests.");
    cli::OutputOptions output;
    output.add_to(program);
    std::string name = "flow-test", quiet = "-q", option = "-o";
    char* words[] = {name.data(), quiet.data(), option.data(), path.data(), nullptr};
    const int code = program.run(4, words, [&] {
      const auto writer = output.create(shape);
      writer->write(std::vector<double>{1, 2, 3, 4});
      BOOST_CHECK_EXCEPTION(writer->finish(), Error, [&](const Error& e) {
        return e.what() ==
               path + ": 2 of 3 rows came; the input has changed meanwhile: run it again";
      });
    });
    BOOST_TEST(code == 0);
    BOOST_TEST(!std::filesystem::exists(path));
  }
}

BOOST_AUTO_TEST_SUITE_END()
