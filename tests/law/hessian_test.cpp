#include "law/hessian.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "base/random.hpp"
#include "example.hpp"
#include "law/fit.hpp"
#include "law/interval.hpp"
#include "law/likelihood.hpp"
#include "law/simulate.hpp"
#include "law/thresholds.hpp"

namespace surd::law {
namespace {

// Negative definite, since it is diagonally dominant.
Hessian random_arrowhead(int separate, int size, RandomStream& random) {
  Hessian hessian;
  hessian.reset(separate, size);
  for (int row = 0; row < size; ++row) {
    for (int column = 0; column < row; ++column) {
      if (row >= separate) hessian.lower(row, column) = random.uniform() - 0.5;
    }
    hessian.lower(row, row) = -size;
  }
  return hessian;
}

// The same law by unit vectors in a dense basis.
Likelihood dense_law(const std::vector<Cell>& cells, const std::vector<double>& lengths,
                     const Options& options) {
  Eigen::MatrixXd basis = Eigen::MatrixXd::Zero(static_cast<Eigen::Index>(cells.size()),
                                                static_cast<Eigen::Index>(lengths.size()));
  for (std::size_t i = 0; i < cells.size(); ++i) {
    for (std::size_t j = 0; j < lengths.size(); ++j) {
      if (cells[i].length == lengths[j])
        basis(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j)) = 1;
    }
  }
  return {rows(cells), std::move(basis), 1, options};
}

Likelihood separate_law(const std::vector<Cell>& cells, const std::vector<double>& lengths,
                        const Options& options) {
  std::vector<int> places;
  for (const Cell& cell : cells)
    places.push_back(
        static_cast<int>(std::find(lengths.begin(), lengths.end(), cell.length) - lengths.begin()));
  return {rows(cells), std::move(places), static_cast<int>(lengths.size()), options};
}

double distance(const Eigen::VectorXd& a, const Eigen::VectorXd& b) {
  return (a - b).cwiseAbs().maxCoeff();
}

TEST_CASE("an arrowhead matrix is solved as the dense one is, with and without a parameter held") {
  const std::uint64_t seed = 20240230;
  CAPTURE(seed);
  RandomStream random(seed, Split::test, 0, 0);
  for (const int separate : {0, 1, 5, 9}) {
    for (const int fixed : {-1, 0, 4, 11}) {
      CAPTURE(separate, fixed);
      Hessian hessian = random_arrowhead(separate, 12, random);
      if (fixed >= 0) hessian.fix(fixed);
      const Eigen::MatrixXd dense = hessian.dense();
      CHECK(dense == dense.transpose());
      CHECK(hessian.largest_diagonal() == dense.diagonal().cwiseAbs().maxCoeff());
      if (fixed >= 0) CHECK(dense.row(fixed).cwiseAbs().sum() == 1);
      Eigen::VectorXd b(12);
      for (double& value : b) value = random.normal();
      for (const double ridge : {0.0, 0.7}) {
        const Eigen::MatrixXd left = -dense + ridge * Eigen::MatrixXd::Identity(12, 12);
        const auto x = hessian.solve(b, ridge);
        REQUIRE(x);
        CHECK(distance(left * *x, b) < 1e-13);
      }
    }
  }
}

TEST_CASE(
    "a matrix that is not positive definite is told, wherever that comes from, and enough ridge "
    "mends it") {
  const Eigen::VectorXd b = Eigen::VectorXd::Ones(4);
  for (const int separate : {0, 2}) {
    const auto hessian = [&](double own, double between, double shared) {
      Hessian made;
      made.reset(separate, 4);
      for (const int i : {0, 1}) made.lower(i, i) = own;
      for (const int i : {2, 3}) made.lower(i, i) = shared;
      made.lower(2, 0) = between;
      return made;
    };
    CAPTURE(separate);
    CHECK(hessian(-1, 0.9, -1).solve(b, 0));
    CHECK_FALSE(hessian(-1, 1.1, -1).solve(b, 0));  // only together
    CHECK_FALSE(hessian(1, 0, -1).solve(b, 0));
    CHECK_FALSE(hessian(0, 0, -1).solve(b, 0));
    CHECK_FALSE(hessian(-1, 0, 1).solve(b, 0));
    CHECK(hessian(1, 1.1, 1).solve(b, 5));
  }
}

TEST_CASE(
    "free thresholds: the arrowhead likelihood has the dense one's value, derivatives, maximum and "
    "profiles") {
  const std::uint64_t seed = 20240231;
  CAPTURE(seed);
  RandomStream random(seed, Split::test, 0, 0);
  for (const bool penalties : {true, false}) {
    for (const bool lapse : {true, false}) {
      CAPTURE(penalties, lapse);
      const Options options{.penalties = penalties, .lapse = lapse};
      // Without penalties a study with every length bracketed by several cells, or the maximum is
      // infinitely far.
      auto cells = penalties ? simulate({.seeds = 2}, random) : example::reference();
      const auto lengths = distinct_lengths(cells);
      const Likelihood dense = dense_law(cells, lengths, options);
      const Likelihood separate = separate_law(cells, lengths, options);
      REQUIRE(separate.size() == dense.size());
      CHECK(separate.separate() == 5);
      Eigen::VectorXd theta = dense.start(Eigen::VectorXd::Constant(5, std::log(64.0)));
      for (double& value : theta) value += 0.3 * random.normal();
      Eigen::VectorXd gradient, expected_gradient;
      Hessian hessian, expected;
      CHECK(separate.value(theta, gradient, hessian) ==
            Approx(dense.value(theta, expected_gradient, expected)).epsilon(1e-14));
      CHECK(separate.value(theta) == Approx(dense.value(theta)).epsilon(1e-14));
      CHECK(separate.data(theta) == Approx(dense.data(theta)).epsilon(1e-14));
      CHECK(separate.probability(theta, 11) == Approx(dense.probability(theta, 11)).epsilon(1e-14));
      CHECK(distance(gradient, expected_gradient) < 1e-11);
      CHECK((hessian.dense() - expected.dense()).cwiseAbs().maxCoeff() < 1e-11);

      const Eigen::VectorXd start = dense.start(Eigen::VectorXd::Constant(5, std::log(64.0)));
      const Optimum found = maximise(separate, start);
      const Optimum wanted = maximise(dense, start);
      CHECK(found.converged == wanted.converged);
      CHECK(found.value == Approx(wanted.value).epsilon(1e-12));
      if (!wanted.converged) continue;
      CHECK(distance(found.theta, wanted.theta) < 1e-6);
      for (const int index : {0, 4, 5}) {  // thresholds, and ln kappa
        CAPTURE(index);
        Profile ours(separate, found, index);
        Profile theirs(dense, wanted, index);
        CHECK(ours.deviance(wanted.theta[index] + 0.3) ==
              Approx(theirs.deviance(wanted.theta[index] + 0.3)).margin(1e-9));
        const Interval interval =
            ours.interval(chi_squared_95, wanted.theta[index] - 6, wanted.theta[index] + 6);
        const Interval other =
            theirs.interval(chi_squared_95, wanted.theta[index] - 6, wanted.theta[index] + 6);
        REQUIRE(interval.low.has_value() == other.low.has_value());
        REQUIRE(interval.high.has_value() == other.high.has_value());
        if (other.low) CHECK(*interval.low == Approx(*other.low).margin(1e-7));
        if (other.high) CHECK(*interval.high == Approx(*other.high).margin(1e-7));
      }
    }
  }
}

TEST_CASE("the free thresholds of a study are those of the dense likelihood") {
  const auto cells = example::reference();
  const auto lengths = distinct_lengths(cells);
  const Likelihood dense = dense_law(cells, lengths, {});
  const Optimum optimum =
      maximise(dense, dense.start(Eigen::VectorXd::Constant(5, std::log(64.0))));
  const auto points = free_thresholds(cells);
  REQUIRE(points.size() == 5);
  for (int i = 0; i < 5; ++i)
    CHECK(std::log(points[static_cast<std::size_t>(i)].width.value()) ==
          Approx(optimum.theta[i]).margin(1e-6));
  CHECK(fit(cells).lack_of_fit ==
        Approx(2 * (optimum.value - maximise_power_law(power_law(cells, {})).value)).margin(1e-8));
}

}  // namespace
}  // namespace surd::law
