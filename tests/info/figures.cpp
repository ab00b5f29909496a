// Figures of made-up models and rows: each is drawn, within its picture, and no text over another.
#include "info/figures.h"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>

#include "core/error.h"
#include "core/random.h"
#include "data/folder.h"
#include "info/report.h"
#include "support/recorder.h"

using namespace flow;

namespace {

Model model_of(std::size_t columns) {
  Model m;
  m.config = Config::parse("model: {base: normal, layers: [{kind: actnorm}]}", "test");
  m.data.shape = shape_of({columns});
  for (std::size_t j = 0; j < columns; ++j)
    m.data.shape.names.push_back("a <long> & name of a column " + std::to_string(j));
  build(m);
  return m;
}

std::vector<double> normal(std::size_t n, double scale, std::uint64_t row) {
  std::vector<double> numbers(n);
  Random(1, Stream::test).normal(row, numbers);
  for (double& v : numbers) v *= scale;
  return numbers;
}

Evidence evidence_of(Model& m, double scale) {
  const std::size_t n = 300, d = m.data.shape.columns;
  Evidence e;
  e.model = &m, e.model_path = "<m>.h5", e.data_name = "a&b.csv";
  e.rows = normal(n * d, scale, 0), e.samples = normal(n * d, scale, 1);
  for (const double v : e.rows) e.latents.push_back(static_cast<real>(v));
  for (const double v : e.samples) e.base.push_back(static_cast<real>(v));
  e.scores = normal(n, scale, 2), e.sample_scores = normal(n, scale, 3);
  m.reference = normal(n, scale, 4);
  m.history = {{"train", normal(20, scale, 5)}, {"validation", normal(20, scale, 6)}};
  return e;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(report_figures)

BOOST_AUTO_TEST_CASE(no_text_lies_over_another_or_outside) {
  for (const std::size_t columns : {1, 2, 3, 7})
    for (const double scale : {1e-3, 1.0, 1e4}) {
      Model m = model_of(columns);
      const Evidence e = evidence_of(m, scale);
      for (const Figure& f : figures()) {
        Recorder r;
        BOOST_TEST(f.there(e));
        f.draw(r, e);
        BOOST_TEST(r.points.size() > 10u, f.name);
        for (const std::string& line : misplaced(r, figure_width, figure_height))
          BOOST_ERROR(std::string(f.name) + ", " + std::to_string(columns) + " columns: " + line);
      }
    }
}

BOOST_AUTO_TEST_CASE(what_is_not_finite_or_not_there_is_no_harm) {
  Model m = model_of(2);
  Evidence e = evidence_of(m, 1);
  m.history = {{"train", {NAN, -1}},
               {"validation", {-std::numeric_limits<double>::infinity(), -1}}};
  e.scores[0] = -std::numeric_limits<double>::infinity();
  for (const Figure& f : figures()) {
    Recorder r;
    f.draw(r, e);
    BOOST_TEST(misplaced(r, figure_width, figure_height).empty(), f.name);
  }
  Evidence nothing;
  m.history.clear(), m.reference.clear();
  nothing.model = &m;
  for (const Figure& f : figures()) BOOST_TEST(!f.there(nothing), f.name);
}

BOOST_AUTO_TEST_CASE(a_report_holds_each_figure_and_names_are_escaped) {
  const TestFolder folder;
  Model m = model_of(3);
  const Evidence e = evidence_of(m, 1);
  write_report(folder / "r.html", "", false, e);
  const std::string html = file_bytes(folder / "r.html");
  for (const Figure& f : figures())
    BOOST_TEST(html.find("<figure id=\"" + std::string(f.name) + "\">") != html.npos, f.name);
  BOOST_TEST(html.find("&lt;m&gt;.h5") != html.npos);
  BOOST_TEST(html.find("a&amp;b.csv") != html.npos);
  BOOST_TEST(html.find("<m>") == html.npos);
  BOOST_TEST(html.find("<script") == html.npos);
  BOOST_CHECK_THROW(write_report(folder / "s.png", "samples", false, e), Error);
}

BOOST_AUTO_TEST_CASE(text_is_cut_between_letters_and_made_xml) {
  BOOST_TEST(first_letters("äöü", 2) == "äö");
  BOOST_TEST(first_letters("ab", 5) == "ab");
  BOOST_TEST(escaped("<ä> & \xe4\x01\xc3") == "&lt;ä&gt; &amp; ? ?");
}

BOOST_AUTO_TEST_SUITE_END()
