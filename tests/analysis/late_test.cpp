#include "analysis/findings/late.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <cstdio>
#include <vector>

#include "analysis/findings/findings.hpp"
#include "base/random.hpp"

namespace surd::analysis {
namespace {

using Catch::Matchers::Contains;

Late late_of_accuracies(const std::vector<double>& accuracies, double steps, double every) {
  std::vector<double> step;
  std::vector<double> loss;
  for (std::size_t i = 0; i < accuracies.size(); ++i) {
    step.push_back(every * static_cast<double>(i + 1));
    loss.push_back(1 - 0.9 * accuracies[i]);
  }
  return late_of(steps, step, accuracies, loss);
}

// Four lengths, three seeds a cell; widths from the length on are solved. Half as wide comes to
// .6, at rest or, where `late`, still rising by .1 a fifth of the steps.
Input ran(bool rising, int points) {
  Input input{.path = "runs/x", .trials = {}, .counted = {}, .notes = {}};
  input.tau = 0.9;
  for (const double length : {16.0, 32.0, 64.0, 128.0}) {
    for (const double hidden : {4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0}) {
      for (int seed = 1; seed <= 3; ++seed) {
        const bool solved = hidden >= length;
        const bool late = rising && hidden * 2 == length;
        const double last = solved ? 1 : hidden * 2 == length ? 0.6 : 0.1;
        std::vector<double> accuracies;
        for (int i = 5 * points; i-- > 0;)
          accuracies.push_back(last - (late ? 0.1 * i / points : i % 2 * 0.01));
        input.trials.push_back({.id = std::to_string(input.trials.size()),
                                .task = "lookup",
                                .architecture = "linear",
                                .axes = {},
                                .length = length,
                                .hidden = hidden,
                                .seed = seed,
                                .learning_rate = 0.01,
                                .accuracy_validation = last,
                                .accuracy_test = last});
        input.late.push_back(
            late_of_accuracies(accuracies, 1000, 1000.0 / static_cast<double>(5 * points)));
      }
    }
  }
  return input;
}

LateCounts counts_of(const Input& input) {
  return late_counts(input, evidence_of(input, 0.9).series.at(0));
}

}  // namespace

TEST_CASE("the last fifth begins at four fifths of the steps or with the validation before") {
  const std::vector<double> rising = {.1, .2, .3, .4, .5, .6, .7, .8, .85, .88};
  const Late ten = late_of_accuracies(rising, 1000, 100);
  CHECK(ten.accuracy.points == 3);            // 800, 900, 1000
  CHECK(ten.accuracy.slope == Approx(0.08));  // a fifth
  CHECK(ten.accuracy.p == Approx(1.0 / 6));
  CHECK(ten.loss.slope > 0);
  // 600 steps: 480 is the fifth's beginning, so 400 counts with 500 and 600.
  const std::vector<double> six(rising.begin(), rising.begin() + 6);
  CHECK(late_of_accuracies(six, 600, 100).accuracy.points == 3);
  // Points between validations have no accuracy.
  const std::vector<double> step = {1, 2, 100, 128, 150, 175, 200};
  const std::vector<double> accuracy = {NAN, NAN, .1, NAN, .1, NAN, .2};
  const std::vector<double> loss = {NAN, NAN, 1, NAN, 1, NAN, .5};
  CHECK(late_of(200, step, accuracy, loss).accuracy.points == 2);
  CHECK(late_of(200, {}, {}, {}).accuracy.points == 0);
  // A training that was stopped early has a last fifth of its own.
  CHECK(late_of_accuracies(rising, 1000, 50).accuracy.points == 0);
}

TEST_CASE("seeds near the threshold that still improve are counted and end the verdict's words") {
  for (const int points : {2, 4}) {
    CAPTURE(points);
    const LateCounts rising = counts_of(ran(true, points));
    CHECK(rising.judged >= 12);
    CHECK(rising.improving == 12);
    CHECK(rising.cells_improving == 4);
    CHECK(rising.many());
    const LateCounts still = counts_of(ran(false, points));
    CHECK(still.judged == rising.judged);
    CHECK(still.improving == 0);
    CHECK_FALSE(still.many());
  }
  const Findings findings = fit_everything(ran(true, 4), {});
  CHECK_THAT(
      findings.fits.at(0).judgement.words,
      Contains("; but steps and not width may be what lacked: in 4 of ") && Contains(" 12 of "));
  CHECK(fit_everything(ran(false, 4), {}).fits.at(0).doubts.empty());
}

TEST_CASE("without curves or with too few validations nothing is said of steps") {
  Input input = ran(true, 4);
  input.late.clear();
  CHECK(counts_of(input).judged == 0);
  CHECK(fit_everything(input, {}).fits.at(0).doubts.empty());
  const LateCounts few = counts_of(ran(true, 1));  // 800 and 1000
  CHECK(few.judged == 0);
  CHECK(few.unjudged >= 12);
  CHECK_FALSE(few.many());
}

TEST_CASE("a trend that hardly moves anything is none to speak of") {
  Input input = ran(true, 4);
  for (Late& late : input.late) {
    late.accuracy.slope = 0.9 * late_accuracy_least;
    late.loss.slope = 0.9 * late_loss_least;
  }
  CHECK(counts_of(input).improving == 0);
}

namespace {

// The share of studies whose verdict is doubted. Loss and accuracy of an unsolved seed move by
// `gain` in the last fifth, in logarithms of the loss, and lie about that by `noise`, each with a
// correlation of `memory` with the validation before.
double doubted(int studies, int points, double gain, double noise, double memory) {
  int count = 0;
  Input input = ran(false, points);
  for (int study = 0; study < studies; ++study) {
    RandomStream random(5, Split::order, static_cast<std::uint64_t>(study), 0);
    for (Late& late : input.late) {
      std::vector<double> step;
      std::vector<double> accuracy;
      std::vector<double> loss;
      const double level = 0.1 + 0.7 * random.uniform();
      double off_loss = random.normal();
      double off_accuracy = random.normal();
      for (int i = 1; i <= 5 * points; ++i) {
        const double way = static_cast<double>(i) / points - 5;  // fifths to go
        off_loss = memory * off_loss + std::sqrt(1 - memory * memory) * random.normal();
        off_accuracy = memory * off_accuracy + std::sqrt(1 - memory * memory) * random.normal();
        step.push_back(i);
        loss.push_back(std::exp(-gain * way + noise * off_loss));
        accuracy.push_back(level + noise / 2 * off_accuracy);
      }
      late = late_of(5 * points, step, accuracy, loss);
    }
    count += counts_of(input).many() ? 1 : 0;
  }
  return static_cast<double>(count) / studies;
}

}  // namespace

TEST_CASE("noise about a plateau is hardly ever taken for an improvement and a fall is seen") {
  for (const int points : {2, 4}) {
    CAPTURE(points);
    CHECK(doubted(200, points, 0, 0.05, 0) <= 0.03);
    CHECK(doubted(200, points, 0.3, 0.05, 0) > 0.9);
  }
}

// docs/statistics.md has what it prints.
TEST_CASE("doubts about steps by gain and noise", "[.simulation]") {
  for (const int points : {2, 4, 8}) {
    for (const double noise : {0.02, 0.05, 0.1}) {
      for (const double memory : {0.0, 0.5}) {
        std::printf("%d validations, noise %.2f, memory %.1f:", points + 1, noise, memory);
        for (const double gain : {0.0, 0.03, 0.1, 0.2, 0.3})
          std::printf("  gain %.2f %.3f", gain, doubted(1000, points, gain, noise, memory));
        std::printf("\n");
      }
    }
  }
}

}  // namespace surd::analysis
