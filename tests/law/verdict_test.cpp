#include "law/verdict.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "law/example.hpp"

namespace surd::law {
namespace {

Fit with_interval(std::optional<double> low, std::optional<double> high, std::size_t lengths = 6) {
  Fit fit;
  for (std::size_t i = 0; i < lengths; ++i)
    fit.lengths.push_back(16.0 * static_cast<double>(i + 1));
  fit.interval = {.low = low, .high = high};
  fit.unwidened = fit.interval;
  fit.alpha = (low.value_or(-1) + high.value_or(2)) / 2;
  return fit;
}

Contrast with_delta(double low, double high) {
  Contrast contrast;
  contrast.lengths = {16, 32, 64, 128, 256};
  contrast.delta = (low + high) / 2;
  contrast.interval = {.low = low, .high = high};
  return contrast;
}

Verdict verdict(const Fit& fit, const Contrast* contrast = nullptr) {
  return judge(fit, contrast, {}).verdict;
}

TEST_CASE("sqrt needs .5 inside, .25 and .75 outside, and a difference to the baseline") {
  const auto faster = with_delta(.1, .5);
  const auto same = with_delta(-.1, .5);
  CHECK(verdict(with_interval(.3, .7), &faster) == Verdict::sqrt);
  CHECK(judge(with_interval(.3, .7), &faster, {}).words ==
        "consistent with sqrt(L), between L^0.30 and L^0.70");
  CHECK(verdict(with_interval(.3, .7), &same) == Verdict::grows);
  CHECK(verdict(with_interval(.3, .7)) == Verdict::grows);
  CHECK(verdict(with_interval(.2, .7), &faster) == Verdict::grows);
  CHECK(verdict(with_interval(.25, .7), &faster) == Verdict::grows);
  CHECK(verdict(with_interval(.3, .8), &faster) == Verdict::grows);
  CHECK(verdict(with_interval(.3, .75), &faster) == Verdict::grows);
  CHECK(verdict(with_interval(.3, 1.1), &faster) == Verdict::grows);
  CHECK(verdict(with_interval(-.1, .7), &faster) == Verdict::inconclusive);
  CHECK(verdict(with_interval(.6, .9), &faster) == Verdict::grows);
}

TEST_CASE("grows says between which powers") {
  const auto words = [](std::optional<double> low, std::optional<double> high) {
    return judge(with_interval(low, high), nullptr, {}).words;
  };
  CHECK(words(.2, .8) == "grows with L, between L^0.20 and L^0.80; sqrt(L) is not excluded");
  CHECK(words(.1, .4) == "grows with L, between L^0.10 and L^0.40, and not as sqrt(L)");
  CHECK(words(.7, 1.2) == "grows with L, between L^0.70 and L^1.20, consistent with L");
  CHECK(words(.3, std::nullopt) ==
        "grows with L, at least as L^0.30; neither sqrt(L) nor L is excluded");
}

// A study of a law of the width needed, with every outcome at its mean.
std::vector<Cell> mean_study(const std::vector<double>& lengths, double (*width)(double), int seeds,
                             double step) {
  std::vector<Cell> cells;
  for (const double length : lengths) {
    for (double hidden = 2; hidden < 5000; hidden *= step) {
      const double p = 1 / (1 + std::pow(width(length) / hidden, 6));
      cells.push_back({.length = length,
                       .hidden = hidden,
                       .seeds = seeds,
                       .solved = static_cast<int>(std::round(seeds * p))});
    }
  }
  return cells;
}
const std::vector<double> seven = {16, 32, 64, 128, 256, 512, 1024};

Judgement against_flat(double (*width)(double), int seeds = 20, double step = std::sqrt(2.0)) {
  const auto cells = mean_study(seven, width, seeds, step);
  const auto flat = mean_study(
      seven, [](double) { return 60.0; }, seeds, step);
  const Contrast difference = contrast(cells, flat);
  return judge(fit(cells), &difference, cells);
}

bool has(const std::string& words, const std::string& part) {
  return words.find(part) != std::string::npos;
}

TEST_CASE("sqrt names what only a logarithm separates from it") {
  const Judgement few =
      against_flat([](double L) { return 4 * std::sqrt(L) * std::pow(std::log(L), 0.15); }, 3, 2);
  CHECK(few.verdict == Verdict::sqrt);
  CHECK(has(few.words, "only a logarithm separates it from sqrt(L ln L)"));
  const Judgement many = against_flat([](double L) { return 6 * std::sqrt(L); }, 200);
  CHECK(many.verdict == Verdict::sqrt);
  CHECK_FALSE(has(many.words, "logarithm"));
  CHECK_FALSE(has(many.words, "saturates"));
}

TEST_CASE("sqrt names an offset") {
  const Judgement found = against_flat([](double L) { return 4 + 6 * std::sqrt(L); }, 4);
  CAPTURE(found.words);
  CHECK(found.verdict == Verdict::sqrt);
  CHECK(has(found.words, "d0 + a sqrt(L) fits too, with an offset d0 of "));
}

TEST_CASE("a law that bends is not called sqrt") {
  const Judgement few = against_flat([](double L) { return 400 * L / (L + 150); }, 2, 2);
  CAPTURE(few.words);
  CHECK(few.verdict == Verdict::grows);
  CHECK(has(few.words, "which saturates, fits "));
  const Judgement many = against_flat([](double L) { return 400 * L / (L + 100); }, 50);
  CHECK(many.verdict == Verdict::grows);
  CHECK(has(many.words, "but as no single power: the exponent falls from "));
}

TEST_CASE("widths that rise and fall again are not flat") {
  const Judgement arch =
      against_flat([](double L) { return 100 * std::exp(-0.05 * std::pow(std::log(L / 128), 2)); });
  CAPTURE(arch.words);
  CHECK(arch.verdict == Verdict::inconclusive);
  CHECK(has(arch.words, "no power law, since the exponent falls from "));
}

TEST_CASE("flat needs 0 inside and .25 outside") {
  CHECK(verdict(with_interval(-.1, .2)) == Verdict::flat);
  CHECK(verdict(with_interval(-.1, .25)) == Verdict::inconclusive);
  CHECK(verdict(with_interval(.01, .2)) == Verdict::grows);
}

TEST_CASE("a doubt ends the words, and one that withholds takes sqrt and flat back") {
  const auto faster = with_delta(.1, .5);
  const std::vector<Doubt> said = {{.words = "9 % are missing"}};
  const std::vector<Doubt> taken = {{.words = "9 % are missing"},
                                    {.words = "wide models fail", .withholds = true}};
  const Fit root = with_interval(.3, .7);
  CHECK(judge(root, &faster, {}, said).verdict == Verdict::sqrt);
  CHECK(judge(root, &faster, {}, said).words ==
        "consistent with sqrt(L), between L^0.30 and L^0.70; but 9 % are missing");
  CHECK(judge(root, &faster, {}, taken).verdict == Verdict::grows);
  CHECK(judge(root, &faster, {}, taken).words ==
        "grows with L, between L^0.30 and L^0.70; sqrt(L) is not excluded; but 9 % are missing; "
        "wide models fail");
  const Fit level = with_interval(-.1, .2);
  CHECK(judge(level, nullptr, {}, said).verdict == Verdict::flat);
  CHECK(judge(level, nullptr, {}, taken).verdict == Verdict::inconclusive);
  CHECK(judge(level, nullptr, {}, taken).words ==
        "inconclusive; but 9 % are missing; wide models fail");
}

TEST_CASE("an open end counts as infinite") {
  CHECK(verdict(with_interval(std::nullopt, .2)) == Verdict::flat);
  CHECK(verdict(with_interval(.2, std::nullopt)) == Verdict::grows);
  CHECK(verdict(with_interval(std::nullopt, std::nullopt)) == Verdict::inconclusive);
}

TEST_CASE("a width that falls with length does not grow") {
  const auto judgement = judge(with_interval(-.5, -.1), nullptr, {});
  CHECK(judgement.verdict == Verdict::inconclusive);
  CHECK(judgement.words.find("failed optimisation") != std::string::npos);
}

TEST_CASE("two lengths and no exponent are inconclusive, and the words say what to run") {
  const auto two = judge(with_interval(.3, .7, 2), nullptr, {});
  CHECK(two.verdict == Verdict::inconclusive);
  CHECK(two.words.find("run 4 more lengths") != std::string::npos);
  Fit none;
  none.reason = "no seed is solved";
  CHECK(judge(none, nullptr, {}).words == "no exponent: no seed is solved");
}

TEST_CASE("a difference over two shared lengths does not make sqrt") {
  Contrast two = with_delta(.1, .5);
  const Fit fit = with_interval(.3, .7);
  CHECK(judge(fit, &two, {}).verdict == Verdict::sqrt);
  two.lengths = {16, 32};
  CHECK(judge(fit, &two, {}).verdict == Verdict::grows);
}

TEST_CASE("inconclusive names the seeds that would settle it") {
  const auto judgement =
      judge(with_interval(-.1, .5), nullptr,
            example::reference());  // half width .3 about .2: 2.25 times the seeds
  CHECK(judgement.verdict == Verdict::inconclusive);
  CHECK(judgement.words ==
        "inconclusive: about 7 seeds a cell instead of 3 would settle it, as would more lengths or "
        "widths closer together");
}

}  // namespace
}  // namespace surd::law
