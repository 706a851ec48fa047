#include "bench/graded.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "base/random.hpp"
#include "law/simulate.hpp"

namespace surd::bench {
namespace {

// Studies whose accuracies are graded about .9 with g in logits, or all or nothing where g is 0.
std::vector<GradedCell> drawn(std::uint64_t study, double g, double alpha = 0.5) {
  RandomStream random(11, Split::test, study, 0);
  const law::Scenario scenario{.alpha = alpha};
  const law::Truth truth(scenario, random);
  std::vector<GradedCell> cells;
  for (const double length : scenario.lengths) {
    for (const double width : scenario.widths) {
      GradedCell cell{.length = length, .hidden = width};
      for (int seed = 0; seed < scenario.seeds; ++seed) {
        const double noise = random.uniform();
        const double z = scenario.kappa * (std::log(width) - truth.log_threshold(length)) +
                         std::log(noise / (1 - noise));
        const double logit = std::log(9) + g * z;
        cell.accuracies.push_back(g == 0 ? (z > 0 ? 1 : 0.1) : 1 / (1 + std::exp(-logit)));
      }
      cells.push_back(cell);
    }
  }
  return cells;
}

TEST_CASE("accuracies that are all or nothing give the first estimate") {
  const auto cells = drawn(0, 0);
  const law::Fit solved = law::fit(counted(cells, 0.9));
  const Graded graded = fit_graded(cells, 0.9, solved);
  CHECK(graded.levels == std::vector<double>{0.9});
  REQUIRE(graded.alpha);
  CHECK(*graded.alpha == *solved.alpha);
  CHECK(graded.interval.low == solved.interval.low);
  CHECK(graded.unwidened.high == solved.unwidened.high);
  CHECK(graded.criterion.critical == solved.criterion.critical);
}

// law::Likelihood is an oracle: with tau alone both are one function.
TEST_CASE("with tau alone the graded likelihood is that of solved and unsolved") {
  const auto cells = drawn(1, 0);
  const law::Fit solved = law::fit(counted(cells, 0.9));
  const GradedLikelihood graded(cells, {0.9}, 0.9, Distances::own, false);
  const law::Likelihood plain = law::power_law(counted(cells, 0.9), {});
  REQUIRE(graded.size() == plain.size());
  for (const double shift : {-0.3, 0.0, 0.4}) {
    const Eigen::VectorXd theta = solved.optimum.theta.array() + shift;
    CHECK(graded.value(theta) == Approx(plain.value(theta)).epsilon(1e-12));
    Eigen::VectorXd ours, theirs;
    Eigen::MatrixXd information;
    law::Hessian hessian;
    graded.value(theta, ours, information);
    plain.value(theta, theirs, hessian);
    CHECK((ours - theirs).cwiseAbs().maxCoeff() < 1e-9);
  }
}

TEST_CASE("the gradient of the graded likelihood is that of finite differences") {
  const auto cells = drawn(2, 0.7);
  for (const Distances distances : {Distances::equal, Distances::own}) {
    for (const bool free : {false, true}) {
      for (const auto& levels : {std::vector{0.5, 0.9, 0.98}, std::vector{0.9, 0.98}}) {
        const GradedLikelihood likelihood(cells, levels, 0.9, distances, free);
        Eigen::VectorXd beta = Eigen::VectorXd::Constant(likelihood.coefficients(), 4.4);
        if (!free) beta[1] = 0.3;
        Eigen::VectorXd theta = likelihood.start(beta, std::log(3), -2, 0.3);
        for (Eigen::Index i = 0; i < theta.size(); ++i) theta[i] += 0.02 * static_cast<double>(i);
        Eigen::VectorXd gradient, near;
        Eigen::MatrixXd information;
        likelihood.value(theta, gradient, information);
        for (Eigen::Index i = 0; i < theta.size(); ++i) {
          constexpr double step = 1e-5;
          near = theta;
          near[i] += step;
          const double up = likelihood.value(near);
          near[i] -= 2 * step;
          CHECK(gradient[i] ==
                Approx((up - likelihood.value(near)) / (2 * step)).epsilon(1e-5).margin(1e-5));
        }
        CHECK(information.isApprox(information.transpose(), 1e-12));
        CHECK(information.ldlt().isPositive());
      }
    }
  }
}

TEST_CASE("graded accuracies bring the exponent nearer to the truth") {
  constexpr int studies = 60;
  double by_solved = 0;
  double by_accuracy = 0;
  int held = 0;
  for (int study = 0; study < studies; ++study) {
    const auto cells = drawn(static_cast<std::uint64_t>(study), 1);
    const law::Fit solved = law::fit(counted(cells, 0.9));
    const Graded graded = fit_graded(cells, 0.9, solved);
    REQUIRE(graded.alpha);
    CHECK(graded.levels.size() == 3);
    by_solved += std::pow(*solved.alpha - 0.5, 2);
    by_accuracy += std::pow(*graded.alpha - 0.5, 2);
    held += graded.interval.contains(0.5);
  }
  CHECK(by_accuracy < 0.9 * by_solved);
  CHECK(held >= 50);  // probability 1e-4 below, at .95
}

TEST_CASE("a graded fit without a first estimate or without accuracies between gives none") {
  auto cells = drawn(3, 0.5);
  for (GradedCell& cell : cells) cell.accuracies.assign(3, 0.2);
  const Graded graded = fit_graded(cells, 0.9, law::fit(counted(cells, 0.9)));
  CHECK_FALSE(graded.alpha);
  for (GradedCell& cell : cells) cell.accuracies.clear();
  CHECK_FALSE(fit_graded(cells, 0.9, law::fit(counted(cells, 0.9))).alpha);
}

TEST_CASE("levels stand on the other side of tau only") {
  const auto cells = drawn(4, 0.5);
  const auto levels = [&](double tau) {
    return fit_graded(cells, tau, law::fit(counted(cells, tau))).levels;
  };
  CHECK(levels(0.9) == std::vector<double>{0.5, 0.9, 0.98});
  CHECK(levels(0.5) == std::vector<double>{0.5, 0.98});
  CHECK(levels(0.98) == std::vector<double>{0.5, 0.98});
}

}  // namespace
}  // namespace surd::bench
