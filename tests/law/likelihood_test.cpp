#include "law/likelihood.hpp"
#include "law/simulate.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "law/example.hpp"
#include "law/fit.hpp"

namespace surd::law {
namespace {

// Central differences of `f` in every coordinate.
template <typename Function>
Eigen::VectorXd differences(Function f, Eigen::VectorXd at) {
  constexpr double h = 1e-5;
  Eigen::VectorXd gradient(at.size());
  for (Eigen::Index i = 0; i < at.size(); ++i) {
    const double centre = at[i];
    at[i] = centre + h;
    const double above = f(at);
    at[i] = centre - h;
    const double below = f(at);
    at[i] = centre;
    gradient[i] = (above - below) / (2 * h);
  }
  return gradient;
}

// Two groups that share one coefficient, so that every block of the Hessian is in use.
Likelihood two_groups(const Options& options, RandomStream& random) {
  auto all = rows(simulate({}, random));
  Eigen::MatrixXd basis(static_cast<Eigen::Index>(all.size()), 3);
  for (std::size_t i = 0; i < all.size(); ++i) {
    all[i].group = static_cast<int>(i % 2);
    basis.row(static_cast<Eigen::Index>(i)) << 1, all[i].x, i % 2 == 0 ? 0 : all[i].x;
  }
  return {std::move(all), std::move(basis), 2, options};
}

TEST_CASE("gradient and Hessian equal finite differences, with and without penalties and lapse") {
  const std::uint64_t seed = 20240217;
  CAPTURE(seed);
  RandomStream random(seed, Split::test, 0, 0);
  for (const bool penalties : {true, false}) {
    for (const bool lapse : {true, false}) {
      CAPTURE(penalties, lapse);
      const Likelihood likelihood = two_groups({.penalties = penalties, .lapse = lapse}, random);
      for (int repeat = 0; repeat < 5; ++repeat) {
        Eigen::VectorXd theta = likelihood.start(Eigen::Vector3d(4, 0.3, 0.2));
        for (double& value : theta) value += 0.5 * random.normal();
        Eigen::VectorXd gradient;
        Hessian hessian;
        const double value = likelihood.value(theta, gradient, hessian);
        CHECK(value == Approx(likelihood.value(theta)).epsilon(1e-14));
        const Eigen::VectorXd expected =
            differences([&](const Eigen::VectorXd& t) { return likelihood.value(t); }, theta);
        CHECK((gradient - expected).cwiseAbs().maxCoeff() <
              1e-6 * (1 + gradient.cwiseAbs().maxCoeff()));
        for (int column = 0; column < likelihood.size(); ++column) {
          const Eigen::VectorXd slope = differences(
              [&](const Eigen::VectorXd& t) {
                Eigen::VectorXd g;
                Hessian h;
                likelihood.value(t, g, h);
                return g[column];
              },
              theta);
          const Eigen::MatrixXd dense = hessian.dense();
          CHECK((dense.col(column) - slope).cwiseAbs().maxCoeff() <
                1e-6 * (1 + dense.cwiseAbs().maxCoeff()));
        }
      }
    }
  }
}

TEST_CASE("the value stays finite and sloped where a seed is solved far below the threshold") {
  const std::vector<Cell> cells = {{.length = 16, .hidden = 1, .seeds = 1, .solved = 1},
                                   {.length = 32, .hidden = 1e6, .seeds = 1, .solved = 0}};
  auto all = rows(cells);
  const Eigen::MatrixXd basis = Eigen::MatrixXd::Ones(2, 1);
  for (const bool lapse : {true, false}) {
    const Likelihood likelihood(all, basis, 1, {.penalties = false, .lapse = lapse});
    Eigen::VectorXd theta = likelihood.start(Eigen::VectorXd::Constant(1, 200.0));
    theta[likelihood.log_kappa(0)] = std::log(50.0);
    Eigen::VectorXd gradient;
    Hessian hessian;
    CHECK(std::isfinite(likelihood.value(theta, gradient, hessian)));
    CHECK(gradient.allFinite());
    CHECK(hessian.dense().allFinite());
    CHECK(gradient[0] < -1);
  }
}

TEST_CASE("probability is (1 - lambda) sigma(u)") {
  const auto cells = example::reference();
  auto all = rows(cells);
  const Likelihood likelihood(all, Eigen::MatrixXd::Ones(40, 1), 1, {});
  Eigen::VectorXd theta = likelihood.start(Eigen::VectorXd::Constant(1, std::log(64.0)));
  theta[likelihood.lapse(0)] = 0;  // lambda one half at x = 0
  const int row = 2 * 8 + 3;       // length 64 is the mean, width 64 the threshold
  CHECK(likelihood.probability(theta, row) == Approx(0.25).epsilon(1e-12));
}

}  // namespace
}  // namespace surd::law
