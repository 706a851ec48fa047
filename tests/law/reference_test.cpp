#include "law/reference.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "law/example.hpp"
#include "law/scan.hpp"
#include "law/simulate.hpp"
#include "law/thresholds.hpp"

namespace surd::law {
namespace {

constexpr Options as_they_are{.penalties = false, .lapse = false};

// Without penalties and lapse each law is a logistic regression of the seeds on ln d - ln f(L),
// computed with NumPy by iterated least squares.
TEST_CASE("reference laws of the reference grid as logistic regression has them") {
  const auto cells = example::reference();
  const References found = reference_laws(cells, as_they_are, fit(cells, as_they_are));
  const std::vector<std::string> names = {"const",        "ln L",   "L^.25",
                                          "sqrt(L)/ln L", "sqrt L", "sqrt(L ln L)",
                                          "sqrt(L) ln L", "L/ln L", "L"};
  const std::vector<double> log_likelihoods = {
      -24.81111590820703,  -19.79696188113565,  -19.693459353255733,
      -19.6382545575455,   -18.55852505137928,  -19.83063009303106,
      -22.081937958267673, -22.039068376512137, -28.339650791643194};
  const std::vector<double> weights = {
      0.0008395360687307092, 0.12637430631468127,  0.14015524710291258,
      0.14811004011921516,   0.4360186501377642,   0.12219033797792263,
      0.012861934190182034,  0.013425309482731662, 2.4638605859760846e-05};
  REQUIRE(found.laws.size() == names.size());
  double sum = 0;
  for (std::size_t i = 0; i < names.size(); ++i) {
    CHECK(found.laws[i].name == names[i]);
    CHECK(found.laws[i].log_likelihood == Approx(log_likelihoods[i]).margin(1e-8));
    CHECK(found.laws[i].weight == Approx(weights[i]).margin(1e-8));
    sum += found.laws[i].weight;
  }
  CHECK(sum == Approx(1));
  CHECK(*found.laws[4].aicc == Approx(41.44137442708288).margin(1e-7));
  CHECK(
      found.words ==
      "sqrt L (0.44), sqrt(L)/ln L (0.15), L^.25 (0.14), ln L (0.13), sqrt(L ln L) (0.12) remain; "
      "ln L and L^.25 cannot be told apart below L = 4096; only a logarithm separates sqrt L, "
      "sqrt(L)/ln L and sqrt(L ln L)");
}

TEST_CASE("each reference law wins where it made the data") {
  const std::vector<std::pair<std::string, double (*)(double)>> truths = {
      {"const", [](double) { return 60.0; }},
      {"sqrt(L)/ln L", [](double L) { return 30 * std::sqrt(L) / std::log(L); }},
      {"sqrt L", [](double L) { return 4 * std::sqrt(L); }},
      {"sqrt(L ln L)", [](double L) { return 3 * std::sqrt(L * std::log(L)); }},
      {"sqrt(L) ln L", [](double L) { return std::sqrt(L) * std::log(L); }},
      {"L/ln L", [](double L) { return 2 * L / std::log(L); }},
      {"L", [](double L) { return L / 2; }}};
  for (const auto& [name, width] : truths) {
    CAPTURE(name);
    std::vector<Cell> cells;
    for (const double length : {16., 64., 256., 1024., 4096.}) {
      for (double hidden = 2; hidden < 10000; hidden *= std::sqrt(2.0)) {
        const double p = 1 / (1 + std::pow(width(length) / hidden, 6));
        cells.push_back({.length = length,
                         .hidden = hidden,
                         .seeds = 20,
                         .solved = static_cast<int>(std::round(20 * p))});
      }
    }
    for (const ReferenceLaw& law : reference_laws(cells, {}, fit(cells)).laws)
      CHECK((law.weight > 0.9) == (law.name == name));
  }
}

TEST_CASE("without an exponent the laws beside it give its reason") {
  const auto cells = example::grid({16, 64}, {8, 16}, {{0, 0}, {0, 0}});
  const Fit none = fit(cells);
  CHECK(reference_laws(cells, {}, none).reason == none.reason);
  CHECK(reference_laws(cells, {}, none).laws.empty());
  CHECK(fit_offset(cells, {}, none).reason == none.reason);
  CHECK_FALSE(fit_offset(cells, {}, none).share);
  CHECK(fit_saturation(cells, {}, none).reason == none.reason);
  CHECK_FALSE(fit_saturation(cells, {}, none).half);
}

TEST_CASE("lack of fit is said beside the weights") {
  const auto cells = example::grid({16, 64, 256}, {8, 16, 32, 64, 128, 256},
                                   {{0, 2, 3, 3, 3, 3}, {0, 0, 0, 0, 2, 3}, {0, 0, 0, 2, 3, 3}});
  CHECK(reference_laws(cells, {}, fit(cells)).words.find("too sure") != std::string::npos);
}

// NumPy: logistic regression on ln d - ln(w + (1 - w) sqrt(L / 64)) for 4,001 values of w.
TEST_CASE("the offset of the reference grid as logistic regression over a grid of shares has it") {
  const auto cells = example::reference();
  const Offset found = fit_offset(cells, as_they_are, fit(cells, as_they_are));
  REQUIRE(found.share);
  CHECK(*found.share == Approx(0.1315).margin(3e-4));
  CHECK(*found.offset == Approx(8.110).margin(0.02));
  CHECK(*found.share_interval.low == 0);
  CHECK(*found.share_interval.high == Approx(0.58425).margin(3e-4));
  CHECK(*found.offset_interval.low == 0);
}

// statistics.md's figure: an offset of 24 in a width of 64 makes sqrt(L) look like an exponent of
// .31.
TEST_CASE("a planted offset is found, and lowers the exponent as far as calculus says") {
  std::vector<Cell> cells;
  for (const double length : {16., 32., 64., 128., 256.}) {
    const double threshold = 24 + 40 * std::sqrt(length / 64);
    for (double hidden = 8; hidden < 1100; hidden *= std::sqrt(2.0)) {
      const double p = 1 / (1 + std::pow(threshold / hidden, 6));
      cells.push_back({.length = length,
                       .hidden = hidden,
                       .seeds = 1000,
                       .solved = static_cast<int>(std::round(1000 * p))});
    }
  }
  const Fit power = fit(cells);
  CHECK(*power.alpha == Approx(0.31).margin(0.015));
  const Offset found = fit_offset(cells, {}, power);
  CHECK(*found.offset == Approx(24).margin(1.5));
  CHECK(*found.slope == Approx(5).margin(0.2));
  CHECK(found.offset_interval.contains(24));
  CHECK(found.gain > 2);
}

// NumPy: logistic regression on ln d - ln(L/(L + K)) for 8,001 values of K.
TEST_CASE("saturation of the reference grid as logistic regression over a grid of K has it") {
  const auto cells = example::reference();
  const Saturation found = fit_saturation(cells, as_they_are, fit(cells, as_they_are));
  REQUIRE(found.half);
  CHECK(*found.half == Approx(46.1737).epsilon(2e-3));
  CHECK(found.log_likelihood == Approx(-18.944752178598).margin(1e-6));
  CHECK(found.gain == Approx(-0.5621958895563104).margin(1e-6));
  CHECK(found.over_sqrt == Approx(-0.3862271272187208).margin(1e-6));
  CHECK_FALSE(found.excluded);
}

TEST_CASE("a planted saturation is found, and excluded where the width grows as a power") {
  const auto drawn = [](double (*width)(double)) {
    std::vector<Cell> cells;
    for (const double length : {16., 32., 64., 128., 256., 512.}) {
      for (double hidden = 8; hidden < 3000; hidden *= std::sqrt(2.0)) {
        const double p = 1 / (1 + std::pow(width(length) / hidden, 6));
        cells.push_back({.length = length,
                         .hidden = hidden,
                         .seeds = 1000,
                         .solved = static_cast<int>(std::round(1000 * p))});
      }
    }
    return cells;
  };
  const auto bent = drawn([](double L) { return 300 * L / (L + 64); });
  const Saturation found = fit_saturation(bent, {}, fit(bent));
  CHECK(*found.half == Approx(64).epsilon(0.03));
  CHECK(found.gain > 10);
  CHECK(found.over_sqrt > 10);
  CHECK_FALSE(found.excluded);
  const auto root = drawn([](double L) { return 10 * std::sqrt(L); });
  const Saturation none = fit_saturation(root, {}, fit(root));
  CHECK(none.excluded);
  CHECK(none.over_sqrt < -10);
}

TEST_CASE("laws that only a logarithm separates from sqrt(L) are named while they remain") {
  const auto cells = example::reference();
  CHECK(but_for_a_logarithm_of_sqrt(cells, fit(cells, as_they_are)) ==
        "sqrt(L)/ln L and sqrt(L ln L)");
}

TEST_CASE("the held-out length is predicted by the others") {
  const auto cells = example::reference();
  const HeldOut found = hold_out(cells, {});
  CHECK(found.length == 256);
  REQUIRE(found.miss);
  std::vector<Cell> others = cells;
  std::erase_if(others, [](const Cell& cell) { return cell.length == 256; });
  const Fit without = fit(others);
  CHECK(*found.predicted.width == Approx(*predict(others, {}, without, 256).width));
  CHECK(*found.observed.width == Approx(113.81361475).epsilon(1e-5));  // as fit_test has it
  CHECK(*found.miss > 0);
  CHECK(*found.miss < 1);

  // A jump of a factor of 4 at the last length is no power law.
  auto jump = example::grid({16, 32, 64, 128, 256}, {8, 16, 32, 64, 128, 256, 512},
                            {{0, 0, 9, 9, 9, 9, 9},
                             {0, 0, 8, 9, 9, 9, 9},
                             {0, 0, 8, 9, 9, 9, 9},
                             {0, 0, 9, 9, 9, 9, 9},
                             {0, 0, 0, 0, 8, 9, 9}},
                            9);
  CHECK(*hold_out(jump, {}).miss > 1);
  CHECK(hold_out(example::grid({16, 64}, {8, 32}, {{0, 3}, {0, 2}}), {})
            .reason.find("three lengths") != std::string::npos);
  auto open = example::grid({16, 32, 64, 128}, {8, 16, 32, 64},
                            {{0, 2, 3, 3}, {0, 1, 3, 3}, {0, 0, 2, 3}, {0, 0, 0, 0}});
  CHECK(hold_out(open, {}).reason == "the seeds at length 128 do not bracket its threshold");
  CHECK(hold_out(open, {}).predicted.width);
}

TEST_CASE(
    "a scan finds the higher of two maxima, and both belong to the interval that spans them") {
  const auto two = [](double x) {
    return std::max(-std::pow(8 * (x - 0.2), 2), 0.5 - std::pow(8 * (x - 0.8), 2));
  };
  const Scan wide = scan_maximum(two, 0, 1, 1);
  CHECK(wide.best == Approx(0.8).margin(1e-6));
  CHECK(wide.low == Approx(0.2 - std::sqrt(0.5) / 8).margin(1e-6));
  CHECK(wide.high == Approx(0.8 + 1.0 / 8).margin(1e-6));
  const Scan narrow = scan_maximum(two, 0, 1, 0.25);
  CHECK(narrow.low == Approx(0.8 - 0.5 / 8).margin(1e-6));
  const Scan at_limit = scan_maximum([](double x) { return -x; }, 0, 1, 0.25);
  CHECK(at_limit.best == 0);
  CHECK(at_limit.low == 0);
  CHECK(at_limit.high == Approx(0.25));
}

}  // namespace
}  // namespace surd::law
