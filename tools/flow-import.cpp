// flow-import: the weights of a flow that PyTorch has trained, as a model.
#include "cli/program.h"
#include "core/text.h"
#include "torch/import.h"

using namespace flow;

namespace {

struct Options {
  std::string file, output;
  // Far above the rounding of 32-bit floats, and far below what another formula would give.
  double tolerance = 1e-3;
  bool replace = false, trusted = false;
};

void run(const cli::Program& program, const Options& o) {
  check_savable(o.output, o.replace);
  const Imported made = import_torch(o.file, o.trusted, o.tolerance, program.threads().count);
  save(made.model, o.output, o.replace);
  program.note(
      format("%s: %zu layers, %zu parameters; the log-densities of %zu rows differ by %.2g "
             "at most, relative to max(1, |logp|)",
             made.library.c_str(), made.model.flow->depth(), made.model.table.trained(), made.rows,
             made.worst));
}

}  // namespace

int main(int argc, char** argv) {
  cli::Program program("flow-import",
                       "Makes a model of a flow that was trained with PyTorch: of nflows, zuko or "
                       "normflows.");
  Options o;
  program.operand("FILE", o.file,
                  "the flow as HDF5, written by the script in flow-import(1), or - for standard "
                  "input");
  program.section("Output");
  program.option("-o,--output", o.output, "MODEL", "where the model goes");
  program.flag("-f,--force", o.replace, "overwrite an existing MODEL");
  program.section("Input");
  program.option("--tolerance", o.tolerance, "E",
                 "how far log-densities may be from those in FILE, relative to max(1, |logp|) "
                 "(default 0.001)");
  program.flag("--trusted", o.trusted, "read FILE in this process and not in a confined one");
  program.example("flow-import flow.h5 -o imported.h5", "the same densities as in PyTorch");
  return program.run(argc, argv, [&] { run(program, o); });
}
