// lib/config: what is taken, what is refused and in which words, and that the resolved tree is a
// configuration that means the same.
#include <stdlib.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <random>

#include "config/config.h"
#include "config/scalar.h"
#include "core/error.h"

using flow::Config;

namespace {

const char* const sample = R"(# a comment
model:
  layers:
    - actnorm
    - kind: affine-coupling   # with a net
      hidden: [128, 64]
    - {kind: linear, start: "010"}
train:
  epochs: 20
  rate: 1.5e-3
  shuffle: false
)";

// The message of the Error that f throws.
template <class F>
std::string error_of(F f) {
  try {
    f();
  } catch (const flow::Error& e) {
    BOOST_TEST(static_cast<int>(e.code()) == 2);
    return e.what();
  }
  return "no error";
}

std::string parse_error(const std::string& yaml) {
  return error_of([&] { Config::parse(yaml, "c.yaml"); });
}

void expect(const std::string& message, const std::string& part) {
  BOOST_TEST(message.find(part) != std::string::npos, "'" << part << "' is not in: " << message);
}

struct Folder {
  Folder() {
    char name[] = "/tmp/flow-config-XXXXXX";
    BOOST_REQUIRE(mkdtemp(name));
    path = name;
  }
  ~Folder() {
    unlink((path + "/c.yaml").c_str());
    rmdir(path.c_str());
  }
  std::string path;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(config)

BOOST_AUTO_TEST_CASE(reads_values_and_lists) {
  Config c = Config::parse(sample, "c.yaml");
  Config& train = c.map("train");
  BOOST_TEST(train.count("epochs", 1, 100) == 20u);
  BOOST_TEST(train.number("rate", Config::above_zero, 1) == 1.5e-3);
  BOOST_TEST(!train.flag("shuffle", true));
  const auto layers = c.map("model").list("layers");
  BOOST_REQUIRE(layers.size() == 3u);
  BOOST_TEST(layers[0]->value() == "actnorm");
  BOOST_TEST(layers[1]->choice("kind", {"linear", "affine-coupling"}) == "affine-coupling");
  const std::vector<std::size_t> hidden{128, 64};
  BOOST_TEST(layers[1]->counts("hidden", 1, 1000) == hidden);
  BOOST_TEST(layers[2]->text("start") == "010");
  BOOST_TEST(layers[2]->text("kind") == "linear");
  c.reject_unread();
  BOOST_TEST(layers[1]->origin() == "c.yaml:5");
}

BOOST_AUTO_TEST_CASE(values_out_of_type_or_range_say_where_and_what_is_expected) {
  const auto number = [](const std::string& value) {
    Config c = Config::parse("a:\n  b: " + value, "c.yaml");
    return error_of([&] { c.map("a").number("b", 0, 10); });
  };
  BOOST_TEST(number("11") == "c.yaml:2: a.b: expected a number from 0 to 10, not '11'");
  for (const char* bad : {"010", ".nan", ".inf", "1e999", "0x1", "+1", "1 2", "'1'", "1_0", "nan",
                          "inf", "-0.1", "yes"})
    expect(number(bad), "expected a number from 0 to 10");
  BOOST_TEST(number(".5") == "no error");
  expect(number("[1]"), "a single value");
  expect(number("~"), "missing");
  const auto count = [](const std::string& value) {
    Config c = Config::parse("n: " + value, "c.yaml");
    return error_of([&] { c.count("n", 1, Config::no_limit); });
  };
  BOOST_TEST(count("0") == "c.yaml:1: n: expected a whole number of at least 1, not '0'");
  for (const char* bad : {"-1", "1.0", "1e3", "010", "18446744073709551616"})
    expect(count(bad), "at least 1");
  BOOST_TEST(count("18446744073709551615") == "no error");
  Config few = Config::parse("n: 11", "c.yaml");
  expect(error_of([&] { few.count("n", 0, 10); }), "expected a whole number from 0 to 10");

  Config c = Config::parse("f: yes\nk: afine\nl: 3\nm: [1]\nt: [1, -2]", "c.yaml");
  expect(error_of([&] { c.flag("f", true); }), "c.yaml:1: f: expected true or false, not 'yes'");
  expect(error_of([&] { c.choice("k", {"affine", "spline"}); }), "did you mean 'affine'?");
  expect(error_of([&] { c.counts("l", 0, 9); }), "c.yaml:3: l: expected a list");
  expect(error_of([&] { c.map("m"); }), "c.yaml:4: m: expected a map");
  expect(error_of([&] { c.list("m")[0]->text("key", "usual"); }),
         "c.yaml:4: m.0: expected a map with the key 'key'");
  expect(error_of([&] { c.counts("t", 0, 9); }), "c.yaml:5: t.1: expected a whole number");
  BOOST_TEST(error_of([&] { c.text("x"); }) == "c.yaml: x: missing; give it a value");
  expect(error_of([&] { c.fail("l", "no"); }), "c.yaml:3: l: no");
}

BOOST_AUTO_TEST_CASE(unread_keys_are_refused_with_a_suggestion) {
  Config c = Config::parse("train:\n  epochs: 1\n  epocs: 2\nqqqq:", "c.yaml");
  c.map("train").count("epochs", 0, 9);
  BOOST_TEST(error_of([&] { c.reject_unread(); }) ==
             "c.yaml:3: train.epocs: unknown key; did you mean 'epochs'?");
  Config absent = Config::parse("qqqq:\nseed:", "c.yaml");
  absent.count("seed", 0, 9, 0);
  expect(error_of([&] { absent.reject_unread(); }),
         "c.yaml:1: qqqq: unknown key; known here: seed");
  Config in_list = Config::parse("l:\n - {k: 1}", "c.yaml");
  in_list.list("l");
  expect(error_of([&] { in_list.reject_unread(); }), "c.yaml:2: l.0.k: unknown key");
}

BOOST_AUTO_TEST_CASE(refuses_what_is_not_plain_yaml) {
  expect(parse_error("a: 1\nb: &x 2"), "c.yaml:2: an anchor");
  expect(parse_error("a: &a [*a]"), "c.yaml:1: ");
  expect(parse_error("a: *b"), "c.yaml:1: ");
  expect(parse_error("a: 1\na: 2"), "c.yaml:2: the key 'a' is given twice");
  expect(parse_error("m: {a: 1, a: 2}"), "c.yaml:1: the key 'a' is given twice");
  expect(parse_error("a: !!int 3"), "c.yaml:1: a tag");
  expect(parse_error("a: 1\n---\nb: 2"), "a second document");
  expect(parse_error("- 1"), "c.yaml:1: the outermost level is no map");
  expect(parse_error("just words"), "no map");
  expect(parse_error("[a]: 1"), "a key that is not a plain word");
  expect(parse_error("~: 1"), "a key that is not a plain word");
  expect(parse_error("\"a\\nb\": 1"), "c.yaml:1: a control character in the key 'a?b'");
  expect(parse_error("a: [1\nb: 2"), "not valid YAML");
  expect(parse_error("a: b: c"), "not valid YAML");
  expect(parse_error(std::string("a: \0", 4)), "not a text file");
  expect(parse_error("a: 1\nb: \x1b[31m"), "c.yaml:2: a control character");
  expect(parse_error("a: " + std::string(100000, '[')), "c.yaml:1: ");
  std::string deep;
  for (std::size_t i = 0; i < 33; ++i) deep += std::string(i, ' ') + "a:\n";
  expect(parse_error(deep + std::string(33, ' ') + "b: 1"), "c.yaml:33: nested too deeply");
  expect(parse_error("a: " + std::string(1 << 20, 'x')), "longer than 1 MiB");
  BOOST_TEST(parse_error("") == "no error");
  BOOST_TEST(parse_error("# nothing\n") == "no error");
}

BOOST_AUTO_TEST_CASE(unreadable_files_are_one_clear_line) {
  const Folder folder;
  const auto error = [](const std::string& path) { return error_of([&] { Config::read(path); }); };
  expect(error(folder.path), "Is a directory");
  expect(error(folder.path + "/none.yaml"), "/none.yaml: cannot read the configuration: No such");
  expect(error("/dev/zero"), "longer than 1 MiB");
  std::ofstream(folder.path + "/c.yaml") << "a: 1\n";
  Config c = Config::read(folder.path + "/c.yaml");
  BOOST_TEST(c.count("a", 0, 9) == 1u);
}

BOOST_AUTO_TEST_CASE(merge_and_set_replace_and_say_who_won) {
  Config c = Config::parse("a: {x: 1, y: 2}\nl: [1, 2, 3]\nk: {z: 1}", "base.yaml");
  c.merge(Config::parse("a:\n  y: 5\nl: [4]\nk:\n", "over.yaml"));
  c.set("a.x", "7", "-s");
  c.set("new.deep", "[1, 2]", "-s");
  c.set("l.0", "9", "--l");
  BOOST_TEST(c.to_yaml() == "a:\n  x: 7\n  \"y\": 5\nl: [9]\nk:\n  z: 1\nnew:\n  deep: [1, 2]\n");
  const std::string shown = c.to_yaml_with_origins();
  expect(shown, "  x: 7          # -s\n");
  expect(shown, "  \"y\": 5        # over.yaml:2\n");
  expect(shown, "  deep: [1, 2]  # -s\n");
  expect(error_of([&] { c.map("a").count("x", 8, 9); }), "-s: a.x: expected a whole number");

  c.set("a", "{y: 6}", "-s");
  BOOST_TEST(c.map("a").count("x", 0, 9) == 7u);
  c.set("a.x", "", "-s");
  BOOST_TEST(c.map("a").count("x", 0, 9, 3) == 3u);
  BOOST_TEST(Config::parse(c.to_yaml(), "again").map("a").count("y", 0, 9) == 6u);
  expect(error_of([&] { c.set("l.5", "1", "-s"); }), "-s: l.5: there is no such element");
  expect(error_of([&] { c.set("a.y.z", "1", "-s"); }), "a.y is a single value");
  expect(error_of([&] { c.set("a..b", "1", "-s"); }), "is no key");
  expect(error_of([&] { c.set("", "1", "-s"); }), "is no key");
  expect(error_of([&] { c.set("a.y", "[1", "-s"); }), "-s: a.y: ");
  expect(error_of([&] { c.set("a.y", "*.h5", "-s"); }), "-s: a.y: ");
}

BOOST_AUTO_TEST_CASE(defaults_are_written_and_the_resolved_tree_means_the_same) {
  const auto build = [](Config& c) {
    Config& t = c.map("train");
    BOOST_TEST(t.number("rate", 0, 1, 0.1) == 0.1);
    BOOST_TEST(t.count("seed", 0, Config::no_limit, Config::no_limit) == Config::no_limit);
    BOOST_TEST(t.flag("ema", true));
    BOOST_TEST(t.text("name", "0 \"\n# é") == "0 \"\n# é");
    BOOST_TEST(t.text("digits", "12") == "12");
    BOOST_TEST(t.choice("kind", {"adam", "sgd"}, "adam") == "adam");
    const std::vector<double> betas{0.9, 1e-300};
    BOOST_TEST(t.numbers("betas", 0, 1, betas) == betas);
    const std::vector<std::string> columns{"a", "true", ""};
    BOOST_TEST(t.texts("columns", columns) == columns);
    BOOST_TEST(t.counts("none", 0, 1, std::vector<std::size_t>{}).empty());
    c.map("empty");
    c.reject_unread();
  };
  Config first;
  build(first);
  expect(first.to_yaml_with_origins(), "# default\n");
  Config second = Config::parse(first.to_yaml(), "resolved");
  BOOST_TEST(second.to_yaml() == first.to_yaml());
  build(second);
  BOOST_TEST(second.to_yaml() == first.to_yaml());
  expect(first.to_yaml(), "digits: \"12\"");
  expect(first.to_yaml(), "betas: [0.9, 1e-300]");
}

BOOST_AUTO_TEST_CASE(numbers_round_trip) {
  for (const double x : {0.1, 1e300, 5e-324, -2.5, 1.0 / 3, 1e22, 123456789.0})
    BOOST_TEST(*flow::parse_number(flow::shortest(x)) == x);
  BOOST_TEST(flow::did_you_mean("hiden", {"kind", "hidden"}) == "; did you mean 'hidden'?");
  BOOST_TEST(flow::did_you_mean("zzz", {"kind", "hidden"}).empty());
}

BOOST_AUTO_TEST_CASE(a_key_without_a_value_takes_the_default) {
  Config c = Config::parse("a:\nb: 1\nc: ~", "c.yaml");
  BOOST_TEST(c.to_yaml() == "b: 1\n");
  BOOST_TEST(c.count("a", 0, 9, 3) == 3u);
  BOOST_TEST(c.to_yaml_with_origins() == "a: 3  # default\nb: 1  # c.yaml:2\n");
}

// Damaged texts: an error, or a tree whose text is a tree with the same text.
BOOST_AUTO_TEST_CASE(survives_garbage) {
  std::mt19937 random(1);
  const std::string letters = "ab01:-[]{},\"'#&*!|>%@`?~ \n\t\\.\xc3\xa9\xff";
  std::size_t taken = 0;
  for (int i = 0; i < 20000; ++i) {
    std::string yaml = i % 4 == 0 ? "" : sample;
    for (std::size_t k = random() % 12 + 1; k-- > 0;) {
      const std::size_t at = random() % (yaml.size() + 1);
      const char c = letters[random() % letters.size()];
      if (random() % 3 == 0 && at < yaml.size()) {
        yaml.erase(at, random() % 8);
      } else {
        yaml.insert(at, random() % 8 == 0 ? 9 : 1, c);
      }
    }
    std::string once;
    try {
      once = Config::parse(yaml, "c.yaml").to_yaml();
    } catch (const flow::Error& e) {
      BOOST_REQUIRE(std::string(e.what()).find('\n') == std::string::npos);
      continue;
    }
    ++taken;
    BOOST_REQUIRE_EQUAL(Config::parse(once, "again").to_yaml(), once);
  }
  BOOST_TEST(taken > 100u);
}

BOOST_AUTO_TEST_SUITE_END()
