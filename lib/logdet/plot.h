// The log-log picture: the time of one log-det over N, a line a method, with slopes.
#pragma once
#include <string>
#include <vector>

#include "logdet/bench.h"
#include "picture/canvas.h"

namespace flow {

constexpr std::size_t plot_width = 1100, plot_height = 730;

// Error(Exit::usage) for a name that ends neither in .svg nor in .png, and, before any work, what
// OutputFile would say to the path.
void check_plot_path(const std::string& path, bool replace);

// By the ending of the path. heading: one line on where it was measured.
void write_plot(const std::string& path, bool replace, const std::string& heading,
                const std::vector<Measurement>& measured, const std::vector<MethodFit>& fits);

// Draws it. No two texts overlap.
void draw_plot(Canvas& canvas, const std::string& heading, const std::vector<Measurement>& measured,
               const std::vector<MethodFit>& fits);

}  // namespace flow
