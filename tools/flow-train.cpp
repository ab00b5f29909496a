// flow-train: fits a flow to rows of numbers by maximum likelihood.
#include <algorithm>
#include <filesystem>
#include <set>

#include "cli/signals.h"
#include "cli/training.h"
#include "cli/training_rows.h"
#include "core/lock.h"
#include "core/output.h"
#include "core/text.h"
#include "kernels/kernels.h"
#include "model/preset.h"
#include "train/budget.h"
#include "train/plan.h"
#include "train/prepare.h"
#include "train/report.h"
#include "train/scale.h"
#include "train/sitting.h"

using namespace flow;

namespace {

struct Options : cli::TrainingOptions, cli::TrainingRowsOptions {
  std::string columns_from, missing, fold, status;
  std::vector<std::string> configs, settings;
  std::optional<std::uint64_t> seed;
  std::string plan;
  bool dry_run = false, print_config = false;
  cli::Seconds comm_timeout{300};
  std::optional<cli::Seconds> budget;
};

// Files in order and what they have for so many rows, where these are known; then --seed, which the
// environment may have given, then -s.
Config configuration(const Options& o, const TrainingRows* rows) {
  Config config;
  const std::vector<std::string> usual{o.missing == "marginal" ? "missing" : "auto"};
  for (const std::string& name : o.configs.empty() ? usual : o.configs)
    config.merge(read_config(name));
  if (rows) choose_size(config, rows->training_rows(), working_columns(*rows));
  if (o.seed) config.set("train.seed", std::to_string(*o.seed), "--seed");
  if (!o.columns_from.empty()) config.set("data.columns-from", o.columns_from, "--columns-from");
  if (!o.missing.empty()) config.set("data.missing", o.missing, "--missing");
  if (!o.fold.empty()) config.set("data.fold", o.fold, "--fold");
  for (const std::string& s : o.settings) {
    const auto equals = s.find('=');
    require(equals != s.npos && equals > 0, Exit::usage,
            "-s " + s + ": give KEY=VALUE, as train.epochs=20");
    config.set(s.substr(0, equals), s.substr(equals + 1), "-s");
  }
  require(config.has("model"), Exit::usage,
          "-c " + (o.configs.empty() ? usual : o.configs).back() +
              ": has no 'model'; put a preset in front: -c auto -c FILE, or another than auto");
  return config;
}

// "4 ranks on 2 hosts, each ", where there are several.
std::string ranks(Comm& comm) {
  if (comm.size() == 1) return "";
  const std::vector<std::string> hosts = texts_of(comm, host_name());
  return std::to_string(comm.size()) + " ranks on " +
         std::to_string(std::set(hosts.begin(), hosts.end()).size()) + " hosts, each ";
}

// What a run is of, once its rows are read.
struct Run {
  std::optional<OutputLock> lock;
  Model model;
  cli::RowsOfRun rows;
  Settled settled;
  std::string digest;  // of the rows
};

void prepare(const cli::Program& program, const Options& o, const Comm& comm, Run& r) {
  Model& model = r.model;
  Config given = configuration(o, nullptr);
  model.given = given.to_yaml();
  require(comm.size() == 1 || !o.data.standard(), Exit::usage,
          "-: only one of several ranks has a standard input; name a file that all can read");
  require(!o.input.keeps_nan(), Exit::usage,
          "--on-nan keep: no flow can be fitted to NaN; use skip, or fill them");
  const bool trains = !o.dry_run && !o.print_config && o.plan.empty();
  if (trains && !is_special(o.output)) cli::stop_on_signals("flow-train");
  if (trains && comm.first()) {
    // Fail before hours of work, not after.
    std::vector<std::string> read = o.data.all();
    read.push_back(o.validation);
    cli::keep_apart(o, read);
    check_output(o.sitting());
    if (is_special(o.output))
      program.refuse({"checkpoint-every"},
                     "needs a file for MODEL, beside which checkpoints stand");
    require(o.samples_every == 0 || !is_special(o.output), Exit::usage,
            "--samples-every: needs a file for MODEL, beside which pictures stand");
    if (!o.scores.empty()) format_of_name(o.scores, Format::hdf5);  // refuses what names none
    if (!o.scores.empty()) check_writable(o.scores, o.replace || o.resume);
    if (!is_special(o.output)) r.lock.emplace(o.output);
  }

  r.rows = cli::read_rows(program, o, given);
  model.config = configuration(o, &r.rows.rows);
  if (r.rows.streamed && read_train_spec(model.config.map("train")).window == 0)
    model.config.set("train.window", std::to_string(r.rows.streamed->window()), "--max-memory");
  read_split_spec(model.config.map("data"), 0);
  r.settled = settle_model(model, r.rows.rows, r.rows.context);
  if (r.rows.streamed) r.rows.streamed->require_fit(model.data);
  r.digest = digest_of(r.rows.rows), model.run = run_digest(model.config, r.digest);
}

// Whether the nets are as wide as the default configuration has them.
bool sizes_itself(const Options& o) {
  return o.configs.empty() &&
         std::none_of(o.settings.begin(), o.settings.end(),
                      [](const std::string& s) { return s.starts_with("model."); });
}

// --budget: the epochs of the run and the width of its nets, as it began with where it goes on.
void keep_to_budget(const cli::Program& program, const Options& o, Run& r, const Dataset& training,
                    const Dataset& validation, std::size_t threads, Comm& comm) {
  Model& model = r.model;
  TrainSpec& spec = r.settled.spec;
  const std::size_t asked = spec.epochs;
  const auto begun = o.resume ? begun_run(o.output, comm) : std::optional<Begun>{};
  Pace pace;
  std::string nets;
  for (;;) {
    if (!begun)
      pace =
          measure_pace(*model.flow, model.table, spec, *r.rows.batches(model, spec, training, comm),
                       validation, threads, o.budget->value, comm);
    const double left = o.budget->value - longest_over(comm, seconds_so_far());
    spec.epochs = begun ? begun->epochs : affordable_epochs(pace, asked, left);
    model.config.set("train.epochs", std::to_string(spec.epochs), "--budget");
    model.run = run_digest(model.config, r.digest);
    const bool fits = begun ? model.run == begun->run : !too_wide(spec.epochs, asked);
    if (fits || !sizes_itself(o) || !narrow(model, spec, model.trained_on.rows)) break;
    nets = widths(model);
    if (!begun)
      program.note(format("--budget: %zu epochs of %zu would fit, less than half; nets of %s",
                          spec.epochs, asked, nets.c_str()));
  }
  together(comm, [&] { require_affordable(pace, spec.epochs); });
  if (!nets.empty()) nets = "-s model.net.hidden='" + nets + "' ";
  program.note(format("--budget: %zu epochs of %zu; %s-s train.epochs=%zu gives this run again",
                      spec.epochs, asked, nets.c_str(), spec.epochs));
}

// --plan: the flow and its settings as they are, the rows as many as are asked for.
void plan_ranks(const Options& o, Run& r, std::size_t threads, Comm& comm) {
  ScaleSpec scale{.threads = threads, .rows = r.rows.rows.training_rows()};
  measure_exchange(comm, scale);
  scale = parse_scale(o.plan, scale);
  if (!comm.first()) return;
  TrainSpec spec = read_train_spec(configuration(o, &r.rows.rows).map("train"));
  const ParamTable& table = r.model.table;
  settle(spec, scale.rows, table.trained(), r.model.flow->couples_rows());
  const Dataset sample = r.rows.training_set(r.model, spec.seed);
  measure_step(*r.model.flow, table, spec, sample, threads, scale);
  const std::size_t row_bytes = sizeof(real) * sample.width();
  const ScalePlan plan = plan_scale(scale, spec, table.size(), row_bytes);
  cli::write_page(describe(scale, spec, plan, row_bytes));
}

void run(cli::Program& program, const Options& o, Comm& comm) {
  require(o.dry_run + o.print_config + !o.plan.empty() <= 1, Exit::usage,
          "--dry-run, --print-config and --plan: give one");
  if (!o.status.empty()) {
    program.refuse_beside("status");
    require(o.data.names.empty(), Exit::usage, "--status: reads no DATA; leave it out");
    const Status status = status_of(o.status);
    cli::write_page(status.line + "\n");
    if (status.code == Exit::ok) return;
    throw Error(status.code, "");
  }
  if (!comm.first())
    program.stay_silent_as("rank " + std::to_string(comm.rank()) + " on " + host_name());
  Run r;
  together(comm, [&] { prepare(program, o, comm, r); });
  if (!r.rows.note.empty()) program.note(r.rows.note);
  for (const std::string& reason : r.settled.reasons) program.note(reason);
  for (const std::string& warning : r.settled.warnings) program.warn(warning);

  Model& model = r.model;
  const TrainSpec& spec = r.settled.spec;
  const auto threads = program.threads();
  if ((o.print_config || o.dry_run) && !comm.first()) return;
  if (o.print_config) return cli::write_stdout(model.config.to_yaml_with_origins());
  TrainingRows& rows = r.rows.rows;
  const std::uint64_t n = rows.training_rows(), m = rows.count(rows.validation);
  if (o.dry_run) {
    const Plan p = plan(*model.flow, model.table, spec, n, m, threads.count);
    return cli::write_page(describe(*model.flow, model.table, spec, p));
  }
  if (!o.plan.empty()) return plan_ranks(o, r, threads.count, comm);
  model.trained_on = {r.digest, n, m};
  require_same_run(comm, model, spec);
  program.note(std::to_string(n) + " rows to train on" +
               (spec.window ? " in windows of " + std::to_string(spec.window) : "") + ", " +
               std::to_string(m) + (r.rows.held_out ? " held out" : "") + " to validate, " +
               std::to_string(rows.shape.columns) + " columns" +
               (r.rows.context.empty() ? "" : " given " + std::to_string(r.rows.context.size())) +
               "; " + ranks(comm) + std::to_string(threads.count) + " threads (" + threads.source +
               "), kernels " + kernels().isa);
  const Dataset training = r.rows.training_set(model, spec.seed),
                validation = dataset_of(model, spec.seed, rows.validation);
  if (o.budget) keep_to_budget(program, o, r, training, validation, threads.count, comm);
  const auto batches = r.rows.batches(model, spec, training, comm);
  train(program, o, model, spec, *batches, validation, rows.validation.at, threads.count, comm);
  const bool split = r.rows.held_out && o.fold.empty();
  if (comm.first())
    cli::tell_next(program, o.output, o.data.standard() ? "" : o.data.all().front(), split ? m : 0);
}

}  // namespace

