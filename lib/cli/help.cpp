#include "cli/help.h"

#include <algorithm>
#include <sstream>

namespace flow::cli {

namespace {

// Breaks text between words, with the indent before every line but the first.
std::string wrapped(const std::string& text, std::size_t indent, std::size_t width) {
  std::istringstream words(text);
  std::string out, word;
  std::size_t column = indent;
  while (words >> word) {
    if (column > indent && column + 1 + word.size() > width) {
      out += "\n" + std::string(indent, ' ');
      column = indent;
    } else if (column > indent) {
      out += ' ', ++column;
    }
    out += word, column += word.size();
  }
  return out;
}

// "-n, --rows N"
std::string left_side(const Option& o) {
  std::string names = o.names;
  if (const auto comma = names.find(','); comma != names.npos)
    names.replace(comma, 1, ", ");
  else
    names = "    " + names;
  return "  " + names + (o.metavar.empty() ? "" : " " + o.metavar);
}

std::string shell_name(const std::string& program) {
  std::string name = program;
  for (char& c : name)
    if (c == '-') c = '_';
  return name;
}

std::string quoted(const std::string& text) {
  std::string out = "'";
  for (char c : text) out += c == '\'' ? "'\\''" : std::string(1, c);
  return out + "'";
}

// Inside of single quotes fish knows \' and \\, and sh neither.
std::string fish_quoted(const std::string& text) {
  std::string out = "'";
  for (char c : text) out += (c == '\'' || c == '\\' ? "\\" : "") + std::string(1, c);
  return out + "'";
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const auto& w : words) out += (out.empty() ? "" : " ") + w;
  return out;
}

std::string bash_completion(const Usage& u) {
  std::string words, cases;
  for (const Option& o : u.options) {
    words += " --" + o.long_name();
    std::string names = o.names;
    std::replace(names.begin(), names.end(), ',', '|');
    if (!o.choices.empty())
      cases += "    " + names + ") COMPREPLY=($(compgen -W " + quoted(joined(o.choices)) +
               " -- \"$word\")); return ;;\n";
  }
  const std::string f = "_" + shell_name(u.name);
  return f +
         "() {\n  local word=${COMP_WORDS[COMP_CWORD]}\n  case ${COMP_WORDS[COMP_CWORD-1]} in\n" +
         cases + "  esac\n  if [[ $word == -* ]]; then\n    COMPREPLY=($(compgen -W '" +
         words.substr(1) +
         "' -- \"$word\"))\n  else\n    COMPREPLY=($(compgen -f -- \"$word\"))\n  fi\n}\ncomplete "
         "-o filenames -F " +
         f + " " + u.name + "\n";
}

std::string zsh_completion(const Usage& u) {
  std::string out = "#compdef " + u.name + "\n_arguments \\\n";
  for (const Option& o : u.options) {
    std::string help;
    for (char c : o.help) help += c == '[' || c == ']' || c == ':' ? ' ' : c;
    std::string value;
    if (!o.choices.empty())
      value = ":" + o.metavar + ":(" + joined(o.choices) + ")";
    else if (!o.metavar.empty())
      value = ":" + o.metavar + ":_files";
    out += "  " + quoted("--" + o.long_name() + "[" + help + "]" + value) + " \\\n";
  }
  return out + "  '*:file:_files'\n";
}

std::string fish_completion(const Usage& u) {
  std::string out;
  for (const Option& o : u.options) {
    out += "complete -c " + u.name + " -l " + o.long_name() + " -d " + fish_quoted(o.help);
    if (o.names[1] != '-') out += " -s " + o.names.substr(1, 1);
    if (!o.metavar.empty()) out += " -r";
    if (!o.choices.empty()) out += " -f -a " + fish_quoted(joined(o.choices));
    out += "\n";
  }
  return out;
}

}  // namespace

std::string Option::long_name() const { return names.substr(names.find("--") + 2); }

std::string synopsis(const Usage& u) {
  std::string out = "usage: " + u.name + " [OPTIONS]";
  for (const Operand& o : u.operands) {
    const std::string shown = o.name + (o.repeatable ? "..." : "");
    out += o.required ? " " + shown : " [" + shown + "]";
  }
  return out + "\n";
}

std::string short_help(const Usage& u) {
  std::string names;
  for (const Option& o : u.options)
    names += (names.empty() ? "" : "  ") + ("--" + o.long_name()) +
             (o.metavar.empty() ? "" : " " + o.metavar);
  return synopsis(u) + u.summary + "\noptions: " + wrapped(names, 9, 80) + "\nTry '" + u.name +
         " --help' for more.\n";
}

std::string full_help(const Usage& u) {
  constexpr std::size_t column = 28, width = 80;
  std::string out = synopsis(u) + "\n" + wrapped(u.summary, 0, width) + "\n";
  const auto line = [&](std::string left, const std::string& help) {
    left += left.size() + 2 > column ? "\n" + std::string(column, ' ')
                                     : std::string(column - left.size(), ' ');
    out += left + wrapped(help, column, width) + "\n";
  };
  if (!u.operands.empty()) out += "\nOperands:\n";
  for (const Operand& o : u.operands) line("  " + o.name, o.help);
  std::string section;
  for (const Option& o : u.options) {
    if (o.section != section) out += "\n" + o.section + ":\n", section = o.section;
    line(left_side(o), o.help + (o.choices.empty() ? "" : " (" + joined(o.choices) + ")"));
  }
  out += "\nExamples:\n";
  for (const Example& e : u.examples) out += "  " + e.line + "\n      " + e.meaning + "\n";
  return out + "\nSee also: man " + u.name + "\n";
}

std::string option_list(const Usage& u) {
  std::string out;
  for (const Option& o : u.options) out += "--" + o.long_name() + "\n";
  return out;
}

std::string completion(const Usage& u, const std::string& shell) {
  return shell == "bash"  ? bash_completion(u)
         : shell == "zsh" ? zsh_completion(u)
                          : fish_completion(u);
}

}  // namespace flow::cli
