#include "law/knowledge.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <array>
#include <boost/math/distributions/normal.hpp>
#include <cmath>
#include <iterator>
#include <map>
#include <optional>
#include <utility>

#include "base/random.hpp"
#include "law/bracketing.hpp"
#include "law/fit.hpp"
#include "law/logistic.hpp"

namespace surd::law {
namespace {

constexpr int draws = 64;  // of the posterior
constexpr double kappa_least =
    1.5;  // of a draw: outside, the design would trust a curvature that it has not seen
constexpr double kappa_most = 20;
constexpr double model_deviation = 1;        // of a cell's log odds about the model's
constexpr double threshold_deviation = 0.2;  // of a length's log threshold about the law
constexpr double curvature_least =
    1e-6;  // without penalties the curvature can vanish: then nothing is known of that direction

// Of a cell's own (log threshold, ln kappa, z0, z1), the last two only with a lapse; small enough
// to need no allocation.
using Local = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, 0, 4, 4>;
using LocalVector = Eigen::Matrix<double, Eigen::Dynamic, 1, 0, 4, 1>;

// Those under one draw of the posterior.
struct View {
  double log_threshold = 0;
  double kappa = 0;
  double z0 = 0;
  double z1 = 0;
};

// A cell under each draw: the gradient of its log odds, and what one seed tells of them, p (1 - p).
class Source {
 public:
  Source(const std::vector<View>& views, double log_hidden, double x, bool has_lapse, int seeds)
      : size_(has_lapse ? 4 : 2), seeds_(seeds) {
    for (const View& view : views) {
      const double kappa = std::clamp(view.kappa, kappa_least, kappa_most);
      const double u = kappa * (log_hidden - view.log_threshold);
      const auto [p, by_u, by_v] = chance_of(u, has_lapse ? logistic(view.z0 + view.z1 * x) : 0);
      if (p < 1e-9 || p > 1 - 1e-9) continue;
      LocalVector gradient(size_);
      gradient[0] = -by_u * kappa;
      gradient[1] = by_u * u;
      if (has_lapse) {
        gradient[2] = by_v;
        gradient[3] = by_v * x;
      }
      told_.emplace_back(std::move(gradient), p * (1 - p));
    }
    now_ = information(seeds_);
    gain_ = information(seeds_ + 1) - now_;
  }

  const Local& now() const { return now_; }
  const Local& gain() const { return gain_; }  // by one more seed
  void add() {
    ++seeds_;
    now_ += gain_;
    gain_ = information(seeds_ + 1) - now_;
  }

 private:
  Local information(int seeds) const {
    Local sum = Local::Zero(size_, size_);
    for (const auto& [gradient, one] : told_) {
      const double told = seeds * one;
      sum.noalias() += gradient * gradient.transpose() *
                       (told / (1 + told * model_deviation * model_deviation) / draws);
    }
    return sum;
  }

  Eigen::Index size_;
  int seeds_;
  std::vector<std::pair<LocalVector, double>> told_;
  Local now_;
  Local gain_;
};

// What is told of the law where the threshold of a length may deviate from it: the deviation is
// integrated out.
Local of_the_law(const Local& told) {
  constexpr double precision = 1 / (threshold_deviation * threshold_deviation);
  const LocalVector column = told.col(0);
  return told - column * column.transpose() / (told(0, 0) + precision);
}

// The sources of a curve, candidates first; those at lengths that do not count are none.
class Sources {
 public:
  template <typename ViewsAt>  // length -> the draws there
  Sources(const Curve& curve, const std::vector<double>& lengths, double mean, bool has_lapse,
          const ViewsAt& views_at) {
    std::map<std::pair<double, double>, int> seeds;
    for (const Cell& cell : curve.cells) seeds[{cell.length, cell.hidden}] += cell.seeds;
    std::map<double, std::vector<View>> views;
    const auto source = [&](double length, double hidden, int count) {
      sources_.emplace_back();
      const auto place = std::lower_bound(lengths.begin(), lengths.end(), length);
      if (place == lengths.end() || *place != length) return;
      auto at = views.find(length);
      if (at == views.end()) at = views.emplace(length, views_at(length)).first;
      const double x = std::log(length) - mean;
      sources_.back() = {{at->second, std::log(hidden), x, has_lapse, count},
                         static_cast<std::size_t>(place - lengths.begin()),
                         x};
    };
    for (const Candidate& candidate : curve.candidates) {
      const auto found = seeds.extract({candidate.length, candidate.hidden});
      source(candidate.length, candidate.hidden, found ? found.mapped() : 0);
    }
    for (const auto& [cell, count] : seeds) source(cell.first, cell.second, count);
    const Eigen::Index size = has_lapse ? 4 : 2;
    lengths_.assign(lengths.size(), {Local::Zero(size, size), 0});
    for (const auto& placed : sources_) {
      if (!placed) continue;
      lengths_[placed->place].told += placed->source.now();
      lengths_[placed->place].x = placed->x;
    }
  }