int main(int argc, char** argv) {
  cli::Program program("flow-train",
                       "Fits a normalizing flow to rows of numbers by maximum likelihood, and "
                       "writes it as a model.");
  Options o;
  program.operand("DATA", o.data.names,
                  "rows to train on: FILE, FILE.h5:/data/set, or - for standard input; several "
                  "files, or a pattern in quotes, are one set");
  program.section("Training");
  program.option("-o,--output", o.output, "MODEL", "the model file to write (HDF5)");
  program.flag("-f,--force", o.replace, "overwrite an existing MODEL");
  program.option("-c,--config", o.configs, "NAME",
                 "configuration: a YAML file, or a preset by name; repeatable, the last wins "
                 "(default auto)");
  program.option("-s,--set", o.settings, "KEY=VALUE",
                 "change one value of the configuration: train.epochs=20; repeatable");
  program.option(
      "--validation", o.validation, "DATA",
      "rows to validate on (default /validation of the same file, else a tenth held out)");
  program.option("--fold", o.fold, "I/K",
                 "validate on fold I of K and train on the others: data.fold");
  program.option("--validation-scores", o.scores, "FILE",
                 "write the log-density of each validation row under the model: row,logp");
  program.choice("--columns-from", o.columns_from, "WHAT", {"config", "data"},
                 "what the columns are: as the configuration declares them (the default), or the "
                 "rest proposed from the data, with reasons");
  program.choice(
      "--missing", o.missing, "WHAT", {"fail", "marginal"},
      "what NaN in a cell is: an error (the default), or a missing cell, which the density "
      "leaves out");
  program.option("--seed", o.seed, "N", "of everything that is random (default 0)");
  program.option("--metrics", o.metrics, "FILE", "write one JSON object an epoch");
  program.option("--samples-every", o.samples_every, "N",
                 "draw samples each N epochs: MODEL.samples-EPOCH.png, of images or two columns");
  program.option("--max-memory", o.max_memory, "SIZE",
                 "for rows, in each process: 512M, 2G; where they take more they are streamed from "
                 "their file in each epoch, a window at a time");
  program.section("Stopping and going on");
  program.flag("--resume", o.resume,
               "go on from the checkpoint of a run that was stopped; without one, start; where the "
               "model is there, do nothing");
  program.option("--checkpoint-every", o.checkpoint_every, "TIME",
                 "save MODEL.ckpt-1 and MODEL.ckpt-2 in turn: 90s, 10m, 1h30m; 0 only when stopped "
                 "(default 10m)");
  program.option("--time-limit", o.time_limit, "TIME",
                 "stop with a checkpoint, and exit 75, after this time");
  program.option(
      "--budget", o.budget, "TIME",
      "choose the epochs so that the run ends within this time: some steps are measured");
  program.option("--comm-timeout", o.comm_timeout, "TIME",
                 "of flow-train-mpi: fail where a rank waits that long for another; 0 never "
                 "(default 5m)");
  program.option("--status", o.status, "MODEL",
                 "print whether MODEL is complete, exit 0, or resumable, exit 75, and stop");
  program.section("Looking first");
  program.flag("--dry-run", o.dry_run, "print layers, parameters, memory and operations, and stop");
  program.option("--plan", o.plan, "RANKS",
                 "print what an epoch over many ranks would take, and stop: ranks=256,rows=1e10; "
                 "flow-scale(7)");
  program.flag("--print-config", o.print_config,
               "print every value of the configuration and where it came from, and stop");
  o.input.add_to(program);
  o.context.add_training(program);
  program.example("flow-train rows.csv -o m.h5",
                  "what the columns are and how large a flow: as the rows suggest");
  program.example("flow-train -c digits digits.h5 -s train.epochs=100 -o m.h5",
                  "a preset, one value changed");
  program.example("flow-train --resume --time-limit 55m data.h5 -o m.h5",
                  "in a job of an hour, submitted again while it exits 75");
  program.example("flow-train --max-memory 2G data.h5 -o m.h5", "rows that do not fit in memory");
  program.example("flow-train -c my.yaml data.h5:/train --validation data.h5:/valid -o m.h5",
                  "rows by name");
  program.example("flow-train rows.csv --fold 1/5 --validation-scores oof-1.csv -o fold-1.h5",
                  "out-of-fold scores: the first fifth of them");
  std::unique_ptr<Comm> comm;
  const int code = program.run(argc, argv, [&] {
    comm = join(o.comm_timeout.value);
    run(program, o, *comm);
  });
  return comm ? comm->leave(code) : code;
}
