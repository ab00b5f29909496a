// From a configuration to a flow: names, sharing of nets, and what is refused.
#include "flow/build.h"

#include <boost/test/unit_test.hpp>
#include <set>

#include "core/error.h"
#include "flow/model.h"
#include "laws/cases.h"

namespace flow::test {

namespace {

// The message of the Error(Exit::usage) that building throws; empty where it throws none.
std::string refusal(const std::string& yaml, std::size_t columns) {
  try {
    ParamTable table;
    Config config = Config::parse(yaml, "model.yaml");
    build_flow(config, {columns}, table);
    config.reject_unread();
  } catch (const Error& e) {
    BOOST_TEST((e.code() == Exit::usage));
    return e.what();
  }
  return "";
}

// A message that starts with the place and holds the word.
void check_refused(const std::string& layer, int line, const std::string& word,
                   std::size_t columns = 3) {
  const std::string said = refusal("layers:\n  - kind: actnorm\n" + layer, columns);
  BOOST_TEST(said.starts_with("model.yaml:" + std::to_string(line) + ":"), said);
  BOOST_TEST(said.find(word) != said.npos, said);
  BOOST_TEST(said.find('\n') == said.npos);
}

BOOST_AUTO_TEST_SUITE(build)

BOOST_AUTO_TEST_CASE(every_kind_of_layer_has_a_case_in_the_laws) {
  std::set<std::string> tested;
  for (const Case& c : cases()) tested.insert(c.name.substr(0, c.name.find('/')));
  for (const std::string& kind : layer_kinds())
    BOOST_TEST(tested.contains(kind), kind << " has no case in tests/laws/cases.cpp");
}

BOOST_AUTO_TEST_CASE(what_is_wrong_is_named_with_its_line) {
  check_refused("  - kind: actnrom\n", 3, "actnorm");
  check_refused("  - kind: affine-coupling\n    net: {hidden: [-3]}\n", 4, "hidden");
  check_refused("  - kind: affine-coupling\n    net:\n      hidden: [64, 0]\n", 5, "hidden");
  check_refused("  - kind: affine-coupling\n", 3, "2 columns", 1);
  check_refused("  - kind: additive-coupling\n    net:\n      kind: pair\n", 5, "affine-coupling");
  check_refused("  - kind: affine-coupling\n    net: {kind: residual, hidden: [8, 8]}\n", 4,
                "one width");
  check_refused("  - kind: logit\n    low: 2\n    high: 1\n", 5, "above low");
  check_refused("  - kind: logit\n    alpha: 0.5\n", 4, "alpha");
  check_refused("  - kind: affine-coupling\n    gain: tame\n", 4, "bounded");
  check_refused("  - kind: affine-coupling\n    bonud: 2\n", 4, "bound");
  check_refused("  - {kind: affine-coupling, gain: learned, bound: 2}\n", 3, "bound");
  check_refused("  - kind: actnorm\n    condition: first\n", 4, "condition");
  check_refused("  - kind: affine-coupling\n    net: {dropout: 1}\n", 4, "dropout");
  check_refused("  - kind: linear\n    reflections: 4\n", 4, "reflections");
  check_refused("  - kind: affine-autoregressive\n    direction: back\n", 4, "inverse");
  check_refused("  - kind: spline-coupling\n    spline: round\n", 4, "circular");
  check_refused("  - repeat: 0\n    layers: [{kind: actnorm}]\n", 3, "repeat");
  check_refused("  - actnorm\n", 2, "kind: actnorm");
  check_refused("  - {order: random}\n", 3, "kind");
  check_refused("base: normla\n", 3, "normal");
  check_refused("base: laplace\nbase-bound: 2\n", 4, "base-bound");
}

BOOST_AUTO_TEST_CASE(repeats_are_bounded) {
  std::string nested = "{kind: actnorm}";
  for (int k = 0; k < 6; ++k) nested = "{repeat: 2, layers: [" + nested + "]}";
  BOOST_TEST(refusal("layers: [" + nested + "]\n", 2).find("nested too deeply") !=
             std::string::npos);
  const std::string many =
      "{repeat: 1000, layers: [{repeat: 1000, layers: [{kind: permute, order: reverse}]}]}";
  BOOST_TEST(refusal("layers: [" + many + "]\n", 2).find("4096") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(layers_and_parameters_have_numbered_names) {
  ParamTable table;
  Config config = Config::parse(
      "base: diagonal-normal\nlayers:\n  - kind: actnorm\n"
      "  - repeat: 2\n    layers: [{kind: affine-coupling, net: {hidden: [4]}}]\n",
      "model.yaml");
  const auto flow = build_flow(config, {3}, table);
  BOOST_TEST(flow->depth() == 3U);
  BOOST_TEST(flow->name(2) == "02-affine-coupling");
  std::set<std::string> names;
  for (const auto& e : table.entries()) names.insert(e.name);
  BOOST_TEST(names.size() == table.entries().size());
  BOOST_TEST(names.contains("layers/02-affine-coupling/net/0/weight"));
  BOOST_TEST(names.contains("base/log_deviation"));
}

// What was built can be built again from the configuration as resolved.
BOOST_AUTO_TEST_CASE(the_resolved_configuration_builds_the_same) {
  ParamTable first, second;
  Config config = Config::parse(
      "net: {hidden: [5]}\nlayers:\n  - kind: logit\n  - kind: affine-coupling\n", "model.yaml");
  build_flow(config, {4, 2, 7}, first);
  Config resolved = Config::parse(config.to_yaml(), "resolved.yaml");
  build_flow(resolved, {4}, second);  // the data's range is now in the configuration
  BOOST_TEST(resolved.to_yaml() == config.to_yaml());
  BOOST_TEST(first.size() == second.size());
}

BOOST_AUTO_TEST_CASE(a_flow_starts_as_the_identity) {
  ParamTable table;
  Config config = Config::parse(
      "layers:\n  - kind: affine-coupling\n  - kind: linear\n  - kind: additive-coupling\n"
      "  - {kind: affine-coupling, net: {kind: residual, hidden: [8]}}\n",
      "model.yaml");
  const auto flow = build_flow(config, {2}, table);
  std::vector<real> theta(table.size()), derived(table.derived_size());
  table.start(theta, 9);
  flow->prepare(theta, derived, false, 1);
  const FrameSize size = flow->evaluation_size(lanes);
  std::vector<real> kept(size.kept), scratch(size.scratch), x(2 * lanes, real(0.75));
  std::vector<double> logdet(lanes);
  flow->encode({x.data(), lanes, 2, lanes}, logdet,
               Frame(lanes, theta.data(), derived.data(), nullptr, kept, scratch), 0,
               flow->depth());
  BOOST_TEST(x == std::vector<real>(2 * lanes, real(0.75)));
  BOOST_TEST(logdet == std::vector<double>(lanes, 0.0));
}

// Its reflections come in equal pairs, which undo one another to rounding.
BOOST_AUTO_TEST_CASE(a_linear_layer_by_qr_starts_as_the_identity) {
  const Model m("layers: [{kind: linear, parameterisation: qr}]\n", 5, 0);
  const std::vector<real> rows = normal_rows(40, 5);
  std::vector<real> z = rows;
  std::vector<double> logdet(40);
  Evaluator(*m.flow, m.table, m.theta, 1).encode(z.data(), 40, logdet, 1);
  double worst = 0;
  for (std::size_t k = 0; k < z.size(); ++k)
    worst = std::max(worst, std::abs(static_cast<double>(z[k] - rows[k])));
  BOOST_TEST(worst < 32 * static_cast<double>(std::numeric_limits<real>::epsilon()));
  BOOST_TEST(logdet == std::vector<double>(40, 0.0));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace

}  // namespace flow::test
