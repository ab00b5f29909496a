// The mixture: p(x) = sum_k share_k N(x; mean_k, covariance_k). Expectation: r_ik, the share of
// component k in the density of row i. Maximisation: the moments of the rows weighted by r_ik, with
// the conjugate prior of Fraley and Raftery (2007), Bayesian regularization for normal mixture
// estimation, section 2:
//
//   covariance_k = (L + N_k S_k) / (N_k + 2 d + 4),  L = diag(variances of all rows) / K^(2/d)
//
// which keeps a component on few rows, or on rows with ties, from growing without bound.
#include "train/rivals.h"

#include <cmath>

#include "core/random.h"
#include "train/incomplete.h"

namespace flow {

namespace {

constexpr std::size_t most_columns = 2048, rounds = 40, counts[] = {2, 5, 10};
// Multiply-adds of the fits together, about a second each, and numbers held.
constexpr double gaussian_work = 1e10, mixture_work = 4e9, most_numbers = 4e6;

struct Sample {
  std::vector<double> x, weight;
  std::vector<std::size_t> at;
  Rows rows() const { return {x.data(), at.size(), x.size() / at.size(), at.size()}; }
};

// Evenly spaced rows, at most so many.
Sample sample(const Dataset& data, std::size_t columns, std::uint32_t epoch, double most) {
  most = std::max(1000., std::min(most, most_numbers / static_cast<double>(columns)));
  const std::size_t n = data.rows(), m = std::min(n, static_cast<std::size_t>(most));
  Sample s{std::vector<double>(m * columns), {}, {}};
  std::vector<real> row(data.width());
  for (std::size_t i = 0; i < m; ++i) {
    const std::size_t at = i * n / m;
    data.row(at, epoch, row.data());
    for (std::size_t j = 0; j < columns; ++j) s.x[j * m + i] = static_cast<double>(row[j]);
    s.weight.push_back(data.weight(at)), s.at.push_back(at);
  }
  return s;
}

std::optional<Gaussian> one(const Sample& s, GaussianMoments& m) {
  const Rows x = s.rows();
  m = moments_of(x, s.weight);
  if (x.rows <= x.cols) return std::nullopt;
  std::vector<double> covariance = m.covariance;
  // As much more on the diagonal as keeps columns apart that are sums of others.
  for (std::size_t j = 0; j < x.cols; ++j) covariance[j * x.cols + j] *= 1 + 1e-6;
  return Gaussian::of(m.mean, std::move(covariance));
}

class Mixture {
 public:
  // all: the moments of all rows.
  Mixture(const Sample& s, const GaussianMoments& all, std::size_t components);
  std::vector<double> log_density(Rows x) const;

