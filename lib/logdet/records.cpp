#include "logdet/records.h"

#include <cmath>

#include "core/text.h"

namespace flow {

Record record_of(const Measurement& m) {
  Record r{"case", {}};
  r.set("method", m.method->name).set("n", m.size.n);
  if (m.method->scope.batched) r.set("rows", m.size.rows);
  r.set("seconds", m.timing.median).set("mad", m.timing.mad).set("least", m.timing.least);
  r.set("bytes", m.bytes).set("value", m.value);
  if (m.verdict != Verdict::unchecked)
    r.set("reference", m.reference).set("error", m.error).set("bound", m.bound);
  if (m.deviation > 0) r.set("noise", m.deviation);
  r.set("verdict", name_of(m.verdict));
  if (!m.note.empty()) r.set("note", m.note);
  return r.set("samples", m.timing.samples);
}

Record record_of(const MethodFit& f) {
  Record r{"fit", {}};
  r.set("method", f.method->name);
  if (f.method->scope.batched) r.set("rows", f.rows);
  r.set("cost", f.method->cost).set("slope", f.fit.slope);
  r.set("slope_low", f.fit.low).set("slope_high", f.fit.high);
  return r.set("n_from", f.from).set("n_to", f.to).set("verdict", name_of(f.verdict));
}

Record record_of(const RowCheck& c, std::size_t columns, double tolerance) {
  Record r{"row", {}};
  r.set("n", columns).set("row", static_cast<std::size_t>(c.row + 1));
  r.set("value", c.analytic).set("reference", c.dense);
  if (c.verdict != Verdict::unchecked) r.set("error", c.error);
  r.set("bound", tolerance).set("dense_seconds", c.seconds).set("verdict", name_of(c.verdict));
  return c.note.empty() ? r : r.set("note", c.note);
}

Record record_of(const StepCost& c, const std::string& flow) {
  Record r{"step", {}};
  r.set("method", flow).set("n", c.columns).set("rows", c.batch).set("seconds", c.step);
  r.set("share", c.log_dets / c.step).set("dense_seconds", c.dense);
  r.set("dense_source", c.measured ? "measured" : "extrapolated");
  return r.set("ratio", c.dense / c.step);
}

void add_run(Record& record, const StepCost& c, const Run& run) {
  const double steps = std::ceil(static_cast<double>(run.rows) / static_cast<double>(c.batch));
  const double epoch = steps * c.step, all = epoch * static_cast<double>(run.epochs);
  const auto fit = static_cast<std::size_t>(run.within / epoch);
  record.kind = "run";
  record.set("epoch_seconds", epoch).set("epochs", run.epochs).set("train_seconds", all);
  record.set("verdict", all <= run.within ? "fits" : std::to_string(fit) + " epochs fit");
}

std::string at_784(const std::vector<Measurement>& measured) {
  double sum = 0, lu = 0;
  for (const Measurement& m : measured) {
    if (m.size.n != 784) continue;
    if (m.method->name == std::string("sum")) sum = m.timing.least;
    if (m.method->name == std::string("lu")) lu = m.timing.least;
  }
  if (sum == 0 || lu == 0) return {};
  return format(
      "N = 784, a 28x28 image: the sum takes %.0f ns a row, an LU %.2f ms: %.0f times as long",
      1e9 * sum, 1e3 * lu, lu / sum);
}

}  // namespace flow
