#include "model/context.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "config/scalar.h"
#include "core/error.h"
#include "layers/moments.h"

namespace flow {

namespace {

constexpr std::size_t most_labels = 1024;

std::string label_of(const ContextColumn& c, std::size_t j) {
  return "context column " + std::to_string(j + 1) +
         (c.name.empty() ? "" : " (" + quoted(c.name) + ")");
}

}  // namespace

std::size_t width(const ContextSpec& spec) {
  std::size_t n = 0;
  for (const ContextColumn& c : spec) n += c.width();
  return n;
}

ContextSpec read_context(Config& data) {
  ContextSpec spec;
  if (!data.has("context")) return spec;
  const double inf = Config::infinity;
  for (Config* entry : data.list("context")) {
    if (entry->kind() != Config::Kind::map)
      data.fail("context", "each column is a map, as in '- {name: t, mean: 0, scale: 1}'");
    ContextColumn c;
    c.name = entry->text("name", "");
    c.label = entry->has("values") || entry->has("words");
    if (entry->has("words")) {
      c.words = entry->texts("words");
      for (std::size_t k = 0; k < c.words.size(); ++k) c.values.push_back(static_cast<double>(k));
    } else if (c.label) {
      c.values = entry->numbers("values", -inf, inf);
    } else {
      c.mean = entry->number("mean", -inf, inf, 0);
      c.scale = entry->number("scale", Config::above_zero, inf, 1);
    }
    if (c.label && (c.values.empty() || c.values.size() > most_labels))
      entry->fail("values", "give from 1 to 1024 of them");
    spec.push_back(std::move(c));
  }
  return spec;
}

void write_context(const ContextSpec& spec, Config& config) {
  std::string yaml;
  for (const ContextColumn& c : spec) {
    yaml += (yaml.empty() ? "{name: " : ", {name: ") + in_quotes(c.name);
    if (!c.words.empty()) {
      std::string words;
      for (const std::string& w : c.words) words += (words.empty() ? "" : ", ") + in_quotes(w);
      yaml += ", words: [" + words + "]}";
    } else if (c.label) {
      std::string values;
      for (double v : c.values) values += (values.empty() ? "" : ", ") + shortest(v);
      yaml += ", values: [" + values + "]}";
    } else {
      yaml += ", mean: " + shortest(c.mean) + ", scale: " + shortest(c.scale) + "}";
    }
  }
  if (!spec.empty()) config.set("data.context", "[" + yaml + "]", "data");
}

void fit_context(std::span<const real> rows, const std::string& input, const Words& words,
                 ContextSpec& spec) {
  const std::size_t n = rows.size() / spec.size();
  for (std::size_t j = 0; j < spec.size() && !words.empty(); ++j)
    if (spec[j].words = words[words.size() - spec.size() + j]; !spec[j].words.empty())
      spec[j].label = true;
  std::vector<real> column(n);
  for (std::size_t j = 0; j < spec.size(); ++j) {
    ContextColumn& c = spec[j];
    for (std::size_t i = 0; i < n; ++i) column[i] = rows[i * spec.size() + j];
    if (!c.label) {
      const Moments m = moments(column.data(), n);
      c.mean = m.mean, c.scale = safe_deviation(m);
      continue;
    }
    std::set<double> values;
    for (real v : column) {
      values.insert(static_cast<double>(v));
      require(values.size() <= most_labels, Exit::data,
              input + ": " + label_of(c, j) +
                  " has more than 1024 values; it is a number rather "
                  "than a label: use --context-columns");
    }
    c.values.assign(values.begin(), values.end());
  }
}

void to_context(const ContextSpec& spec, const real* row, const std::string& where, real* out) {
  for (std::size_t j = 0; j < spec.size(); ++j) {
    const ContextColumn& c = spec[j];
    const double value = static_cast<double>(row[j]);
    if (!c.label) {
      *out++ = static_cast<real>((value - c.mean) / c.scale);
      continue;
    }
    if (std::isnan(value)) {  // --on-nan keep
      out = std::fill_n(out, c.width(), static_cast<real>(value));
      continue;
    }
    const auto at = std::lower_bound(c.values.begin(), c.values.end(), value);
    if (at == c.values.end() || *at != value) {
      std::vector<std::string> known = c.words;
      for (std::size_t k = 0; k < c.values.size() && c.words.empty(); ++k)
        known.push_back(shortest(c.values[k]));
      if (known.size() > 12) known.resize(12), known.push_back("...");
      throw Error(Exit::data, where + ": " + label_of(c, j) + " is " +
                                  (c.words.empty() ? shortest(value) + ", a label" : "a word") +
                                  " that training did not see; it saw " + one_of(known));
    }
    std::fill_n(out, c.width(), real(0));
    out[at - c.values.begin()] = 1;
    out += c.width();
  }
}

std::vector<real> to_context(const ContextSpec& spec, std::span<const real> rows,
                             std::uint64_t first_row, const std::string& input) {
  const std::size_t n = spec.empty() ? 0 : rows.size() / spec.size();
  std::vector<real> out(n * width(spec));
  for (std::size_t i = 0; i < n; ++i)
    to_context(spec, rows.data() + i * spec.size(),
               input + ": row " + std::to_string(first_row + i + 1), out.data() + i * width(spec));
  return out;
}

}  // namespace flow
