// Expectation, for a row with cells o there and m missing, given the mean u and the covariance S:
//
//   x_m = u_m + B (x_o - u_o),  B = S_mo S_oo^-1,  with the covariance  C = S_mm - B S_om  about
//   it.
//
// Maximisation: the moments of the rows so filled, and the mean of C added to the covariance
// (Dempster, Laird, Rubin, 1977; Little and Rubin, Statistical analysis with missing data,
// section 11.2).
#include "train/incomplete.h"

#include <cmath>
#include <map>

namespace flow {

namespace {

constexpr std::size_t rounds = 30;
constexpr double most_work = 4e9;  // multiply-adds

struct Pattern {
  std::vector<std::size_t> there, missing, rows;
};

std::vector<Pattern> patterns_of(Rows x) {
  std::map<std::vector<bool>, std::vector<std::size_t>> rows;
  std::vector<bool> gaps(x.cols);
  for (std::size_t i = 0; i < x.rows; ++i) {
    for (std::size_t j = 0; j < x.cols; ++j) gaps[j] = std::isnan(x(i, j));
    rows[gaps].push_back(i);
  }
  std::vector<Pattern> out;
  for (auto& [gap, which] : rows) {
    Pattern p{{}, {}, std::move(which)};
    for (std::size_t j = 0; j < x.cols; ++j) (gap[j] ? p.missing : p.there).push_back(j);
    out.push_back(std::move(p));
  }
  return out;
}

std::optional<Gaussian> of_what_is_there(const GaussianMoments& m, const Pattern& p) {
  const std::size_t d = m.mean.size();
  std::vector<double> mean, covariance;
  for (const std::size_t j : p.there) {
    mean.push_back(m.mean[j]);
    for (const std::size_t k : p.there)
      covariance.push_back(m.covariance[j * d + k] * (j == k ? 1 + 1e-6 : 1));
  }
  return Gaussian::of(std::move(mean), std::move(covariance));
}

// The mean and the variance of each column by itself.
std::optional<GaussianMoments> start(Rows x, std::span<const double> weight) {
  const std::size_t d = x.cols;
  GaussianMoments m{0, std::vector<double>(d), std::vector<double>(d * d)};
  for (const double w : weight) m.weight += w;
  for (std::size_t j = 0; j < d; ++j) {
    double sum = 0, square = 0, total = 0;
    for (std::size_t i = 0; i < x.rows; ++i)
      if (!std::isnan(x(i, j))) sum += weight[i] * x(i, j), total += weight[i];
    m.mean[j] = sum / total;
    for (std::size_t i = 0; i < x.rows; ++i)
      if (!std::isnan(x(i, j))) square += weight[i] * std::pow(x(i, j) - m.mean[j], 2);
    m.covariance[j * d + j] = square / total;
    if (!(square > 0)) return std::nullopt;
  }
  return m;
}

// Fills the rows of a pattern; adds C, times their weight, to `more`. False: there is no factor.
bool fill(const GaussianMoments& m, const Pattern& p, std::span<const double> weight,
          View<double> x, std::vector<double>& more) {
  const std::size_t d = x.cols, a = p.there.size();
  const auto g = of_what_is_there(m, p);
  if (!g) return false;
  double total = 0;
  for (const std::size_t i : p.rows) total += weight[i];
  std::vector<std::vector<double>> b;  // a row of B for each missing column
  for (const std::size_t j : p.missing) {
    std::vector<double> row(a);
    for (std::size_t k = 0; k < a; ++k) row[k] = m.covariance[j * d + p.there[k]];
    b.push_back(g->solve(row));
  }
  for (std::size_t q = 0; q < b.size(); ++q) {
    const std::size_t j = p.missing[q];
    for (const std::size_t i : p.rows) {
      double value = m.mean[j];
      for (std::size_t k = 0; k < a; ++k)
        value += b[q][k] * (x(i, p.there[k]) - m.mean[p.there[k]]);
      x(i, j) = value;
    }
    for (const std::size_t other : p.missing) {
      double c = m.covariance[j * d + other];
      for (std::size_t k = 0; k < a; ++k) c -= b[q][k] * m.covariance[other * d + p.there[k]];
      more[j * d + other] += total * c;
    }
  }
  return true;
}

}  // namespace

std::optional<GaussianMoments> incomplete_moments(Rows x, std::span<const double> weight) {
  const std::size_t d = x.cols;
  const std::vector<Pattern> patterns = patterns_of(x);
  const double cube = std::pow(static_cast<double>(d), 3);
  if (cube * static_cast<double>(patterns.size() * rounds) > most_work) return std::nullopt;
  std::optional<GaussianMoments> m = start(x, weight);
  if (!m) return std::nullopt;
  std::vector<double> whole(x.data, x.data + x.rows * d);
  const View<double> filled{whole.data(), x.rows, d, x.rows};
  for (std::size_t round = 0; round < rounds; ++round) {
    std::vector<double> more(d * d);
    for (const Pattern& p : patterns)
      if (!fill(*m, p, weight, filled, more)) return std::nullopt;
    m = moments_of(filled, weight);
    for (std::size_t at = 0; at < d * d; ++at) m->covariance[at] += more[at] / m->weight;
  }
  return m;
}

bool incomplete_log_density(const GaussianMoments& gaussian, Rows x, std::span<double> out) {
  for (const Pattern& p : patterns_of(x)) {
    const auto g = of_what_is_there(gaussian, p);
    if (!g) return false;
    const std::size_t n = p.rows.size();
    std::vector<double> cells, logp(n);
    for (const std::size_t j : p.there)
      for (const std::size_t i : p.rows) cells.push_back(x(i, j));
    g->log_density({cells.data(), n, p.there.size(), n}, logp);
    for (std::size_t k = 0; k < n; ++k) out[p.rows[k]] = logp[k];
  }
  return true;
}

}  // namespace flow
