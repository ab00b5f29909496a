#include "info/report.h"

#include <algorithm>

#include "core/error.h"
#include "core/output.h"
#include "info/figures.h"
#include "info/model_info.h"
#include "picture/rows.h"

namespace flow {

namespace {

constexpr const char* style =
    "body{font-family:sans-serif;max-width:800px;margin:2em auto;padding:0 1em;color:#141414}"
    "pre{overflow-x:auto;font-size:12px;background:#f4f4f4;padding:1em}"
    "figure{margin:2em 0}svg,img{max-width:100%;height:auto}figcaption{color:#444}";

// RFC 4648.
std::string base64(const std::string& bytes) {
  static constexpr char digits[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k)
      group = group << 8 | (at + k < bytes.size() ? static_cast<unsigned char>(bytes[at + k]) : 0u);
    for (std::size_t k = 0; k < 4; ++k)
      out += at + k <= bytes.size() ? digits[group >> (18 - 6 * k) & 63] : '=';
  }
  return out;
}

bool has_images(const Evidence& e) {
  const std::vector<std::size_t>& dims = e.model->data.shape.dims;
  return are_images(e.model->data) && !e.samples.empty() &&
         (dims.size() == 2 || dims[2] == 1 || dims[2] == 3);
}

Picture sample_grid(const Evidence& e) {
  const std::size_t most = 64 * e.model->data.shape.columns;
  return draw(e.model->data, std::span(e.samples).first(std::min(most, e.samples.size())));
}

std::string figure_of(const std::string& name, const std::string& title, const std::string& body,
                      const std::string& caption) {
  return "<figure id=\"" + name + "\">\n<h2>" + title + "</h2>\n" + body + "<figcaption>" +
         caption + "</figcaption>\n</figure>\n";
}

std::string page(const Evidence& e) {
  const std::string title = escaped(e.model_path);
  std::string out =
      "<!DOCTYPE html>\n<html xmlns=\"http://www.w3.org/1999/xhtml\" lang=\"en\">\n<head>\n"
      "<meta charset=\"utf-8\"/>\n<title>" +
      title + "</title>\n<style>" + style + "</style>\n</head>\n<body>\n<h1>" + title + "</h1>\n";
  out += e.data_name.empty()
             ? "<p>Without rows of a file: what needs them is left out.</p>\n"
             : "<p>With " + std::to_string(e.scores.size()) + " rows of " + escaped(e.data_name) +
                   (e.left_out == 0 ? ""
                                    : "; " + std::to_string(e.left_out) +
                                          " more, with missing cells or numbers "
                                          "that the model cannot hold, are left out") +
                   ".</p>\n";
  for (const Figure& f : figures()) {
    if (!f.there(e)) continue;
    const auto canvas = svg_canvas(figure_width, figure_height);
    f.draw(*canvas, e);
    out += figure_of(f.name, f.title, canvas->bytes(), f.caption);
  }
  if (has_images(e))
    out += figure_of("samples", "Samples",
                     "<img alt=\"samples\" src=\"data:image/png;base64," +
                         base64(png_bytes(sample_grid(e))) + "\"/>\n",
                     "Drawn from the model.");
  return out + "<h2>The model</h2>\n<pre>" + escaped(describe(*e.model, e.model_path, false)) +
         "</pre>\n</body>\n</html>\n";
}

const Figure* find_figure(const std::string& name) {
  const auto all = figures();
  const auto found = std::find_if(all.begin(), all.end(), [&](auto& f) { return f.name == name; });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace

void check_report_path(const std::string& path, const std::string& figure, bool replace) {
  const bool html = path.ends_with(".html"), svg = path.ends_with(".svg"),
             png = path.ends_with(".png");
  require(html || svg || png, Exit::usage,
          "--plot " + path + ": name a file that ends in .html, .svg or .png");
  require(!html || figure.empty(), Exit::usage,
          "--figure: an HTML file holds all of them; name a .svg or .png");
  std::string names;
  for (const Figure& f : figures()) names += std::string(f.name) + ", ";
  require(html || find_figure(figure) || figure == "samples", Exit::usage,
          "--figure: of " + path + " is missing or unknown; there are: " + names + "samples");
  require(!svg || figure != "samples", Exit::usage, "--figure samples: is of pixels; name a .png");
  check_writable(path, replace);
}

void write_report(const std::string& path, const std::string& figure, bool replace,
                  const Evidence& e) {
  if (path.ends_with(".html")) {
    const std::string all = page(e);
    OutputFile file(path, replace);
    file.write(all.data(), all.size());
    return file.commit();
  }
  const Figure* const f = find_figure(figure);
  require(f ? f->there(e) : has_images(e), Exit::usage,
          "--figure " + figure + ": the model, or its file, has nothing to show in it" +
              (e.data_name.empty() ? "; give --data" : ""));
  if (!f) return write_png(path, replace, sample_grid(e));
  const auto canvas = path.ends_with(".svg") ? svg_canvas(figure_width, figure_height)
                                             : png_canvas(figure_width, figure_height, 2);
  f->draw(*canvas, e);
  canvas->write(path, replace);
}

}  // namespace flow