  struct Placed {
    Source source;
    std::size_t place = 0;  // of its length
    double x = 0;
  };
  const std::optional<Placed>& operator[](std::size_t i) const { return sources_[i]; }

  struct Length {
    Local told;  // by all sources there
    double x = 0;
  };
  const std::vector<Length>& lengths() const { return lengths_; }
  // What one more seed tells of the law.
  Local gain(std::size_t i) const {
    const Local& told = lengths_[sources_[i]->place].told;
    return of_the_law(told + sources_[i]->source.gain()) - of_the_law(told);
  }
  void add(std::size_t i) {
    lengths_[sources_[i]->place].told += sources_[i]->source.gain();
    sources_[i]->source.add();
  }

 private:
  std::vector<std::optional<Placed>> sources_;
  std::vector<Length> lengths_;
};

// The index-th element, from 1, of the van der Corput sequence of a base: points that fill (0, 1)
// evenly (Halton, Numer. Math. 2, 1960).
double van_der_corput(int index, int base) {
  double value = 0;
  for (double digit = 1.0 / base; index > 0; index /= base, digit /= base)
    value += (index % base) * digit;
  return value;
}

// Of the parameter `index`, by the curvature of the penalised likelihood there.
double variance_at(const Likelihood& likelihood, const Eigen::VectorXd& theta, int index) {
  Eigen::VectorXd gradient;
  Hessian hessian;
  likelihood.value(theta, gradient, hessian);
  const Eigen::VectorXd unit = Eigen::VectorXd::Unit(likelihood.size(), index);
  const auto column = hessian.solve(unit, curvature_least);
  return column ? (*column)[index] : INFINITY;
}

std::vector<Row> without_seeds(std::vector<Row> rows) {
  for (Row& row : rows) row.seeds = row.solved = 0;
  return rows;
}

// One curve and its power law: parameters (c, alpha, ln kappa, z0, z1).
class OfAlpha : public Knowledge {
 public:
  OfAlpha(const Curve& curve, std::size_t number, const std::vector<double>& lengths,
          const Options& options)
      : number_(number) {
    std::vector<Cell> cells;
    std::copy_if(
        curve.cells.begin(), curve.cells.end(), std::back_inserter(cells), [&](const Cell& cell) {
          return cell.seeds > 0 && std::binary_search(lengths.begin(), lengths.end(), cell.length);
        });
    const Likelihood law = power_law(cells, options);
    const Optimum optimum = maximise_power_law(law);
    const Small curvature = curvature_of(law, optimum.theta);
    variance_now_ = variance_of(curvature);
    const std::vector<Vector> thetas = posterior(optimum.theta, curvature);
    // The penalties' own curvature is the likelihood's without seeds.
    information_ =
        curvature_of(Likelihood(without_seeds(law.rows()), law.basis(), 1, options), optimum.theta);
    const double mean = mean_log(distinct_lengths(cells));
    sources_.emplace(curve, lengths, mean, options.lapse, [&](double length) {
      std::vector<View> views;
      for (const Vector& theta : thetas) {
        views.push_back({.log_threshold = theta[0] + theta[1] * (std::log(length) - mean),
                         .kappa = std::exp(theta[2]),
                         .z0 = options.lapse ? theta[3] : 0,
                         .z1 = options.lapse ? theta[4] : 0});
      }
      return views;
    });
    for (const auto& [told, x] : sources_->lengths()) information_ += of_law(of_the_law(told), x);
    variance_before_ = variance_of(information_);
  }

