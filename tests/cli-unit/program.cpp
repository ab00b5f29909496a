// The command line of a program: types, precedence, exit codes, and the texts made of its table.
#include "cli/program.h"

#include <fcntl.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "cli/help.h"

namespace {

using namespace flow;

// A descriptor is caught in a file and given back.
class Caught {
 public:
  explicit Caught(int descriptor) : descriptor_(descriptor), old_(dup(descriptor)) {
    char name[] = "/tmp/flow-cli-XXXXXX";
    const int file = mkstemp(name);
    BOOST_REQUIRE(file >= 0);
    name_ = name;
    dup2(file, descriptor);
    close(file);
  }
  ~Caught() {
    dup2(old_, descriptor_);
    close(old_);
    unlink(name_.c_str());
  }
  std::string text() const {
    std::stringstream all;
    all << std::ifstream(name_).rdbuf();
    return all.str();
  }

 private:
  int descriptor_, old_;
  std::string name_;
};

struct Outcome {
  int code = -1;
  bool ran = false;
  std::string out, err;
  std::string model, kind = "a", label;
  std::vector<std::string> data;
  std::size_t rows = 10;
  double scale = 1;
  std::optional<std::uint64_t> seed;
  bool force = false;
};

Outcome run(
    std::vector<std::string> words, const std::function<void()>& body = [] {}) {
  Outcome o;
  const Caught out(STDOUT_FILENO), err(STDERR_FILENO);
  cli::Program p("flow-test", "Tests.");
  p.operand("MODEL", o.model, "a model");
  p.operand("DATA", o.data, "rows");
  p.option("-n,--rows", o.rows, "N", "how many");
  p.option("--scale", o.scale, "S", "a factor");
  p.option("--seed", o.seed, "N", "of it all");
  p.option("--label", o.label, "TEXT", "a name");
  p.choice("-k,--kind", o.kind, "KIND", {"a", "b"}, "which");
  p.flag("-f,--force", o.force, "it");
  words.insert(words.begin(), "flow-test");
  std::vector<char*> argv;
  for (std::string& w : words) argv.push_back(w.data());
  argv.push_back(nullptr);
  o.code = p.run(static_cast<int>(words.size()), argv.data(), [&] { o.ran = true, body(); });
  o.out = out.text(), o.err = err.text();
  return o;
}

void expect_usage_error(const std::vector<std::string>& words, const std::string& part) {
  const Outcome o = run(words);
  BOOST_TEST_CONTEXT(o.err) {
    BOOST_TEST(o.code == 2);
    BOOST_TEST(!o.ran);
    BOOST_TEST(o.out == "");
    BOOST_TEST(o.err.starts_with("flow-test: "));
    BOOST_TEST(o.err.find(part) != std::string::npos);
    BOOST_TEST(o.err.ends_with("\nTry 'flow-test --help'.\n"));
    BOOST_TEST(std::count(o.err.begin(), o.err.end(), '\n') == 2);
  }
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != text.npos; }

}  // namespace

BOOST_AUTO_TEST_SUITE(program)

BOOST_AUTO_TEST_CASE(values_reach_their_variables) {
  const Outcome o = run({"m", "-n", "5", "x", "--scale=-0.5", "-", "--seed", "18446744073709551615",
                         "-fkb", "--label", "[a,b]"});
  BOOST_TEST(o.code == 0);
  BOOST_TEST(o.ran);
  BOOST_TEST(o.model == "m");
  BOOST_TEST(o.data == (std::vector<std::string>{"x", "-"}), boost::test_tools::per_element());
  BOOST_TEST(o.rows == 5u);
  BOOST_TEST(o.scale == -0.5);
  BOOST_TEST(o.seed.value() == UINT64_MAX);
  BOOST_TEST(o.kind == "b");
  BOOST_TEST(o.force);
  BOOST_TEST(o.label == "[a,b]");
  BOOST_TEST(run({"m", "--scale", "-2"}).scale == -2);
  BOOST_TEST(run({"[a,b]"}).model == "[a,b]");
  BOOST_TEST(run({"--", "-n"}).model == "-n");
  BOOST_TEST(!run({"m"}).seed.has_value());
}

