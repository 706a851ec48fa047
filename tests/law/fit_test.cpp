#include "law/fit.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "base/error.hpp"
#include "base/random.hpp"
#include "law/contrast.hpp"
#include "law/example.hpp"
#include "law/thresholds.hpp"

namespace surd::law {
namespace {

constexpr Options plain{.penalties = false, .lapse = false};

auto near(double value) { return Approx(value).margin(1e-6).epsilon(0); }

// Bliss 1935, beetles killed by carbon disulphide: a logistic curve in the dose, here as one length
// whose log width is the dose.
TEST_CASE(
    "one length without penalties and lapse is logistic regression: Bliss's beetles as R fits "
    "them") {
  const std::vector<double> dose = {1.6907, 1.7242, 1.7552, 1.7842, 1.8113, 1.8369, 1.8610, 1.8839};
  const std::vector<int> beetles = {59, 60, 62, 56, 63, 59, 62, 60};
  const std::vector<int> killed = {6, 13, 18, 28, 52, 53, 61, 60};
  std::vector<Cell> cells;
  for (std::size_t i = 0; i < dose.size(); ++i)
    cells.push_back(
        {.length = 1, .hidden = std::exp(dose[i]), .seeds = beetles[i], .solved = killed[i]});
  const Fit found = fit(cells, plain);
  REQUIRE(found.kappa);
  CHECK(*found.kappa == near(34.27032573));
  CHECK(std::log(*found.threshold) == Approx(1.771720964).margin(1e-9).epsilon(0));
  CHECK(-*found.kappa * std::log(*found.threshold) == near(-60.71745456));
  CHECK(found.log_likelihood == near(-18.71513466));
  CHECK_FALSE(found.alpha);
  CHECK(found.reason.find("two lengths") != std::string::npos);
}

TEST_CASE("the reference grid without penalties and lapse as R fits it") {
  const auto cells = example::reference();
  const Fit found = fit(cells, plain);
  REQUIRE(found.alpha);
  CHECK(*found.alpha == near(0.4340257808));
  CHECK(*found.kappa == near(3.872965072));
  CHECK(*found.lapse == 0);
  CHECK(found.log_likelihood == near(-10.69227027));
  CHECK(*found.unwidened.low == near(0.2094089907));
  CHECK(*found.unwidened.high == near(0.6575357719));
  CHECK(*found.interval.low == *found.unwidened.low);
  CHECK(found.lack_of_fit == near(0.2613738634));
  CHECK(found.lack_of_fit_degrees == 3);
  CHECK(found.criterion.dispersion == 1);
  CHECK(found.criterion.critical == near(3.841458821));
  CHECK(deviance(cells, plain, found, 0) == near(12.85711924));
  CHECK(deviance(cells, plain, found, 0.25) == near(2.621806128));
  CHECK(deviance(cells, plain, found, 0.5) == near(0.3519375247));
  CHECK(deviance(cells, plain, found, 1) == near(19.91418901));
}

// Literals: the model of the penalised likelihood written again in numpy and maximised with SciPy's
// Nelder-Mead.
TEST_CASE("the reference grid with penalties and lapse as an independent program fits it") {
  const auto cells = example::reference();
  const Fit found = fit(cells);
  REQUIRE(found.alpha);
  CHECK(*found.alpha == near(0.402721005));
  CHECK(*found.threshold == Approx(59.21788765).epsilon(1e-6));
  CHECK(*found.kappa == Approx(5.33587804).epsilon(1e-6));
  CHECK(*found.lapse == near(0.01852353));
  CHECK(*found.lapse_slope == Approx(0.3921721).margin(1e-5));
  CHECK(*found.unwidened.low == near(0.197283262));
  CHECK(*found.unwidened.high == near(0.607940407));
  CHECK(found.lack_of_fit == near(0.484513059));
  CHECK(found.log_likelihood == near(-10.236117429));
  CHECK(deviance(cells, {}, found, 0) == Approx(12.90644).margin(1e-5));
  CHECK(deviance(cells, {}, found, 1) == Approx(22.2969149).margin(1e-5));
  const auto points = free_thresholds(cells);
  const std::vector<double> widths = {35.40928865, 43.91215552, 57.21665734, 71.04373584,
                                      113.81361475};
  REQUIRE(points.size() == widths.size());
  for (std::size_t i = 0; i < widths.size(); ++i) {
    CHECK(*points[i].width == Approx(widths[i]).epsilon(1e-5));
    CHECK(*points[i].interval.low < *points[i].width);
    CHECK(*points[i].interval.high > *points[i].width);
  }
}

TEST_CASE("a nearly separated grid: finite by the penalties, and lack of fit widens the interval") {
  const auto cells = example::grid({16, 24, 32, 48, 64}, {4, 6, 8, 12, 16, 24},
                                   {{0, 3, 3, 3, 3, 3},
                                    {0, 0, 3, 3, 3, 3},
                                    {0, 0, 3, 3, 3, 2},
                                    {0, 0, 0, 3, 3, 3},
                                    {0, 0, 0, 0, 3, 2}});
  const Fit found = fit(cells);
  REQUIRE(found.alpha);
  CHECK(*found.alpha == near(0.727052398));
  CHECK(*found.kappa == Approx(44.762104).epsilon(1e-5));
  CHECK(*found.unwidened.low == near(0.598016805));
  CHECK(*found.unwidened.high == near(0.904469446));
  CHECK(found.lack_of_fit == near(3.209274136));
  CHECK(found.criterion.dispersion == near(3.209274136 / 3));
  CHECK(found.criterion.critical ==
        Approx(3.209274136 / 3 * 10.12796).epsilon(1e-5));  // F(.95; 1, 3)
  CHECK(*found.interval.low < *found.unwidened.low);
  CHECK(*found.interval.high > *found.unwidened.high);
  CHECK(deviance(cells, {}, found, *found.interval.low) ==
        Approx(found.criterion.critical).epsilon(1e-6));
}

TEST_CASE("full separation is fitted with penalties and refused in words without") {
  const auto cells = example::grid({16, 64, 256}, {8, 16, 32, 64, 128},
                                   {{0, 0, 3, 3, 3}, {0, 0, 0, 3, 3}, {0, 0, 0, 0, 3}});
  const Fit penalised = fit(cells);
  REQUIRE(penalised.alpha);
  CHECK(*penalised.alpha == Approx(0.5).margin(0.02));
  const Fit bare = fit(cells, plain);
  CHECK_FALSE(bare.alpha);
  CHECK(bare.reason.find("--no-penalties") != std::string::npos);
}

TEST_CASE("where nothing can be fitted the reason says what to run next") {
  const std::vector<double> lengths = {16, 64};
  const std::vector<double> widths = {8, 16, 32};
  const auto reason = [&](const std::vector<std::vector<int>>& solved) {
    const Fit found = fit(example::grid(lengths, widths, solved));
    CHECK_FALSE(found.alpha);
    return found.reason;
  };
  CHECK(reason({{0, 0, 0}, {0, 0, 0}}) ==
        "no seed is solved: no width up to 32 solves lengths 16, 64; run larger widths, more steps "
        "or other learning rates there");
  CHECK(reason({{3, 3, 3}, {3, 3, 3}}) ==
        "every seed is solved: every width from 8 solves lengths 16, 64; run smaller widths there, "
        "or longer lengths");
  CHECK(reason({{3, 3, 3}, {0, 3, 3}}).find("every width from 8 solves length 16") !=
        std::string::npos);
  CHECK(reason({{3, 3, 3}, {0, 0, 0}}).find("no width up to 32 solves length 64") !=
        std::string::npos);
  CHECK(fit({}).reason == "no seed can be used; run the trials that are missing");
  CHECK(fit({{.length = 16, .hidden = 8, .seeds = 0, .solved = 0}}).reason ==
        "no seed can be used; run the trials that are missing");
}

// The steepness, and with it the exponent, would be the prior's alone.
TEST_CASE("an exponent needs two widths or more at two lengths or more") {
  const std::string advice =
      "run two widths or more, one that is solved and one that is not, at each of two lengths or "
      "more";
  const Fit one_width = fit(example::grid({16, 32, 64, 128}, {64}, {{3}, {2}, {2}, {1}}));
  CHECK_FALSE(one_width.alpha);
  CHECK_FALSE(one_width.kappa);
  CHECK(one_width.reason ==
        "the exponent is not determined: no length was run with more than one width; " + advice);
  const Fit one_width_a_length = fit({{.length = 16, .hidden = 8, .seeds = 3, .solved = 3},
                                      {.length = 32, .hidden = 8, .seeds = 3, .solved = 0},
                                      {.length = 64, .hidden = 64, .seeds = 3, .solved = 3}});
  CHECK_FALSE(one_width_a_length.alpha);
  const Fit one_length = fit({{.length = 16, .hidden = 8, .seeds = 3, .solved = 0},
                              {.length = 16, .hidden = 16, .seeds = 3, .solved = 3},
                              {.length = 64, .hidden = 16, .seeds = 3, .solved = 1}});
  CHECK_FALSE(one_length.alpha);
  CHECK(one_length.reason ==
        "the exponent is not determined: only length 16 was run with more than one width; " +
            advice);
  CHECK(fit(example::grid({16, 64}, {8, 32}, {{0, 3}, {0, 2}})).alpha);
}

TEST_CASE("an exponent that is only bounded on one side keeps that bound") {
  const Fit found =
      fit(example::grid({16, 64}, {8, 16, 32, 64, 128}, {{0, 3, 3, 3, 3}, {0, 0, 0, 0, 0}}));
  CHECK_FALSE(found.alpha);
  CHECK(found.reason.find("not determined") != std::string::npos);
  REQUIRE(found.interval.low);
  CHECK(*found.interval.low > 1);
  CHECK_FALSE(found.interval.high);
}

TEST_CASE(
    "an end that does not close within [-2, 3] is open while the exponent and the unwidened "
    "interval stand") {
  const auto cells = example::grid({16, 64, 256}, {8, 16, 32, 64, 128, 256},
                                   {{0, 2, 3, 3, 3, 3}, {0, 0, 0, 0, 2, 3}, {0, 0, 0, 2, 3, 3}});
  const Fit found = fit(cells);
  REQUIRE(found.alpha);
  CHECK(found.criterion.dispersion > 1);
  CHECK(found.criterion.critical > 161);  // F(.95; 1, 1)
  CHECK_FALSE(found.interval.low);
  CHECK_FALSE(found.interval.high);
  CHECK(found.unwidened.closed());
}

TEST_CASE("two lengths: no lack of fit can be seen") {
  const Fit found =
      fit(example::grid({16, 256}, {8, 16, 32, 64, 128}, {{0, 1, 3, 3, 3}, {0, 0, 0, 2, 3}}));
  REQUIRE(found.alpha);
  CHECK(found.lack_of_fit == 0);
  CHECK(found.lack_of_fit_degrees == 0);
  CHECK(found.criterion.dispersion == 1);
}

TEST_CASE("the order of the cells has no influence, and neither have cells without seeds") {
  const std::uint64_t seed = 99;
  CAPTURE(seed);
  RandomStream random(seed, Split::test, 0, 0);
  auto cells = example::reference();
  const Fit first = fit(cells);
  for (std::size_t i = cells.size() - 1; i > 0; --i)
    std::swap(cells[i], cells[random.below(static_cast<std::uint32_t>(i + 1))]);
  cells.push_back({.length = 4096, .hidden = 8, .seeds = 0, .solved = 0});
  const Fit second = fit(cells);
  CHECK(*second.alpha == Approx(*first.alpha).margin(1e-9));
  CHECK(*second.interval.low == Approx(*first.interval.low).margin(1e-8));
  CHECK(second.lengths == first.lengths);
}

TEST_CASE(
    "the prediction at a length of the grid lies on the law, and the interval widens away from the "
    "middle") {
  const auto cells = example::reference();
  const Fit found = fit(cells);
  const Point middle = predict(cells, {}, found, 64);
  const Point outside = predict(cells, {}, found, 1024);
  CHECK(*middle.width == Approx(*found.threshold).epsilon(1e-9));
  CHECK(*outside.width == Approx(*found.threshold * std::pow(16.0, *found.alpha)).epsilon(1e-9));
  CHECK(*outside.interval.high / *outside.interval.low >
        1.5 * *middle.interval.high / *middle.interval.low);
}

TEST_CASE(
    "the contrast is the difference of the exponents, and its interval about the root of both "
    "squared") {
  const auto efficient = example::reference();
  const auto baseline = example::grid({16, 32, 64, 128, 256}, {8, 16, 32, 64, 128, 256, 512, 1024},
                                      {{0, 1, 3, 3, 3, 3, 3, 3},
                                       {0, 0, 3, 3, 3, 3, 3, 3},
                                       {0, 1, 2, 3, 3, 3, 3, 3},
                                       {0, 0, 2, 3, 3, 3, 3, 3},
                                       {0, 1, 2, 3, 3, 3, 3, 3}});
  const Fit a = fit(efficient);
  const Fit b = fit(baseline);
  const Contrast found = contrast(efficient, baseline);
  REQUIRE(found.delta);
  CHECK(*found.delta == Approx(*a.alpha - *b.alpha).margin(1e-6));
  const double expected =
      std::hypot(*a.unwidened.high - *a.unwidened.low, *b.unwidened.high - *b.unwidened.low);
  CHECK(*found.unwidened.high - *found.unwidened.low == Approx(expected).epsilon(0.1));
  const Contrast reversed = contrast(baseline, efficient);
  CHECK(*reversed.interval.low == Approx(-*found.interval.high).margin(1e-6));
}

TEST_CASE("a contrast uses the shared lengths only and says when there are too few") {
  auto efficient = example::reference();
  auto baseline = example::reference();
  std::erase_if(efficient, [](const Cell& cell) { return cell.length == 16; });
  const Contrast found = contrast(efficient, baseline);
  CHECK(found.lengths == std::vector<double>{32, 64, 128, 256});
  CHECK(*found.delta == Approx(0).margin(1e-6));
  std::erase_if(baseline, [](const Cell& cell) { return cell.length > 32; });
  CHECK(contrast(efficient, baseline).reason ==
        "the two share fewer than two lengths: run both at the same lengths");
}

// The joint fit once more, with the ratio at the largest length as a coefficient from the start:
// log thresholds b + r + (alpha + delta) (x - x_last) and b + alpha (x - x_last).
TEST_CASE(
    "the ratio of two widths is that of both laws at the largest shared length, with the interval "
    "of its own profile") {
  const auto efficient = example::reference();
  auto baseline = example::grid({16, 32, 64, 128, 256}, {8, 16, 32, 64, 128, 256, 512, 1024},
                                {{0, 1, 3, 3, 3, 3, 3, 3},
                                 {0, 0, 3, 3, 3, 3, 3, 3},
                                 {0, 3, 3, 3, 3, 3, 3, 3},
                                 {0, 0, 0, 0, 3, 3, 3, 3},
                                 {0, 1, 2, 3, 3, 3, 3, 3}});
  const Fit a = fit(efficient);
  const Fit b = fit(baseline);
  const Contrast difference = contrast(efficient, baseline);
  CHECK(difference.criterion.dispersion > 1.1);  // so that a wrong critical value would show
  const WidthRatio found = width_ratio(difference);
  CHECK(found.length == 256);
  REQUIRE(found.ratio);
  CHECK(*found.ratio ==
        Approx(*predict(efficient, {}, a, 256).width / *predict(baseline, {}, b, 256).width)
            .epsilon(1e-6));

  std::vector<Row> both = rows(efficient);
  const std::size_t first = both.size();
  for (Row row : rows(baseline)) {
    row.group = 1;
    both.push_back(row);
  }
  const double last = both.back().x;
  Eigen::MatrixXd basis(static_cast<Eigen::Index>(both.size()), 4);  // r, b, alpha, delta
  for (std::size_t i = 0; i < both.size(); ++i) {
    const double is_efficient = i < first ? 1 : 0;
    const double x = both[i].x - last;
    basis.row(static_cast<Eigen::Index>(i)) << is_efficient, 1, x, is_efficient * x;
  }
  const Likelihood joint(both, basis, 2, {});
  const Optimum optimum = maximise(joint, joint.start(Eigen::Vector4d(0.5, 4, 0.2, 0.2)));
  REQUIRE(optimum.converged);
  const Interval expected =
      Profile(joint, optimum, 0).interval(difference.criterion.critical, -12, 12);
  CHECK(std::log(*found.ratio) == Approx(optimum.theta[0]).margin(1e-6));
  CHECK(std::log(*found.interval.low) == Approx(*expected.low).margin(1e-5));
  CHECK(std::log(*found.interval.high) == Approx(*expected.high).margin(1e-5));

  const WidthRatio reversed = width_ratio(contrast(baseline, efficient));
  CHECK(*reversed.ratio == Approx(1 / *found.ratio).epsilon(1e-6));
  CHECK(*reversed.interval.low == Approx(1 / *found.interval.high).epsilon(1e-5));
}

// 8 lengths, the ends of which the efficient curve does not bracket; both thresholds scatter alike.
std::pair<std::vector<Cell>, std::vector<Cell>> alike() {
  const std::vector<double> lengths = {16, 32, 64, 128, 256, 512, 1024, 2048};
  const std::vector<double> widths = {8, 16, 32, 64, 128, 256};
  return {example::grid(lengths, widths,
                        {{3, 3, 3, 3, 3, 3},
                         {0, 2, 3, 3, 3, 3},
                         {0, 0, 3, 3, 3, 3},
                         {0, 1, 3, 3, 3, 3},
                         {0, 0, 0, 3, 3, 3},
                         {0, 0, 2, 3, 3, 3},
                         {0, 0, 0, 1, 3, 3},
                         {0, 0, 0, 0, 0, 0}}),
          example::grid(lengths, widths,
                        {{0, 2, 3, 3, 3, 3},
                         {0, 2, 3, 3, 3, 3},
                         {0, 1, 3, 3, 3, 3},
                         {0, 3, 3, 3, 3, 3},
                         {0, 0, 3, 3, 3, 3},
                         {0, 3, 3, 3, 3, 3},
                         {0, 0, 3, 3, 3, 3},
                         {0, 1, 3, 3, 3, 3}})};
}

TEST_CASE("only lengths that both curves bracket count, and from six on the curves are paired") {
  auto [efficient, baseline] = alike();
  const Contrast found = contrast(efficient, baseline);
  REQUIRE(found.delta);
  CHECK(found.lengths == std::vector<double>{32, 64, 128, 256, 512, 1024});
  CHECK(found.one_sided == std::vector<double>{16, 2048});
  CHECK(found.paired);
  CHECK_FALSE(contrast(efficient, baseline, {}, 7).paired);
  std::erase_if(efficient,
                [](const Cell& cell) { return cell.length == 16 || cell.length == 2048; });
  CHECK(*contrast(efficient, baseline).delta == *found.delta);
  std::erase_if(efficient, [](const Cell& cell) { return cell.length == 128; });
  const Contrast fewer = contrast(efficient, baseline);
  CHECK(fewer.lengths.size() == 5);
  CHECK_FALSE(fewer.paired);
}

TEST_CASE("two curves of which no length is bracketed by both have no difference") {
  const std::vector<double> lengths = {16, 64, 256, 1024};
  const std::vector<double> widths = {8, 16, 32, 64};
  const auto early =
      example::grid(lengths, widths, {{0, 1, 3, 3}, {0, 0, 1, 3}, {0, 0, 0, 0}, {0, 0, 0, 0}});
  const auto late =
      example::grid(lengths, widths, {{3, 3, 3, 3}, {3, 3, 3, 3}, {0, 2, 3, 3}, {0, 0, 2, 3}});
  REQUIRE(fit(early).alpha);
  REQUIRE(fit(late).alpha);
  const Contrast found = contrast(early, late);
  CHECK_FALSE(found.delta);
  CHECK(found.reason.find("none of the 4 lengths that both have is bracketed by both") == 0);
}

TEST_CASE("what makes a length hard for both curves leaves the paired contrast alone") {
  const auto [efficient, baseline] = alike();
  const auto harder = [](std::vector<Cell> cells) {
    for (Cell& cell : cells) {
      if (cell.length == 128) cell.hidden *= 1.5;
      if (cell.length == 512) cell.hidden *= 3;
    }
    return cells;
  };
  const Contrast found = contrast(efficient, baseline);
  const Contrast moved = contrast(harder(efficient), harder(baseline));
  CHECK(*moved.delta == Approx(*found.delta).margin(1e-6));
  CHECK(*moved.interval.low == Approx(*found.interval.low).margin(1e-5));
  CHECK(*moved.interval.high == Approx(*found.interval.high).margin(1e-5));
  CHECK(*width_ratio(moved).ratio == Approx(*width_ratio(found).ratio).epsilon(1e-6));
  // A law for each would not fit any more.
  CHECK(fit(harder(baseline)).criterion.dispersion > 2);
  CHECK(*contrast(baseline, efficient).interval.low == Approx(-*found.interval.high).margin(1e-5));
}

TEST_CASE("the ratio of two paired curves is that of the difference, at any length") {
  const auto [efficient, baseline] = alike();
  const Contrast found = contrast(efficient, baseline);
  const WidthRatio largest = width_ratio(found);
  const WidthRatio shorter = width_ratio(found, 64);
  CHECK(largest.length == 1024);
  CHECK(shorter.length == 64);
  CHECK(std::log(*largest.ratio / *shorter.ratio) ==
        Approx(*found.delta * std::log(1024 / 64.0)).margin(1e-9));
  const LogWidths widths = log_widths(found);
  CHECK(widths.efficient - widths.baseline == Approx(std::log(*largest.ratio)).margin(1e-9));
  CHECK(largest.interval.contains(*largest.ratio));
  CHECK_THROWS_AS(weights_of(found, 64, 1, 2), Error);
}

TEST_CASE("without a difference there is no ratio of widths") {
  const auto unsolved = example::grid({16, 64}, {8, 16}, {{0, 0}, {0, 0}});
  const WidthRatio found = width_ratio(contrast(example::reference(), unsolved));
  CHECK(found.length == 0);
  CHECK_FALSE(found.ratio);
  CHECK_FALSE(found.interval.low);
}

}  // namespace
}  // namespace surd::law