  double variance() const override { return scaled(information_); }
  double variance_with(std::size_t curve, std::size_t candidate) const override {
    if (curve != number_ || !(*sources_)[candidate]) return variance();
    return scaled(information_ + of_law(sources_->gain(candidate), (*sources_)[candidate]->x));
  }
  void add(std::size_t curve, std::size_t candidate) override {
    if (curve != number_ || !(*sources_)[candidate]) return;
    information_ += of_law(sources_->gain(candidate), (*sources_)[candidate]->x);
    sources_->add(candidate);
  }

 private:
  using Small = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, 0, 5, 5>;
  using Vector = Eigen::Matrix<double, Eigen::Dynamic, 1, 0, 5, 1>;

  static Small curvature_of(const Likelihood& likelihood, const Eigen::VectorXd& theta) {
    Eigen::VectorXd gradient;
    Hessian hessian;
    likelihood.value(theta, gradient, hessian);
    Small curvature = -hessian.dense();
    curvature.diagonal().array() += curvature_least;
    return curvature;
  }
  static double variance_of(const Small& information) {
    return Eigen::LLT<Small>(information).solve(Vector(Vector::Unit(information.rows(), 1)))[1];
  }
  static std::vector<Vector> posterior(const Eigen::VectorXd& theta, const Small& curvature) {
    const Small root = Eigen::LLT<Small>(curvature).matrixU();
    std::vector<Vector> thetas;
    for (int draw = 1; draw <= draws; ++draw) {
      constexpr std::array<int, 5> bases = {2, 3, 5, 7, 11};
      Vector z(theta.size());
      for (Eigen::Index i = 0; i < theta.size(); ++i)
        z[i] = boost::math::quantile(boost::math::normal(),
                                     van_der_corput(draw, bases[static_cast<std::size_t>(i)]));
      thetas.emplace_back(Vector(theta) + Vector(root.triangularView<Eigen::Upper>().solve(z)));
    }
    return thetas;
  }
  // In the law's parameters: the threshold is c + alpha x.
  static Small of_law(const Local& local, double x) {
    const Eigen::Index size = local.rows();
    Small all(size + 1, size + 1);
    all.bottomRightCorner(size - 1, size - 1) = local.bottomRightCorner(size - 1, size - 1);
    all.topLeftCorner(2, 2) << local(0, 0), local(0, 0) * x, local(0, 0) * x, local(0, 0) * x * x;
    all.block(0, 2, 1, size - 1) = local.block(0, 1, 1, size - 1);
    all.block(1, 2, 1, size - 1) = local.block(0, 1, 1, size - 1) * x;
    all.block(2, 0, size - 1, 2) = all.block(0, 2, 2, size - 1).transpose();
    return all;
  }
  double scaled(const Small& information) const {
    return variance_now_ * variance_of(information) / variance_before_;
  }

  std::size_t number_;
  double variance_now_ = 0;
  double variance_before_ = 0;
  Small information_;
  std::optional<Sources> sources_;
};

// A law for each: the variances add.
class OfJointDifference : public Knowledge {
 public:
  OfJointDifference(const std::vector<Curve>& curves, std::size_t efficient, std::size_t baseline,
                    const std::vector<double>& lengths, const Options& options)
      : efficient_(curves[efficient], efficient, lengths, options),
        baseline_(curves[baseline], baseline, lengths, options) {}

  double variance() const override { return efficient_.variance() + baseline_.variance(); }
  double variance_with(std::size_t curve, std::size_t candidate) const override {
    return efficient_.variance_with(curve, candidate) + baseline_.variance_with(curve, candidate);
  }
  void add(std::size_t curve, std::size_t candidate) override {
    efficient_.add(curve, candidate);
    baseline_.add(curve, candidate);
  }

