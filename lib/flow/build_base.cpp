#include "flow/build_base.h"

#include "flow/choose.h"
#include "flow/mixture.h"
#include "flow/student_t.h"
#include "flow/torus.h"

namespace flow {

namespace {

struct Site {
  Config& model;
  std::size_t columns;
  ParamTable& table;
};

std::unique_ptr<Base> make_normal(Site&) { return std::make_unique<Normal>(); }
std::unique_ptr<Base> make_logistic(Site&) { return std::make_unique<Logistic>(); }
std::unique_ptr<Base> make_diagonal_normal(Site& site) {
  return std::make_unique<DiagonalNormal>("base", site.columns, site.table);
}

std::unique_ptr<Base> make_laplace(Site&) { return std::make_unique<Laplace>(); }
std::unique_ptr<Base> make_student_t(Site& site) {
  return std::make_unique<StudentT>("base", site.columns, site.table);
}
std::unique_ptr<Base> make_box(Site& site) {
  const double bound = site.model.number("base-bound", 1e-3, 1e6, 5);
  return std::make_unique<Box>(static_cast<real>(bound));
}
std::unique_ptr<Base> make_mixture(Site& site) {
  const std::size_t components = site.model.count("base-components", 1, most_components, 10);
  return std::make_unique<Mixture>("base", site.columns, components, site.table);
}

using MakeBase = std::unique_ptr<Base> (*)(Site&);
const Named<MakeBase> base_makers[] = {{"normal", make_normal},
                                       {"logistic", make_logistic},
                                       {"diagonal-normal", make_diagonal_normal},
                                       {"laplace", make_laplace},
                                       {"student-t", make_student_t},
                                       {"box", make_box},
                                       {"mixture", make_mixture}};

// Of the columns that are no angles.
std::unique_ptr<Base> build_other(Config& model, std::size_t columns, bool marginal,
                                  ParamTable& table) {
  Site site{model, columns, table};
  const std::size_t parameters = table.size();
  auto base = choose(model, "base", base_makers, "normal")(site);
  if (!marginal) return base;
  if (table.size() > parameters)
    model.fail("base",
               "one with parameters cannot leave missing cells out, as data.missing: "
               "marginal asks; take normal, logistic, laplace or box");
  return std::make_unique<ObservedBase>(std::move(base));
}

}  // namespace

std::unique_ptr<Base> build_base(Config& model, std::size_t columns, std::size_t angles,
                                 bool marginal, ParamTable& table) {
  if (angles == 0) return build_other(model, columns, marginal, table);
  if (angles == columns) {
    ParamTable unused;
    build_other(model, 1, marginal,
                unused);  // what it says is known, though nothing is left for it
    return std::make_unique<Torus>(nullptr, angles, marginal);
  }
  return std::make_unique<Torus>(build_other(model, columns - angles, marginal, table), angles,
                                 marginal);
}

}  // namespace flow
