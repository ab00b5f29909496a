// A program of the suite: its options, and one way to run and to fail. CLI11 only splits the
// command line into options and operands; what they mean, and every message, is here.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "cli/option.h"
#include "cli/threads.h"

namespace flow::cli {

class Program {
 public:
  Program(std::string name, std::string summary);

  // In this order: "MODEL", then "DATA" ...
  void operand(const std::string& name, std::string& value, const std::string& help,
               bool required = true);
  void operand(const std::string& name, std::vector<std::string>& values, const std::string& help);

  // Options that follow stand under this heading.
  void section(const std::string& heading) { section_ = heading; }
  void flag(const std::string& names, bool& value, const std::string& help);
  // T: std::string, std::size_t, std::uint64_t, double, Seconds, Bytes, or std::optional or
  // std::vector (repeatable) of one. A scalar option that is not given is taken from the
  // environment, FLOW_<LONG_NAME>.
  template <class T>
  void option(const std::string& names, T& value, const std::string& metavar,
              const std::string& help);
  void choice(const std::string& names, std::string& value, const std::string& metavar,
              const std::vector<std::string>& choices, const std::string& help);
  // A value that `set` takes, or refuses by an Error(Exit::usage).
  void custom(const std::string& names, const std::string& metavar, const std::string& help,
              std::function<void(const std::string&)> set);
  void example(const std::string& line, const std::string& meaning);
  // Called once all options are known, in front of the body: throws an Error(Exit::usage) for what
  // does not go together.
  void rule(std::function<void()> check) { rules_.push_back(std::move(check)); }

  // Parses, runs the body, and returns the exit code. An Error, or a failure to write what stdout
  // still holds, becomes one line on stderr.
  int run(int argc, char** argv, const std::function<void()>& body);

  // Known once parsed.
  bool given(const std::string& long_name) const;  // on the command line
  // The options that were set, in the environment too, but for those of these sections.
  std::string settings(const std::vector<std::string>& sections) const;
  // Refuses those of these options that are on the command line, where they would do nothing:
  // "--steps: WHY; leave it out".
  void refuse(const std::vector<std::string>& long_names, const std::string& why) const;
  // The same of all but this one and the common ones.
  void refuse_beside(const std::string& long_name) const;
  Threads threads() const;
  const std::string& name() const { return usage_.name; }
  bool quiet() const { return quiet_; }
  bool verbose() const { return verbose_; }
  const std::string& colour() const { return colour_; }

  // Of several processes of one program this is not the one that speaks: it tells errors only, and
  // in front of them who it is.
  void stay_silent_as(const std::string& who);

  // Lines on stderr, "flow-score: ...": a note is left out with --quiet.
  void note(const std::string& text) const;
  void warn(const std::string& text) const;

 private:
  void add(Option option);
  void add_common();
  bool answer(const std::string& shell) const;  // --help and the like: true if that was all
  void parse(int argc, char** argv);
  void take_environment();
  int fail(Exit code, const std::string& line) const;

  Usage usage_;
  std::string section_ = "Options", colour_ = "auto", shell_, who_;
  std::vector<std::function<void()>> rules_;
  std::optional<std::size_t> threads_;
  bool quiet_ = false, verbose_ = false, help_ = false, short_ = false, version_ = false,
       list_ = false;
};

// Writes all of it to stdout: Error(Exit::failed) with the reason, or Exit::closed.
void write_stdout(const std::string& text);

// For people, with names of files and columns in it, whose control characters show as "?".
void write_page(const std::string& text);

}  // namespace flow::cli

#include "cli/program_options.h"