BOOST_AUTO_TEST_CASE(numbers_are_strict) {
  BOOST_TEST(cli::parse_number<std::size_t>("12", "-n") == 12u);
  BOOST_TEST(cli::parse_number<double>("1e-3", "-x") == 1e-3);
  for (const char* wrong :
       {"", " 1", "1 ", "+1", "-1", "1.0", "0x10", "1e3", "10x", "a", "18446744073709551616"})
    BOOST_CHECK_THROW(cli::parse_number<std::uint64_t>(wrong, "-n"), Error);
  for (const char* wrong : {"", "1,5", "nan", "inf", "-inf", "1e999", "0x10", "1.5 ", "1f"})
    BOOST_CHECK_THROW(cli::parse_number<double>(wrong, "-x"), Error);
}

BOOST_AUTO_TEST_CASE(wrong_command_lines_are_named) {
  expect_usage_error({}, "MODEL is missing");
  expect_usage_error({"m", "--rows", "10x"}, "--rows: '10x'");
  expect_usage_error({"m", "--rows=-1"}, "--rows: '-1'");
  expect_usage_error({"m", "--rows"}, "rows");
  expect_usage_error({"m", "--rows", "1", "-n", "2"}, "--rows: given twice");
  expect_usage_error({"m", "--kind", "c"}, "'c' is not one of: a, b");
  expect_usage_error({"m", "--row", "1"}, "--row");
  expect_usage_error({"m", "-x"}, "-x");
  expect_usage_error({"m", "--force=false"}, "--force: takes no value");
  expect_usage_error({"m", "--color", "blue"}, "auto, always, never");
}

BOOST_AUTO_TEST_CASE(the_environment_gives_what_the_command_line_does_not) {
  setenv("FLOW_ROWS", "7", 1);
  BOOST_TEST(run({"m"}).rows == 7u);
  BOOST_TEST(run({"m", "-n", "8"}).rows == 8u);
  setenv("FLOW_ROWS", "", 1);
  BOOST_TEST(run({"m"}).rows == 10u);
  setenv("FLOW_ROWS", "many", 1);
  expect_usage_error({"m"}, "FLOW_ROWS: --rows: 'many'");
  BOOST_TEST(run({"--help"}).code == 0);
  unsetenv("FLOW_ROWS");
  setenv("FLOW_KIND", "b", 1);
  BOOST_TEST(run({"m"}).kind == "b");
  unsetenv("FLOW_KIND");
  // No flag, and nothing that belongs to the terminal.
  setenv("FLOW_FORCE", "1", 1), setenv("FLOW_COLOR", "blue", 1);
  BOOST_TEST(run({"m"}).code == 0);
  BOOST_TEST(!run({"m"}).force);
  unsetenv("FLOW_FORCE"), unsetenv("FLOW_COLOR");
}

BOOST_AUTO_TEST_CASE(what_a_body_throws_becomes_one_line_and_a_code) {
  const auto thrown = [](auto e) { return run({"m"}, [&] { throw e; }); };
  const Outcome data = thrown(Error(Exit::data, "x.csv:17: bad"));
  BOOST_TEST(data.code == 3);
  BOOST_TEST(data.err == "flow-test: x.csv:17: bad\n");
  BOOST_TEST(thrown(Error(Exit::model, "m.h5: bad")).code == 4);
  BOOST_TEST(thrown(std::bad_alloc()).code == 1);
  BOOST_TEST(has(thrown(std::bad_alloc()).err, "out of memory"));
  BOOST_TEST(thrown(std::runtime_error("odd")).err == "flow-test: odd\n");
  BOOST_TEST(thrown(Error(Exit::data, "a\n\x1b[31m: bad")).err == "flow-test: a??[31m: bad\n");
  const Outcome closed = thrown(Error(Exit::closed, ""));
  BOOST_TEST(closed.code == 141);
  BOOST_TEST(closed.err == "");
}

