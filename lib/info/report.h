// The figures of a model in one HTML file, which needs nothing else: no scripts, no network. It is
// well-formed XML too.
#pragma once
#include <string>

#include "info/evidence.h"

namespace flow {

// Error(Exit::usage) for a path that ends in none of .html, .svg and .png, for an unknown figure,
// and for one that belongs to no single file; and, before any work, what OutputFile would say.
// figure: of .svg and .png, a name of info/figures.h or "samples", a grid of images (.png only).
void check_report_path(const std::string& path, const std::string& figure, bool replace);

// Error(Exit::usage) where the figure has nothing to show.
void write_report(const std::string& path, const std::string& figure, bool replace,
                  const Evidence& evidence);

}  // namespace flow
