#include "info/figures.h"

#include <algorithm>
#include <cmath>

#include "core/text.h"
#include "info/axes.h"
#include "info/curve.h"
#include "info/model_info.h"

namespace flow {

namespace {

constexpr Range shares{0, 1.08};
constexpr std::size_t most_dots = 400;

template <class T>
std::vector<double> column(const std::vector<T>& rows, std::size_t columns, std::size_t j) {
  std::vector<double> out;
  for (std::size_t at = j; at < rows.size(); at += columns)
    out.push_back(static_cast<double>(rows[at]));
  return out;
}

std::vector<double> both(std::vector<double> a, const std::vector<double>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

void draw_loss(Canvas& canvas, const Evidence& e) {
  const auto train = history_column(*e.model, "train"),
             validation = history_column(*e.model, "validation");
  Range y = curve_range(both({train.begin(), train.end()}, {validation.begin(), validation.end()}));
  y.hi += 0.25 * (y.hi - y.lo);  // room for the legend
  const Axes axes(canvas, {80, 40}, 650, 370,
                  {1, std::max<double>(2, static_cast<double>(train.size()))}, y);
  const auto points = [](std::span<const double> values) {
    std::vector<Point> out;
    for (std::size_t i = 0; i < values.size(); ++i)
      out.push_back({static_cast<double>(i + 1), values[i]});
    return out;
  };
  axes.draw({true, true});
  axes.name("epoch", "mean log-density, nats");
  axes.curve(points(train), blue, 1);
  axes.curve(points(validation), black, 2.5);
  axes.legend(0, "validation rows", black, 2.5);
  axes.legend(1, "training batches", blue, 1);
}

// Fields of up to six columns, three on a line.
template <class F>
void each_panel(std::size_t columns, F draw) {
  for (std::size_t j = 0; j < std::min<std::size_t>(columns, 6); ++j)
    draw(j, Point{80 + 228 * static_cast<double>(j % 3), 60 + 215 * static_cast<double>(j / 3)});
}

void draw_latents(Canvas& canvas, const Evidence& e) {
  const std::size_t d = e.model->flow->columns();
  canvas.text({80, 24}, Anchor::left, "thick: rows of the file, thin: draws of the base", black);
  each_panel(d, [&](std::size_t j, Point at) {
    const auto z = column(e.latents, d, j), base = column(e.base, d, j);
    const Axes axes(canvas, at, 150, 140, plot_range(both(z, base)), shares);
    axes.draw({true, false});
    axes.name("", format("latent z%zu, share", j + 1));
    axes.histogram(base, 30, blue, 1);
    axes.histogram(z, 30, black, 2.5);
  });
}

void draw_quantiles(Canvas& canvas, const Evidence& e) {
  const std::size_t d = e.model->flow->columns();
  canvas.text({80, 24}, Anchor::left,
              "up: quantiles of latents of the rows, across: of draws of the base", black);
  each_panel(d, [&](std::size_t j, Point at) {
    auto z = column(e.latents, d, j), base = column(e.base, d, j);
    const Range range = plot_range(both(z, base));
    std::sort(z.begin(), z.end()), std::sort(base.begin(), base.end());
    std::vector<Point> points;
    const std::size_t n = std::min(z.size(), base.size()), some = std::min<std::size_t>(n, 100);
    for (std::size_t k = 0; k < some; ++k) {
      const double share = (static_cast<double>(k) + 0.5) / static_cast<double>(some);
      const auto of = [&](const std::vector<double>& v) {
        return v[static_cast<std::size_t>(share * static_cast<double>(v.size()))];
      };
      points.push_back({of(base), of(z)});
    }
    const Axes axes(canvas, at, 150, 140, range, range);
    const Point diagonal[] = {{range.lo, range.lo}, {range.hi, range.hi}};
    axes.draw({true, true});
    axes.name("", format("latent z%zu", j + 1));
    axes.curve(diagonal, blue, 1);
    axes.dots(points, black, 2);
  });
}

std::vector<Point> dots_of(const std::vector<double>& rows, std::size_t d, std::size_t x,
                           std::size_t y) {
  std::vector<Point> out;
  for (std::size_t i = 0; i < std::min(most_dots, rows.size() / d); ++i)
    out.push_back({rows[i * d + x], rows[i * d + y]});
  return out;
}

void draw_pairs(Canvas& canvas, const Evidence& e) {
  const RowShape& shape = e.model->data.shape;
  const std::size_t d = shape.columns, k = std::min<std::size_t>(d, 4);
  const double wide = 676.0 / static_cast<double>(k), high = 400.0 / static_cast<double>(k);
  canvas.text({80, 16}, Anchor::left,
              "black, below the diagonal: rows of the file, blue, above: samples", black);
  std::vector<Range> ranges;
  for (std::size_t j = 0; j < k; ++j)
    ranges.push_back(plot_range(both(column(e.rows, d, j), column(e.samples, d, j))));
  for (std::size_t i = 0; i < k; ++i)
    for (std::size_t j = 0; j < k; ++j) {
      const Point at{80 + wide * static_cast<double>(j), 42 + high * static_cast<double>(i)};
      const Axes axes(canvas, at, wide - 20, high - 22, ranges[j], i == j ? shares : ranges[i]);
      axes.draw({i + 1 == k, j == 0 && i > 0});
      if (i == j) {
        axes.name("", first_letters(label_of(shape, j),
                                    static_cast<std::size_t>((wide - 20) / letter_width)));
        axes.histogram(column(e.samples, d, j), 24, blue, 1);
        if (!e.rows.empty()) axes.histogram(column(e.rows, d, j), 24, black, 2);
      } else {
        axes.dots(dots_of(i > j ? e.rows : e.samples, d, j, i), i > j ? black : blue, 1.3);
      }
    }
}

void draw_scores(Canvas& canvas, const Evidence& e) {
  const std::vector<double>& held_out = e.model->reference;
  const Range x = plot_range(both(both(e.scores, e.sample_scores), held_out));
  const Axes axes(canvas, {60, 40}, 670, 370, x, {0, 1.35});
  axes.draw({true, false});
  axes.name("log-density of a row, nats", "share, of the fullest part");
  std::size_t line = 0;
  const auto draw = [&](const std::vector<double>& values, const char* text, Colour colour,
                        double width) {
    if (values.empty()) return;
    axes.histogram(values, 50, colour, width);
    axes.legend(line++, text, colour, width);
  };
  draw(e.sample_scores, "samples", blue, 1);
  draw(held_out, "held-out rows", orange, 3.5);
  draw(e.scores, "rows of the file", black, 2);
}

constexpr Figure all[] = {
    {"loss", "Training",
     "Where the validation falls while the training still rises, the model has begun to learn "
     "single "
     "rows by heart; it is the model of the best epoch that was kept.",
     [](const Evidence& e) { return !history_column(*e.model, "validation").empty(); }, draw_loss},
    {"latents", "Latents", "If the model fits the rows, both outlines are the same but for chance.",
     [](const Evidence& e) { return !e.latents.empty(); }, draw_latents},
    {"quantiles", "Quantiles of the latents",
     "If the model fits, the dots lie on the line; ends that bend away are tails that the model "
     "has "
     "too light or too heavy.",
     [](const Evidence& e) { return !e.latents.empty(); }, draw_quantiles},
    {"pairs", "Columns in pairs",
     "The panels below the diagonal should look like their mirror images above it.",
     [](const Evidence& e) { return !e.samples.empty() && e.model->data.shape.dims.size() < 2; },
     draw_pairs},
    {"scores", "Log-densities",
     "Rows far to the left are unlikely under the model. Rows of the file that lie left of the "
     "held-out rows are other than those it was trained on.",
     [](const Evidence& e) {
       return !(e.scores.empty() && e.sample_scores.empty() && e.model->reference.empty());
     },
     draw_scores}};

}  // namespace

std::span<const Figure> figures() { return all; }

}  // namespace flow
