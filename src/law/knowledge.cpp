#include "law/knowledge.hpp"

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <cmath>
#include <map>

#include "law/fit.hpp"

namespace surd::law {
namespace {

constexpr int draws = 64;  // of the posterior
constexpr double kappa_least =
    1.5;  // of a draw: outside, the design would trust a curvature that it has not seen
constexpr double kappa_most = 20;
constexpr double model_deviation = 1;  // of a cell's log odds about the model's
constexpr double curvature_least =
    1e-6;  // without penalties the curvature can vanish: then nothing is known of that direction

// The index-th element, from 1, of the van der Corput sequence of a base: points that fill (0, 1)
// evenly (Halton, Numer. Math. 2, 1960).
double van_der_corput(int index, int base) {
  double value = 0;
  for (double digit = 1.0 / base; index > 0; index /= base, digit /= base)
    value += (index % base) * digit;
  return value;
}

double variance_of_alpha(const SmallMatrix& information) {
  const SmallVector unit = SmallVector::Unit(information.rows(), 1);
  return Eigen::LLT<SmallMatrix>(information).solve(unit)[1];
}

SmallMatrix curvature_of(const Likelihood& likelihood, const Eigen::VectorXd& theta) {
  Eigen::VectorXd gradient;
  Hessian hessian;
  likelihood.value(theta, gradient, hessian);
  SmallMatrix curvature = -hessian.dense();
  curvature.diagonal().array() += curvature_least;
  return curvature;
}

}  // namespace

Knowledge::Source::Source(const std::vector<SmallVector>& thetas, double log_hidden, double x,
                          bool has_lapse, int seeds)
    : size_(thetas.front().size()), seeds_(seeds) {
  for (const SmallVector& theta : thetas) {
    const double kappa = std::clamp(std::exp(theta[2]), kappa_least, kappa_most);
    const double u = kappa * (log_hidden - theta[0] - theta[1] * x);
    const double s = 1 / (1 + std::exp(-u));
    const double lapse = has_lapse ? 1 / (1 + std::exp(-theta[3] - theta[4] * x)) : 0;
    const double p = (1 - lapse) * s;
    if (p < 1e-9 || p > 1 - 1e-9) continue;
    const double slope = (1 - s) / (1 - p);  // of the log odds in u
    SmallVector gradient(size_);
    gradient[0] = -slope * kappa;
    gradient[1] = gradient[0] * x;
    gradient[2] = slope * u;
    if (has_lapse) {
      gradient[3] = -lapse / (1 - p);
      gradient[4] = gradient[3] * x;
    }
    views_.emplace_back(std::move(gradient), p * (1 - p));
  }
  now_ = information(seeds_);
  gain_ = information(seeds_ + 1) - now_;
}

SmallMatrix Knowledge::Source::information(int seeds) const {
  SmallMatrix sum = SmallMatrix::Zero(size_, size_);
  for (const auto& [gradient, one] : views_) {
    const double told = seeds * one;
    sum.noalias() += gradient * gradient.transpose() *
                     (told / (1 + told * model_deviation * model_deviation) / draws);
  }
  return sum;
}

Knowledge::Knowledge(const std::vector<Cell>& all_cells, const std::vector<Candidate>& candidates,
                     const Options& options) {
  const auto cells = with_seeds(all_cells);
  const Likelihood law = power_law(cells, options);
  const Optimum optimum = maximise_power_law(law);
  const SmallMatrix curvature = curvature_of(law, optimum.theta);
  variance_now_ = variance_of_alpha(curvature);
  const SmallMatrix root = Eigen::LLT<SmallMatrix>(curvature).matrixU();
  std::vector<SmallVector> thetas;
  for (int draw = 1; draw <= draws; ++draw) {
    constexpr int bases[5] = {2, 3, 5, 7, 11};
    SmallVector z(law.size());
    for (int i = 0; i < law.size(); ++i)
      z[i] = boost::math::quantile(boost::math::normal(), van_der_corput(draw, bases[i]));
    thetas.emplace_back(SmallVector(optimum.theta) +
                        SmallVector(root.triangularView<Eigen::Upper>().solve(z)));
  }

  // The penalties' own curvature is the likelihood's without seeds.
  std::vector<Row> empty = law.rows();
  for (Row& row : empty) row.seeds = row.solved = 0;
  information_ = curvature_of(Likelihood(std::move(empty), law.basis(), 1, options), optimum.theta);
  const double mean = std::log(cells.front().length) - law.rows().front().x;
  std::map<std::pair<double, double>, int> seeds;
  for (const Cell& cell : cells) seeds[{cell.length, cell.hidden}] += cell.seeds;
  const auto source = [&](double length, double hidden, int count) {
    sources_.emplace_back(thetas, std::log(hidden), std::log(length) - mean, options.lapse, count);
    information_ += sources_.back().now();
  };
  for (const Candidate& candidate : candidates) {
    const auto found = seeds.extract({candidate.length, candidate.hidden});
    source(candidate.length, candidate.hidden, found ? found.mapped() : 0);
  }
  for (const auto& [cell, count] : seeds) source(cell.first, cell.second, count);
  variance_before_ = variance_of_alpha(information_);
}

double Knowledge::scaled(const SmallMatrix& information) const {
  return variance_now_ * variance_of_alpha(information) / variance_before_;
}

}  // namespace surd::law