 private:
  OfAlpha efficient_;
  OfAlpha baseline_;
};

// Thresholds mu_L that both share: they are in no source together, so their block of the
// information is diagonal, and what is left of the others is its Schur complement, kept up to date
// length by length. Others: (delta, delta alpha, then ln kappa, z0 and z1 of each curve).
class OfPairedDifference : public Knowledge {
 public:
  OfPairedDifference(const std::vector<Curve>& curves, std::size_t efficient, std::size_t baseline,
                     const Contrast& contrast, const Options& options)
      : numbers_{efficient, baseline}, each_(options.lapse ? 3 : 1) {
    const auto& [likelihood, optimum] = *contrast.both;
    const int index = likelihood.coefficients() - 1;
    variance_now_ = variance_at(likelihood, optimum.theta, index);
    const auto thetas = posterior(likelihood, optimum.theta);
    const double mean = mean_log(contrast.lengths);
    const std::size_t count = contrast.lengths.size();
    lengths_.assign(count, {curvature_least, Others::Zero(size())});
    corner_ = Corner::Identity(size(), size()) * curvature_least;
    add_penalties(likelihood, optimum.theta);
    for (const int which : {0, 1}) {
      sources_[which].emplace(
          curves[numbers_[which]], contrast.lengths, mean, options.lapse, [&](double length) {
            return views_of(likelihood, thetas, contrast.lengths, length, mean, which);
          });
      for (std::size_t place = 0; place < count; ++place) {
        const auto& [told, x] = sources_[which]->lengths()[place];
        take(of_the_law(told), which, place, x);
      }
    }
    rest_ = corner_;
    for (const Length& one : lengths_) rest_ -= one.border * one.border.transpose() / one.own;
    variance_before_ = variance_of(rest_);
  }

  double variance() const override { return scaled(rest_); }
  double variance_with(std::size_t curve, std::size_t candidate) const override {
    const auto which = which_of(curve);
    if (!which || !(*sources_[*which])[candidate]) return variance();
    const auto& placed = *(*sources_[*which])[candidate];
    return scaled(rest_with(sources_[*which]->gain(candidate), *which, placed.place, placed.x));
  }
  void add(std::size_t curve, std::size_t candidate) override {
    const auto which = which_of(curve);
    if (!which || !(*sources_[*which])[candidate]) return;
    const auto& placed = *(*sources_[*which])[candidate];
    const Local gain = sources_[*which]->gain(candidate);
    rest_ = rest_with(gain, *which, placed.place, placed.x);
    take(gain, *which, placed.place, placed.x);
    sources_[*which]->add(candidate);
  }

 private:
  using Corner = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, 0, 8, 8>;
  using Others = Eigen::Matrix<double, Eigen::Dynamic, 1, 0, 8, 1>;
  struct Length {
    double own = 0;  // information of mu there
    Others border;   // of mu and the others
  };

  Eigen::Index size() const { return 2 + 2 * each_; }
  std::optional<int> which_of(std::size_t curve) const {
    if (curve == numbers_[0]) return 0;
    if (curve == numbers_[1]) return 1;
    return std::nullopt;
  }

  // Normal draws of fixed bits about the maximum, as the curvature has it.
  static std::vector<Eigen::VectorXd> posterior(const Likelihood& likelihood,
                                                const Eigen::VectorXd& theta) {
    Eigen::VectorXd gradient;
    Hessian hessian;
    likelihood.value(theta, gradient, hessian);
    Eigen::MatrixXd curvature = -hessian.dense();
    curvature.diagonal().array() += curvature_least;
    const Eigen::MatrixXd root = Eigen::LLT<Eigen::MatrixXd>(curvature).matrixU();
    RandomStream random(20240221, Split::test, 0, 0);
    std::vector<Eigen::VectorXd> thetas;
    for (int draw = 0; draw < draws; ++draw) {
      Eigen::VectorXd z(theta.size());
      for (double& one : z) one = random.normal();
      thetas.emplace_back(theta + root.triangularView<Eigen::Upper>().solve(z));
    }
    return thetas;
  }