 private:
  void add(std::vector<double> mean, std::vector<double> covariance, double weight);
  // log (share_k N(x_i)) of component k at k n + i.
  std::vector<double> parts(Rows x) const;
  std::vector<Gaussian> gaussians_;
  std::vector<double> log_share_;
};

// The largest of the parts of row i, and the logarithm of their sum.
double log_sum(const std::vector<double>& parts, std::size_t n, std::size_t i) {
  double top = parts[i], sum = 0;
  for (std::size_t at = i; at < parts.size(); at += n) top = std::max(top, parts[at]);
  for (std::size_t at = i; at < parts.size(); at += n) sum += std::exp(parts[at] - top);
  return top + std::log(sum);
}

void Mixture::add(std::vector<double> mean, std::vector<double> covariance, double share) {
  if (auto g = Gaussian::of(std::move(mean), std::move(covariance)); g && share > 0)
    gaussians_.push_back(std::move(*g)), log_share_.push_back(std::log(share));
}

std::vector<double> Mixture::parts(Rows x) const {
  std::vector<double> out(x.rows * gaussians_.size());
  for (std::size_t k = 0; k < gaussians_.size(); ++k) {
    const std::span<double> mine(out.data() + k * x.rows, x.rows);
    gaussians_[k].log_density(x, mine);
    for (double& v : mine) v += log_share_[k];
  }
  return out;
}

Mixture::Mixture(const Sample& s, const GaussianMoments& all, std::size_t components) {
  const Rows x = s.rows();
  const std::size_t n = x.rows, d = x.cols;
  const double spread = std::pow(static_cast<double>(components), -2 / static_cast<double>(d));
  std::vector<double> prior(d * d);
  for (std::size_t j = 0; j < d; ++j) prior[j * d + j] = spread * all.covariance[j * d + j];
  const auto order = Random(0, Stream::shuffle).permutation(n);
  for (std::size_t k = 0; k < components; ++k) {  // around rows at random
    std::vector<double> mean;
    for (std::size_t j = 0; j < d; ++j) mean.push_back(x(order[k], j));
    add(std::move(mean), prior, 1 / static_cast<double>(components));
  }
  for (std::size_t round = 0; round < rounds; ++round) {
    std::vector<double> r = parts(x);
    for (std::size_t i = 0; i < n; ++i) {
      const double sum = log_sum(r, n, i);
      for (std::size_t at = i; at < r.size(); at += n) r[at] = s.weight[i] * std::exp(r[at] - sum);
    }
    const std::size_t there = gaussians_.size();
    gaussians_.clear(), log_share_.clear();
    for (std::size_t k = 0; k < there; ++k) {
      GaussianMoments m = moments_of(x, std::span(r).subspan(k * n, n));
      const double rows = m.weight * static_cast<double>(n) / all.weight;
      for (std::size_t at = 0; at < d * d; ++at)
        m.covariance[at] =
            (prior[at] + rows * m.covariance[at]) / (rows + 2 * static_cast<double>(d) + 4);
      add(std::move(m.mean), std::move(m.covariance), m.weight / all.weight);
    }
  }
}

std::vector<double> Mixture::log_density(Rows x) const {
  const std::vector<double> all = parts(x);
  std::vector<double> out;
  for (std::size_t i = 0; i < x.rows; ++i) out.push_back(log_sum(all, x.rows, i));
  return out;
}

// Where the rival has no finite mean: none.
void judge(std::size_t components, const std::vector<double>& logp, const Sample& rows,
           std::span<const double> scores, std::vector<Rival>& out) {
  Summary own, lead;
  for (std::size_t i = 0; i < logp.size(); ++i) {
    const double flow = scores[rows.at[i]];
    if (!std::isfinite(flow)) continue;
    own.add(logp[i], i, rows.weight[i]), lead.add(flow - logp[i], i, rows.weight[i]);
  }
  if (std::isfinite(own.mean)) out.push_back({components, own.mean, lead});
}

bool incomplete(const Sample& s) {
  return std::any_of(s.x.begin(), s.x.end(), [](double v) { return std::isnan(v); });
}

void judge_incomplete(const Sample& train, const Sample& held, std::span<const double> scores,
                      std::vector<Rival>& out) {
  if (train.rows().rows <= train.rows().cols) return;
  const auto m = incomplete_moments(train.rows(), train.weight);
  std::vector<double> logp(held.at.size());
  if (m && incomplete_log_density(*m, held.rows(), logp)) judge(1, logp, held, scores, out);
}

}  // namespace

std::vector<Rival> rivals(const Dataset& training, const Dataset& validation, std::size_t columns,
                          std::span<const double> scores) {
  std::vector<Rival> out, mixtures;
  if (columns > most_columns) return out;
  const double square = static_cast<double>(columns * columns);
  const Sample held = sample(validation, columns, 0, gaussian_work / square);
  const Sample train = sample(training, columns, 1, gaussian_work / square);
  if (incomplete(train) || incomplete(held)) {
    judge_incomplete(train, held, scores, out);
    return out;
  }
  GaussianMoments all;
  if (const auto g = one(train, all)) {
    std::vector<double> logp(held.at.size());
    g->log_density(held.rows(), logp);
    judge(1, logp, held, scores, out);
  }
  if (out.empty()) return out;
  // Two products and some passes for each component and round; 17 components in all.
  const Sample rows = sample(training, columns, 1,
                             mixture_work / (17 * rounds * (2 * square + 20 * double(columns))));
  for (const std::size_t k : counts)
    if (rows.at.size() >= 10 * k)
      judge(k, Mixture(rows, all, k).log_density(held.rows()), held, scores, mixtures);
  const auto worse = [](const Rival& a, const Rival& b) { return a.mean < b.mean; };
  const auto best = std::max_element(mixtures.begin(), mixtures.end(), worse);
  if (best != mixtures.end()) out.push_back(*best);
  return out;
}

}  // namespace flow
