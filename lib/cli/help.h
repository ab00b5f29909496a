// Texts made of the option table.
#pragma once
#include <string>

#include "cli/option.h"

namespace flow::cli {

std::string synopsis(const Usage& usage);     // one line
std::string short_help(const Usage& usage);   // -h: the synopsis and the options' names
std::string full_help(const Usage& usage);    // --help
std::string option_list(const Usage& usage);  // one long name a line
std::string completion(const Usage& usage, const std::string& shell);  // bash, zsh or fish

}  // namespace flow::cli
