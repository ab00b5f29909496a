#include "cli/program.h"

#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <iostream>

#include "cli/help.h"
#include "cli/signals.h"
#include "config/scalar.h"
#include "kernels/kernels.h"

namespace flow::cli {

namespace {

// At once, or lines of several programs of a pipeline, or ranks, would run into each other.
void say(const std::string& line) { std::cerr << line + "\n"; }

std::vector<std::string> spellings(const Usage& usage) {
  std::vector<std::string> names;
  for (const Option& o : usage.options) names.push_back("--" + o.long_name());
  return names;
}

// A program may be started with a standard stream closed. The next file to be opened would take its
// number, and messages would go into the user's data. What is put there fails when it is used.
void occupy_standard_streams() {
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (fcntl(descriptor, F_GETFD) < 0 && errno == EBADF)
      open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

}  // namespace

Program::Program(std::string name, std::string summary) {
  usage_.name = std::move(name), usage_.summary = std::move(summary);
}

void Program::operand(const std::string& name, std::string& value, const std::string& help,
                      bool required) {
  usage_.operands.push_back(
      {name, help, required, false, [&value](const std::string& s) { value = s; }});
}

void Program::operand(const std::string& name, std::vector<std::string>& values,
                      const std::string& help) {
  usage_.operands.push_back(
      {name, help, false, true, [&values](const std::string& s) { values.push_back(s); }});
}

void Program::add(Option option) {
  option.section = section_;
  usage_.options.push_back(std::move(option));
}

void Program::flag(const std::string& names, bool& value, const std::string& help) {
  add({.names = names, .help = help, .set = [&value](const std::string&) { value = true; }});
}

void Program::choice(const std::string& names, std::string& value, const std::string& metavar,
                     const std::vector<std::string>& choices, const std::string& help) {
  Option o{.names = names, .metavar = metavar, .help = help, .choices = choices, .set = {}};
  o.set = [&value, choices, name = o.long_name()](const std::string& text) {
    std::string list;
    for (const auto& c : choices) list += (list.empty() ? "" : ", ") + c;
    require(std::find(choices.begin(), choices.end(), text) != choices.end(), Exit::usage,
            "--" + name + ": '" + text + "' is not one of: " + list);
    value = text;
  };
  add(std::move(o));
}

void Program::custom(const std::string& names, const std::string& metavar, const std::string& help,
                     std::function<void(const std::string&)> set) {
  add({.names = names, .metavar = metavar, .help = help, .set = std::move(set)});
}

void Program::example(const std::string& line, const std::string& meaning) {
  usage_.examples.push_back({line, meaning});
}

void Program::add_common() {
  section("Common");
  option("--threads", threads_, "N", "threads (default: what the scheduler and the system allow)");
  flag("-q,--quiet", quiet_, "print results, warnings and errors only");
  flag("-v,--verbose", verbose_, "say more");
  choice("--color", colour_, "WHEN", {"auto", "always", "never"}, "colour on the terminal");
  choice("--completion", shell_, "SHELL", {"bash", "zsh", "fish"}, "print a completion script");
  flag("-h", short_, "short help");
  usage_.options.back().names = "-h,--usage";
  flag("--help", help_, "this help");
  flag("-V,--version", version_, "version and instruction set");
  flag("--list-options", list_, "print the long names of all options");
}

// CLI11 keeps the words in order per option; the setters give them their types.
void Program::parse(int argc, char** argv) {
  CLI::App app;
  app.set_help_flag();
  app.allow_extras(false);
  std::vector<std::pair<CLI::Option*, Option*>> options;
  std::vector<std::vector<std::string>> values(usage_.options.size());
  std::vector<std::string> operands;
  for (std::size_t i = 0; i < usage_.options.size(); ++i) {
    Option& o = usage_.options[i];
    CLI::Option* added = o.metavar.empty()
                             ? app.add_flag(o.names)->disable_flag_override()
                             : app.add_option(o.names, values[i])->allow_extra_args(false);
    options.emplace_back(added, &o);
  }
  // One positional a word: CLI11 takes a file named [a,b] for a list where an option may repeat.
  std::vector<CLI::Option*> words;
  if (!usage_.operands.empty())
    for (int i = 1; i < argc; ++i) words.push_back(app.add_option("word" + std::to_string(i)));
  try {
    app.parse(argc, argv);
  } catch (const CLI::ExtrasError&) {
    const std::string word = app.remaining().front();
    require(word.starts_with('-'), Exit::usage, "'" + word + "': one operand too many");
    throw Error(Exit::usage, word + ": no such option" + did_you_mean(word, spellings(usage_)));
  } catch (const CLI::ArgumentMismatch& e) {
    const std::string what = e.what();  // "--seed: 1 required ..." or "force was given a ..."
    const auto end = what.find_first_of(": ");
    const std::string name = what.substr(0, end);
    if (what[end] == ' ') throw Error(Exit::usage, "--" + name + ": takes no value");
    throw Error(Exit::usage, name + ": the value is missing");
  } catch (const CLI::ParseError& e) {
    const std::string what = e.what();
    throw Error(Exit::usage, what.substr(0, what.find('\n')));
  }
  for (const CLI::Option* word : words)
    if (word->count() > 0) operands.push_back(word->results().front());
  for (std::size_t i = 0; i < options.size(); ++i) {
    auto& [parsed, o] = options[i];
    o->given = parsed->count() > 0;
    if (o->metavar.empty() && o->given) o->values = {""}, o->set("");
    require(o->repeatable || o->metavar.empty() || values[i].size() <= 1, Exit::usage,
            "--" + o->long_name() + ": given twice");
    for (const std::string& v : values[i]) o->values.push_back(v), o->set(v);
  }
  std::size_t next = 0;
  for (const Operand& o : usage_.operands)
    for (; next < operands.size(); ++next) {
      o.set(operands[next]);
      if (!o.repeatable) {
        ++next;
        break;
      }
    }
  require(next == operands.size(), Exit::usage,
          "'" + (next < operands.size() ? operands[next] : "") + "': one operand too many");
  const auto needed = static_cast<std::size_t>(std::count_if(
      usage_.operands.begin(), usage_.operands.end(), [](auto& o) { return o.required; }));
  const bool asks = help_ || short_ || version_ || list_ || !shell_.empty();
  require(asks || operands.size() >= needed, Exit::usage,
          asks || operands.size() >= needed
              ? ""
              : usage_.operands[operands.size()].name + " is missing");
}

std::string Program::settings(const std::vector<std::string>& sections) const {
  std::string line;
  for (const Option& o : usage_.options)
    if (std::find(sections.begin(), sections.end(), o.section) == sections.end())
      for (const std::string& v : o.values) line += "--" + o.long_name() + "=" + v + "\n";
  return line;
}

void Program::take_environment() {
  for (Option& o : usage_.options) {
    if (o.given || o.repeatable || o.metavar.empty() || o.section == "Common") continue;
    std::string name = "FLOW_" + o.long_name();
    for (char& c : name) c = c == '-' ? '_' : static_cast<char>(std::toupper(c));
    const char* value = std::getenv(name.c_str());
    if (!value || !*value) continue;
    try {
      o.set(value), o.values = {value};
    } catch (const Error& e) {
      throw Error(e.code(), name + ": " + e.what());
    }
  }
}

bool Program::answer(const std::string& shell) const {
  if (help_)
    write_stdout(full_help(usage_));
  else if (short_)
    write_stdout(short_help(usage_));
  else if (list_)
    write_stdout(option_list(usage_));
  else if (!shell.empty())
    write_stdout(completion(usage_, shell));
  else if (version_)
    write_stdout(usage_.name + " (exactflow) " FLOW_VERSION "\nkernels: " + kernels().isa +
                 ", numbers: " + (sizeof(real) == 4 ? "float32" : "float64") + "\n");
  else
    return false;
  return true;
}

int Program::fail(Exit code, const std::string& line) const {
  // Without words where another process of the same program says them.
  if (code != Exit::closed && !line.empty()) {
    say(usage_.name + ": " + who_ + harmless(line, true));
    if (code == Exit::usage && line.find(".yaml:") == line.npos && line.find(".yml:") == line.npos)
      say("Try '" + usage_.name + " --help'.");
  }
  return static_cast<int>(code);
}

int Program::run(int argc, char** argv, const std::function<void()>& body) {
  occupy_standard_streams();
  add_common();
  remove_temporaries_on_signals();
  std::signal(SIGPIPE, SIG_IGN);  // a closed pipe is an error of write, with exit code 141
  try {
    parse(argc, argv);
    kernels();  // a wrong FLOW_ISA is said now, and as what it is
    if (!answer(shell_)) {
      take_environment();
      for (const auto& check : rules_) check();
      body();
    }
    if (std::fflush(stdout) != 0) write_stdout("");
    return 0;
  } catch (const Error& e) {
    return fail(e.code(), e.what());
  } catch (const std::bad_alloc&) {
    return fail(Exit::failed, "out of memory; use fewer threads, a smaller model or less data");
  } catch (const std::exception& e) {
    return fail(Exit::failed, e.what());
  }
}

bool Program::given(const std::string& long_name) const {
  return std::any_of(usage_.options.begin(), usage_.options.end(),
                     [&](const Option& o) { return o.given && o.long_name() == long_name; });
}

void Program::refuse(const std::vector<std::string>& long_names, const std::string& why) const {
  for (const std::string& name : long_names)
    require(!given(name), Exit::usage, "--" + name + ": " + why + "; leave it out");
}

void Program::refuse_beside(const std::string& long_name) const {
  for (const Option& o : usage_.options)
    if (o.long_name() != long_name && o.section != "Common")
      refuse({o.long_name()}, "does nothing beside --" + long_name);
}

void Program::stay_silent_as(const std::string& who) {
  who_ = who + ": ";
  quiet_ = true, verbose_ = false;
}

Threads Program::threads() const { return find_threads(threads_, "/"); }

void Program::note(const std::string& text) const {
  if (!quiet_) say(usage_.name + ": " + harmless(text, true));
}

void Program::warn(const std::string& text) const {
  if (who_.empty()) say(usage_.name + ": warning: " + harmless(text, true));
}

void write_page(const std::string& text) { write_stdout(harmless(text, false)); }

void write_stdout(const std::string& text) {
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t n = ::write(STDOUT_FILENO, text.data() + done, text.size() - done);
    if (n >= 0) {
      done += static_cast<std::size_t>(n);
      continue;
    }
    if (errno == EINTR) continue;
    require(errno != EPIPE, Exit::closed, "");
    throw Error(Exit::failed,
                std::string("standard output: cannot be written: ") + std::strerror(errno));
  }
}

}  // namespace flow::cli
