#include "bench/labels.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/random.hpp"
#include "bench/studies.hpp"
#include "law/contrast.hpp"
#include "law/fit.hpp"
#include "law/outcome.hpp"

namespace surd::bench {
namespace {

constexpr double threshold = 90.5;  // the width needed at the geometric mean length
constexpr double kappa = 6;
constexpr double lapse = 0.05;

std::vector<double> powers(double from, double to, double ratio) {
  std::vector<double> values;
  for (double value = from; value < to * 1.001; value *= ratio) values.push_back(value);
  return values;
}

std::vector<law::Cell> drawn(const LabelDesign& design, double (*log_width)(double), double shift,
                             RandomStream& random) {
  const double middle = log_width(law::mean_log(design.lengths));
  std::vector<law::Cell> cells;
  for (const double length : design.lengths) {
    const double needed = std::log(threshold) + shift + log_width(std::log(length)) - middle;
    for (const double width : design.widths) {
      const double p = (1 - lapse) / (1 + std::exp(-kappa * (std::log(width) - needed)));
      law::Cell cell{.length = length, .hidden = width, .seeds = design.seeds};
      for (int seed = 0; seed < design.seeds; ++seed) cell.solved += random.uniform() < p;
      cells.push_back(cell);
    }
  }
  return cells;
}

bool is_wrong(const LabelLaw& law, law::Verdict verdict, const std::string& words) {
  switch (verdict) {
    case law::Verdict::sqrt:
      return !law.sqrt_if_said || words.find(*law.sqrt_if_said) == std::string::npos;
    case law::Verdict::flat: return law.grows;
    case law::Verdict::grows: return !law.grows;
    case law::Verdict::inconclusive: break;
  }
  return false;
}

struct Labelled {
  std::optional<double> half_width;
  law::Judgement after;
  law::Verdict before = law::Verdict::inconclusive;
};

Labelled labelled(const LabelDesign& design, const LabelLaw& law, RandomStream random) {
  const double step = std::log(design.widths[1] / design.widths[0]);
  const double shift = step * (random.uniform() - 0.5);
  const auto cells = drawn(design, law.log_width, shift, random);
  const auto baseline = drawn(
      design, [](double) { return 0.0; }, shift, random);
  const law::Fit fit = law::fit(cells);
  const law::Contrast contrast = law::contrast(cells, baseline);
  Labelled one{.half_width = {},
               .after = law::judge(fit, &contrast, cells),
               .before = verdict_before(fit, &contrast)};
  if (fit.alpha)
    one.half_width = (fit.interval.high.value_or(law::alpha_highest) -
                      fit.interval.low.value_or(law::alpha_lowest)) /
                     2;
  return one;
}

double share(int count, const LabelRow& row) { return static_cast<double>(count) / row.studies; }

}  // namespace

const std::vector<LabelDesign>& label_designs() {
  static const std::vector<LabelDesign> designs = [] {
    const auto seven = powers(16, 1024, 2);
    const auto doubled = powers(4, 2048, 2);
    return std::vector<LabelDesign>{
        {"7 lengths 16..1024, widths in steps of 2, 2 seeds", seven, doubled, 2},
        {"7 lengths 16..1024, widths in steps of 2, 3 seeds", seven, doubled, 3},
        {"7 lengths 16..1024, widths in steps of 2, 4 seeds", seven, doubled, 4},
        {"7 lengths 16..1024, widths in steps of 2, 6 seeds", seven, doubled, 6},
        {"5 lengths 16..256, widths in steps of sqrt 2, 6 seeds", powers(16, 256, 2),
         powers(4, 2048, std::sqrt(2.0)), 6},
    };
  }();
  return designs;
}

const std::vector<LabelLaw>& label_laws() {
  static const std::vector<LabelLaw> laws = {
      {"const", [](double) { return 0.0; }, false, {}},
      {"L^.25", [](double l) { return l / 4; }, true, {}},
      {"sqrt L", [](double l) { return l / 2; }, true, ""},
      {"L^.75", [](double l) { return 3 * l / 4; }, true, {}},
      {"L", [](double l) { return l; }, true, {}},
      {"ln L", [](double l) { return std::log(l); }, true, {}},
      {"sqrt(L)/ln L", [](double l) { return l / 2 - std::log(l); }, true, "sqrt(L)/ln L"},
      {"sqrt(L ln L)", [](double l) { return (l + std::log(l)) / 2; }, true, "sqrt(L ln L)"},
      {"sqrt(L) ln L", [](double l) { return l / 2 + std::log(l); }, true, "sqrt(L) ln L"},
      {"L/ln L", [](double l) { return l - std::log(l); }, true, {}},
      {"24 + 5 sqrt L", [](double l) { return std::log(24 + 5 * std::exp(l / 2)); }, true,
       "an offset d0 of"},
      {"L/(L + 64)", [](double l) { return -std::log1p(64 * std::exp(-l)); }, true, {}},
  };
  return laws;
}

law::Verdict verdict_before(const law::Fit& fit, const law::Contrast* contrast) {
  if (!fit.alpha || fit.lengths.size() < 3) return law::Verdict::inconclusive;
  const law::Interval& alpha = fit.interval;
  const bool faster = contrast && contrast->delta && contrast->lengths.size() > 2 &&
                      !contrast->interval.contains(0);
  if (faster && alpha.contains(0.5) && !alpha.contains(0) && !alpha.contains(1))
    return law::Verdict::sqrt;
  if (alpha.contains(0) && !alpha.contains(0.25)) return law::Verdict::flat;
  return alpha.low && *alpha.low > 0 ? law::Verdict::grows : law::Verdict::inconclusive;
}

LabelRow measure_labels(const LabelDesign& design, const LabelLaw& law, int studies,
                        std::uint64_t seed, int threads) {
  std::vector<Labelled> all(static_cast<std::size_t>(studies));
  for_each_study(studies, threads, [&](std::size_t i) {
    all[i] = labelled(design, law, RandomStream(seed, Split::test, i, 0));
  });
  LabelRow row;
  row.studies = studies;
  std::vector<double> half_widths;
  for (const Labelled& one : all) {
    if (one.half_width) half_widths.push_back(*one.half_width);
    ++row.labels[one.after.verdict];
    row.wrong += is_wrong(law, one.after.verdict, one.after.words);
    row.sqrt_before += one.before == law::Verdict::sqrt;
    // Its words named nothing beside sqrt(L).
    row.wrong_before += is_wrong(law, one.before, "");
  }
  if (!half_widths.empty()) {
    const auto middle = half_widths.begin() + static_cast<std::ptrdiff_t>(half_widths.size() / 2);
    std::nth_element(half_widths.begin(), middle, half_widths.end());
    row.half_width = *middle;
  }
  return row;
}

std::string labels_header(bool before) {
  return before ? "| true law | half-width | sqrt | flat | grows | inconclusive | wrong | sqrt "
                  "before | wrong before |\n|---|---|---|---|---|---|---|---|---|\n"
                : "| true law | half-width | sqrt | flat | grows | inconclusive | wrong |\n"
                  "|---|---|---|---|---|---|---|\n";
}

std::string labels_line(const LabelLaw& law, const LabelRow& row, bool before) {
  const auto of = [&](law::Verdict verdict) {
    const auto found = row.labels.find(verdict);
    return share(found == row.labels.end() ? 0 : found->second, row);
  };
  std::string line =
      fmt::format("| {} | {:.2f} | {:.3f} | {:.3f} | {:.3f} | {:.3f} | {:.3f} |", law.name,
                  row.half_width, of(law::Verdict::sqrt), of(law::Verdict::flat),
                  of(law::Verdict::grows), of(law::Verdict::inconclusive), share(row.wrong, row));
  if (before)
    line += fmt::format(" {:.3f} | {:.3f} |", share(row.sqrt_before, row),
                        share(row.wrong_before, row));
  return line + "\n";
}

Json to_json(const LabelDesign& design, const LabelLaw& law, const LabelRow& row) {
  Json json = {{"design", design.name},
               {"law", law.name},
               {"studies", row.studies},
               {"half_width", row.half_width},
               {"wrong", share(row.wrong, row)},
               {"sqrt_before", share(row.sqrt_before, row)},
               {"wrong_before", share(row.wrong_before, row)}};
  for (const auto& [verdict, count] : row.labels)
    json["labels"][law::to_string(verdict)] = share(count, row);
  return json;
}

}  // namespace surd::bench