  static std::vector<View> views_of(const Likelihood& likelihood,
                                    const std::vector<Eigen::VectorXd>& thetas,
                                    const std::vector<double>& lengths, double length, double mean,
                                    int which) {
    const auto place = static_cast<Eigen::Index>(
        std::lower_bound(lengths.begin(), lengths.end(), length) - lengths.begin());
    const int delta = likelihood.coefficients() - 2;
    const int kappa = likelihood.log_kappa(which);
    const bool has_lapse = likelihood.options().lapse;
    std::vector<View> views;
    for (const Eigen::VectorXd& theta : thetas) {
      const double apart =
          which == 0 ? theta[delta] + theta[delta + 1] * (std::log(length) - mean) : 0;
      views.push_back({.log_threshold = theta[place] + apart,
                       .kappa = std::exp(theta[kappa]),
                       .z0 = has_lapse ? theta[kappa + 1] : 0,
                       .z1 = has_lapse ? theta[kappa + 2] : 0});
    }
    return views;
  }

  // The penalties' own curvature is the likelihood's without seeds.
  void add_penalties(const Likelihood& likelihood, const Eigen::VectorXd& theta) {
    Eigen::VectorXd gradient;
    Hessian hessian;
    Likelihood(without_seeds(likelihood.rows()), likelihood.places(), likelihood.separate(),
               likelihood.basis(), 2, likelihood.options())
        .value(theta, gradient, hessian);
    const Eigen::Index last = 2 * each_;
    corner_.bottomRightCorner(last, last) -= hessian.dense().bottomRightCorner(last, last);
  }

  // How a source's own parameters depend on the others: [4, size()].
  Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, 0, 4, 8> jacobian(int which,
                                                                          double x) const {
    Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, 0, 4, 8> all(1 + each_, size());
    all.setZero();
    if (which == 0) all.row(0).head(2) << 1, x;
    all.block(1, 2 + which * each_, each_, each_).setIdentity();
    return all;
  }

  void take(const Local& told, int which, std::size_t place, double x) {
    const auto to = jacobian(which, x);
    lengths_[place].own += told(0, 0);
    lengths_[place].border += (told.row(0) * to).transpose();
    corner_ += to.transpose() * told * to;
  }

  Corner rest_with(const Local& told, int which, std::size_t place, double x) const {
    const auto to = jacobian(which, x);
    const auto& [own, border] = lengths_[place];
    const Others more = border + Others((told.row(0) * to).transpose());
    return rest_ + to.transpose() * told * to + border * border.transpose() / own -
           more * more.transpose() / (own + told(0, 0));
  }

  static double variance_of(const Corner& rest) {
    return Eigen::LLT<Corner>(rest).solve(Others(Others::Unit(rest.rows(), 1)))[1];
  }
  double scaled(const Corner& rest) const {
    return variance_now_ * variance_of(rest) / variance_before_;
  }

  std::array<std::size_t, 2> numbers_;  // efficient, baseline
  Eigen::Index each_;                   // parameters of a curve that no other has
  double variance_now_ = 0;
  double variance_before_ = 0;
  std::vector<Length> lengths_;
  Corner corner_;
  Corner rest_;
  std::array<std::optional<Sources>, 2> sources_;
};

}  // namespace

std::unique_ptr<Knowledge> knowledge_of_alpha(const std::vector<Curve>& curves, std::size_t curve,
                                              const Options& options) {
  const auto cells = with_seeds(curves[curve].cells);
  if (bracketed_lengths(cells).size() < 2) return nullptr;
  std::vector<double> lengths = distinct_lengths(cells);
  for (const Candidate& candidate : curves[curve].candidates) lengths.push_back(candidate.length);
  std::sort(lengths.begin(), lengths.end());
  lengths.erase(std::unique(lengths.begin(), lengths.end()), lengths.end());
  return std::make_unique<OfAlpha>(curves[curve], curve, lengths, options);
}

std::unique_ptr<Knowledge> knowledge_of_difference(const std::vector<Curve>& curves,
                                                   std::size_t efficient, std::size_t baseline,
                                                   const Contrast& difference,
                                                   const Options& options) {
  if (!difference.delta) return nullptr;
  if (difference.paired)
    return std::make_unique<OfPairedDifference>(curves, efficient, baseline, difference, options);
  return std::make_unique<OfJointDifference>(curves, efficient, baseline, difference.lengths,
                                             options);
}

}  // namespace surd::law