BOOST_AUTO_TEST_CASE(questions_are_answered_without_operands_and_the_body_stays_out) {
  for (const char* question : {"--help", "-h", "--usage", "-V", "--version", "--list-options",
                               "--completion=bash", "--completion=zsh", "--completion=fish"}) {
    const Outcome o = run({question});
    BOOST_TEST(o.code == 0);
    BOOST_TEST(!o.ran);
    BOOST_TEST(o.err == "");
    BOOST_TEST(o.out.size() > 10);
  }
}

BOOST_AUTO_TEST_CASE(a_full_disk_is_reported) {
  const int old = dup(STDOUT_FILENO), full = open("/dev/full", O_WRONLY);
  dup2(full, STDOUT_FILENO);
  close(full);
  BOOST_CHECK_EXCEPTION(cli::write_stdout("x"), Error,
                        [](const Error& e) { return e.code() == Exit::failed; });
  dup2(old, STDOUT_FILENO);
  close(old);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(texts)

const cli::Usage usage{
    .name = "flow-test",
    .summary = "One two three four five six seven eight nine ten eleven twelve thirteen fourteen.",
    .operands =
        {{.name = "MODEL", .help = "a model", .required = true, .set = {}},
         {.name = "DATA", .help = "rows", .required = false, .repeatable = true, .set = {}}},
    .options = {{.names = "-k,--kind",
                 .metavar = "KIND",
                 .help = "it's [one] of: these",
                 .section = "First",
                 .choices = {"a", "b"},
                 .set = {}},
                {.names = "--a-name-that-is-long",
                 .metavar = "VALUE",
                 .help = "one two three four five six seven eight nine ten eleven twelve thirteen",
                 .section = "Second",
                 .choices = {},
                 .set = {}}},
    .examples = {{"flow-test m.h5", "a test"}}};

BOOST_AUTO_TEST_CASE(help_is_wrapped_at_80_columns_in_two_columns) {
  const std::string help = cli::full_help(usage);
  BOOST_TEST(help.starts_with("usage: flow-test [OPTIONS] MODEL [DATA...]\n\n"));
  std::istringstream lines(help);
  for (std::string line; std::getline(lines, line);) {
    BOOST_TEST(line.size() <= 80u);
    BOOST_TEST(!line.ends_with(' '));
  }
  BOOST_TEST(has(help, "\nFirst:\n  -k, --kind KIND           it's [one] of: these (a b)\n"));
  BOOST_TEST(
      has(help, "\nSecond:\n      --a-name-that-is-long VALUE\n" + std::string(28, ' ') + "one "));
  BOOST_TEST(has(help, "\nExamples:\n  flow-test m.h5\n      a test\n"));
  BOOST_TEST(cli::option_list(usage) == "--kind\n--a-name-that-is-long\n");
  cli::Usage bare = usage;
  bare.operands.clear();
  BOOST_TEST(!has(cli::full_help(bare), "Operands"));
}

BOOST_AUTO_TEST_CASE(completions_carry_names_choices_and_quotes) {
  const std::string bash = cli::completion(usage, "bash"), zsh = cli::completion(usage, "zsh"),
                    fish = cli::completion(usage, "fish");
  BOOST_TEST(has(bash, "-k|--kind) COMPREPLY=($(compgen -W 'a b'"));
  BOOST_TEST(has(bash, "'--kind --a-name-that-is-long'"));
  BOOST_TEST(has(bash, "complete -o filenames -F _flow_test flow-test\n"));
  BOOST_TEST(zsh.starts_with("#compdef flow-test\n"));
  BOOST_TEST(has(zsh, "'--kind[it'\\''s  one  of  these]:KIND:(a b)'"));
  BOOST_TEST(has(fish, "-l kind -d 'it\\'s [one] of: these' -s k -r -f -a 'a b'\n"));
}

BOOST_AUTO_TEST_SUITE_END()
