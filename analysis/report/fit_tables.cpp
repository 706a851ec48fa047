#include "analysis/report/fit_tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <ranges>

#include "analysis/input/scale.hpp"
#include "analysis/report/columns.hpp"
#include "analysis/report/curvature_output.hpp"
#include "analysis/report/page.hpp"
#include "law/share.hpp"

namespace surd::analysis {
namespace {

Value if_fitted(const law::Fit& fit, const Value& value) { return fit.alpha ? value : Value(); }
// An exponent that is not determined may be bounded on one side.
Value where_known(const law::Fit& fit, const law::Interval& interval) {
  return fit.alpha || interval.low || interval.high ? Value(interval) : Value();
}
std::int64_t whole(std::size_t value) { return static_cast<std::int64_t>(value); }

// "0.26 on 3", its degrees of freedom.
std::string lack_of_fit(const law::Fit& fit) {
  return fmt::format("{} on {}", rounded(fit.lack_of_fit, 2), std::max(0, fit.lack_of_fit_degrees));
}

const law::Series& series_of(const Finding& finding) { return finding.series; }

Value estimate(const std::optional<double>& value, const law::Interval& interval) {
  return value ? Value(Estimate{*value, interval}) : Value();
}

// As HTML.
std::string of_law(const std::string& name) {
  if (name == "L^.25") return "L<sup>\u00bc</sup>";
  if (name == "sqrt L") return "\u221aL";
  if (name == "sqrt(L)/ln L") return "\u221aL / ln L";
  if (name == "sqrt(L ln L)") return "\u221a(L ln L)";
  if (name == "sqrt(L) ln L") return "\u221aL ln L";
  return escaped(name);
}

using FitRow = const Finding&;

constexpr const char* lengths_meaning =
    "the lengths that the law was fitted to; tables for people say how many they are";

std::vector<TableColumnOf<Finding>> law_columns(const ScaleWords& words) {
  return {
      {{.heading = "verdict",
        .left = true,
        .means = "what the interval of alpha allows, in a word"},
       [](FitRow f) { return law::to_string(f.judgement.verdict); }},
      {{.key = "lengths", .heading = "lengths", .means = lengths_meaning},
       [](FitRow f) { return f.fit.lengths; }},
      {{.key = "alpha",
        .title = "alpha",
        .heading = "\u03b1",
        .format = Format::two_digits,
        .means = fmt::format("the exponent: the {0} needed grows as L^alpha. 0: one {0} suffices "
                             "at every length; 0.5: it grows as sqrt(L); 1: as L",
                             words.noun)},
       [](FitRow f) { return value_of(f.fit.alpha); }},
      {{.key = "alpha_{}",
        .title = "95 %",
        .heading = "95 %",
        .means = "the values of alpha that the seeds allow; wider where the law fits badly. An end "
                 "is open where none from -2 to 3 (of a width) is excluded on that side"},
       [](FitRow f) { return where_known(f.fit, f.fit.interval); }},
      {{.key = "alpha_{}_unwidened",
        .title = "unwidened",
        .heading = "95 % unwidened",
        .part = Part::details,
        .means = "the interval of alpha if the power law held exactly (q = 3.84)"},
       [](FitRow f) { return where_known(f.fit, f.fit.unwidened); }},
      {{.key = "threshold",
        .title = "threshold",
        .heading = words.unit,
        .format = Format::three_that_count,
        .means = fmt::format("the {} that the law says is needed at the length in the column at L",
                             words.noun)},
       [](FitRow f) { return value_of(f.fit.threshold); }},
      {{.title = "at L",
        .heading = "at L",
        .format = Format::whole,
        .means = fmt::format("the geometric mean of the lengths. At another length the {} needed "
                             "is threshold * (length / at L)^alpha",
                             words.noun)},
       [](FitRow f) {
         return f.fit.threshold ? Value(std::exp(law::mean_log(f.fit.lengths))) : Value();
       }},
      {{.key = "kappa",
        .title = "kappa",
        .heading = "\u03ba",
        .format = Format::three_that_count,
        .part = Part::details,
        .means =
            fmt::format("steepness: how sharply the chance that a seed is solved rises with the "
                        "logarithm of the {} about the threshold",
                        words.noun)},
       [](FitRow f) { return value_of(f.fit.kappa); }},
      {{.key = "lapse",
        .title = "lapse",
        .heading = "lapse",
        .format = Format::three_digits,
        .part = Part::details,
        .means = "share of seeds that fail although the width suffices, at the mean length"},
       [](FitRow f) { return value_of(f.fit.lapse); }},
  };
}

std::vector<TableColumnOf<Finding>> quality_columns(SizeScale scale) {
  return {
      {{.key = "log_likelihood",
        .means = "of the seeds, by the fitted law, with binomial coefficients and without the "
                 "penalties"},
       [](FitRow f) { return f.fit.threshold ? Value(f.fit.log_likelihood) : Value(); }},
      {{.key = "lack_of_fit",
        .means = "twice the gain in log likelihood where each length may have a threshold of its "
                 "own"},
       [](FitRow f) { return if_fitted(f.fit, f.fit.lack_of_fit); }},
      {{.key = "lack_of_fit_df", .means = "its degrees of freedom: lengths less 2"},
       [](FitRow f) { return whole(std::max(0, f.fit.lack_of_fit_degrees)); }},
      {{.key = "dispersion",
        .title = "h",
        .heading = "h",
        .format = Format::two_digits,
        .part = Part::details,
        .means =
            "dispersion: lack of fit over its degrees of freedom, at least 1. Well above 1 the "
            "thresholds scatter about the law more than seeds explain"},
       [](FitRow f) { return if_fitted(f.fit, f.fit.criterion.dispersion); }},
      {{.key = "critical_value",
        .title = "q",
        .heading = "q",
        .format = Format::two_digits,
        .part = Part::details,
        .means = "how far the profile deviance may rise inside the interval: 3.84 where h is 1, "
                 "else h times the .95 quantile of F"},
       [](FitRow f) { return if_fitted(f.fit, f.fit.criterion.critical); }},
      {{.heading = "lack of fit",
        .means = "twice the gain in log likelihood by a threshold of its own for each length, and "
                 "its degrees of freedom"},
       [](FitRow f) { return if_fitted(f.fit, lack_of_fit(f.fit)); }},
      {{.title = "lengths", .means = lengths_meaning}, [](FitRow f) { return f.fit.lengths; }},
      {{.key = "verdict",
        .means =
            "sqrt: alpha may be .5 and is neither .25 nor .75, differs from the baseline's, "
            "and no law that bends fits as well; flat: it may be 0 and is below .25; grows: it "
            "is above 0; else inconclusive"},
       [](FitRow f) { return law::to_string(f.judgement.verdict); }},
      {{.key = "scale",
        .csv = scale != SizeScale::hidden,
        .where_it_has = true,
        .means = "the column whose sizes stand in place of the width (--scale); only where one "
                 "does"},
       [scale](FitRow) {
         return scale == SizeScale::hidden ? Value() : Value(words_of(scale).key);
       }},
      {{.key = "reason",
        .where_it_has = true,
        .means = "why a number is missing, and what to run next; only where one is"},
       [](FitRow f) { return words_or_none(f.fit.reason); }},
      {{.key = "seeds_solved",
        .csv = false,
        .means = "how many of all seeds of the row are solved"},
       [](FitRow f) { return whole(f.series.solved); }},
      {{.key = "solved_at_lowest_rate",
        .csv = false,
        .means =
            "of the solved seeds, those whose best learning rate is the lowest tried: many say "
            "that lower ones should be"},
       [](FitRow f) { return whole(f.series.solved_at_lowest_rate); }},
      {{.key = "solved_at_highest_rate", .csv = false, .means = "the same of the highest"},
       [](FitRow f) { return whole(f.series.solved_at_highest_rate); }},
      {{.key = "words", .csv = false, .means = "the verdict in a sentence, as under Verdicts"},
       [](FitRow f) { return f.judgement.words; }},
  };
}

using ContrastRow = const Comparison&;

constexpr const char* baseline_meaning =
    "the architecture that the others are compared with: --baseline, else the study's "
    "fit.baseline, else the first that the input names";
constexpr const char* ratios_meaning =
    "the ratios that the seeds allow, from the same fit as delta alpha";

std::vector<TableColumnOf<Comparison>> ratio_columns(const ScaleWords& words) {
  const std::string title = fmt::format("{} ratio", words.unit);
  return {
      {{.key = "width_ratio",
        .title = title,
        .heading = title,
        .format = Format::three_that_count,
        .means =
            fmt::format("the {} that the architecture needs over that which the baseline needs, "
                        "at the length in the column at L. Above 1 the baseline needs less",
                        words.noun)},
       [](ContrastRow c) { return value_of(c.widths.ratio); }},
      {{.key = "width_ratio_{}",
        .title = "95 %",
        .heading = "95 %",
        .format = Format::three_that_count,
        .means = ratios_meaning},
       [](ContrastRow c) { return c.widths.ratio ? Value(c.widths.interval) : Value(); }},
      {{.key = "width_ratio_length",
        .title = "at L",
        .heading = "at L",
        .means = "the largest length that counts"},
       [](ContrastRow c) { return c.widths.ratio ? Value(c.widths.length) : Value(); }},
  };
}

std::vector<TableColumnOf<Comparison>> difference_columns() {
  const auto if_compared = [](ContrastRow c, const Value& value) {
    return c.contrast.delta ? value : Value();
  };
  return {
      {{.key = "baseline", .heading = "against", .left = true, .means = baseline_meaning},
       [](ContrastRow c) { return c.baseline; }},
      {{.key = "delta_alpha",
        .title = "delta alpha",
        .heading = "\u0394\u03b1",
        .format = Format::signed_two_digits,
        .means = "alpha less that of the baseline, over the lengths that count. Above 0 what the "
                 "architecture needs grows faster"},
       [](ContrastRow c) { return value_of(c.contrast.delta); }},
      {{.key = "delta_{}",
        .title = "95 %",
        .heading = "95 %",
        .means = "the differences that the seeds allow; 0 inside: none is shown"},
       [](ContrastRow c) { return c.contrast.interval; }},
      {{.key = "delta_{}_unwidened",
        .title = "unwidened",
        .heading = "95 % unwidened",
        .part = Part::details,
        .means = "the interval of delta alpha if both power laws held exactly (q = 3.84)"},
       [](ContrastRow c) { return c.contrast.unwidened; }},
      {{.key = "fit",
        .title = "fit",
        .heading = "fit",
        .left = true,
        .part = Part::details,
        .means = "paired, from six lengths on: what makes a length hard for both cancels; joint, "
                 "with fewer: a law for each of the two"},
       [=](ContrastRow c) { return if_compared(c, c.contrast.paired ? "paired" : "joint"); }},
      {{.key = "dispersion",
        .title = "h",
        .heading = "h",
        .format = Format::two_digits,
        .part = Part::details,
        .means = "dispersion, as of an exponent: of both laws together where the fit is joint, of "
                 "what tells the two apart where it is paired"},
       [=](ContrastRow c) { return if_compared(c, c.contrast.criterion.dispersion); }},
      {{.key = "critical_value",
        .title = "q",
        .heading = "q",
        .format = Format::two_digits,
        .part = Part::details,
        .means = "how far the profile deviance may rise inside an interval"},
       [=](ContrastRow c) { return if_compared(c, c.contrast.criterion.critical); }},
  };
}

// A column a law of references, of the same meaning.
std::vector<TableColumnOf<Finding>> weight_columns() {
  std::vector<TableColumnOf<Finding>> columns;
  const std::vector<std::string>& names = law::reference_names();
  for (std::size_t i = 0; i < names.size(); ++i) {
    columns.push_back(
        {{.title = names[i],
          .heading = of_law(names[i]),
          .format = Format::two_digits,
          .means = "the weight of the law width = constant * this, without a free exponent: how "
                   "these laws share the evidence (Akaike's, by AICc)"},
         [i](FitRow f) {
           const auto& all = f.beside.references.laws;
           const double most = std::ranges::max(all, {}, &law::ReferenceLaw::weight).weight;
           return all[i].weight == most ? Value(Strong{most}) : Value(all[i].weight);
         }});
  }
  return columns;
}

}  // namespace

ResultTable exponents_table(const Findings& findings) {
  auto columns = named<Finding>(series_of);
  append(columns, law_columns(words_of(findings.settings.scale)));
  append(columns, quality_columns(findings.settings.scale));
  append(columns, curvature_columns());
  return make_table(columns, findings.fits);
}

ResultTable differences_table(const Findings& findings, Which which) {
  auto columns = named<Comparison>([](ContrastRow c) -> ContrastRow { return c; });
  append(columns, difference_columns());
  append(columns, ratio_columns(words_of(findings.settings.scale)));
  append<Comparison>(
      columns,
      {
          {{.key = "lengths",
            .title = "lengths",
            .heading = "lengths",
            .means = "those that count: at which each of the two has a width that most seeds do "
                     "not solve and a larger one that most do; tables for people say how many"},
           [](ContrastRow c) { return c.contrast.lengths; }},
          {{.key = "reason",
            .where_it_has = true,
            .means = "why there is no difference, and what to run next; only where there is none"},
           [](ContrastRow c) { return words_or_none(c.contrast.reason); }},
      });
  return make_table(columns, findings.contrasts | std::views::filter([=](ContrastRow c) {
                               return which == Which::all || c.contrast.delta.has_value();
                             }));
}

ResultTable width_ratios_table(const Findings& findings) {
  struct Ratio {
    const Comparison* comparison = nullptr;
    law::WidthRatio widths;
  };
  std::vector<Ratio> ratios;
  for (const Comparison& one : findings.contrasts) {
    for (const law::WidthRatio& widths : one.widths_at) ratios.push_back({&one, widths});
  }
  using R = const Ratio&;
  auto columns = named<Ratio>([](R one) -> const Comparison& { return *one.comparison; });
  append<Ratio>(
      columns,
      {
          {{.key = "baseline", .heading = "against", .left = true, .means = baseline_meaning},
           [](R one) { return one.comparison->baseline; }},
          {{.key = "length",
            .title = "at L",
            .heading = "at L",
            .means = "a length of --at that both have"},
           [](R one) { return one.widths.length; }},
          {{.key = "width_ratio",
            .title = "width ratio",
            .heading = "width ratio",
            .format = Format::three_that_count,
            .means = "the width that the architecture needs over that of the baseline at that "
                     "length, from the fit of delta alpha"},
           [](R one) { return value_of(one.widths.ratio); }},
          {{.key = "width_ratio_{}",
            .title = "95 %",
            .heading = "95 %",
            .format = Format::three_that_count,
            .means = ratios_meaning},
           [](R one) { return one.widths.interval; }},
      });
  return make_table(columns, ratios);
}

ResultTable thresholds_table(const Findings& findings, Which which) {
  struct AtLength {
    const Finding* finding = nullptr;
    const Threshold* threshold = nullptr;
  };
  std::vector<AtLength> lengths;
  for (const Finding& finding : findings.fits) {
    if (which == Which::shown && !finding.fit.alpha) continue;
    for (const Threshold& threshold : finding.thresholds) lengths.push_back({&finding, &threshold});
  }
  using T = const AtLength&;
  auto columns = named<AtLength>([](T one) -> const law::Series& { return one.finding->series; });
  append<AtLength>(
      columns,
      {
          {{.key = "length",
            .title = "at L",
            .heading = "at L",
            .means = "one of the lengths that were fitted"},
           [](T one) { return one.threshold->point.length; }},
          {{.key = "threshold",
            .title = "threshold",
            .heading = "threshold",
            .format = Format::three_that_count,
            .means = "the width that the seeds of this length need, which share only kappa and "
                     "lapse with those of the others"},
           [](T one) { return value_of(one.threshold->point.width); }},
          {{.key = "threshold_{}",
            .title = "95 %",
            .heading = "95 %",
            .format = Format::three_that_count,
            .means = "the widths that the seeds of this length allow; looked for as far as 4.5 "
                     "times beyond the widths that were run"},
           [](T one) {
             return one.finding->fit.alpha ? Value(one.threshold->point.interval) : Value();
           }},
          {{.key = "by_law",
            .title = "by the law",
            .heading = "by the law",
            .format = Format::three_that_count,
            .means = "the width that the power law of all lengths says is needed there"},
           [](T one) {
             const law::Fit& fit = one.finding->fit;
             if (!fit.alpha) return Value();
             return Value(*fit.threshold *
                          std::exp(*fit.alpha * (std::log(one.threshold->point.length) -
                                                 law::mean_log(fit.lengths))));
           }},
          {{.key = "solved_from",
            .means = "the smallest width that was run, where every seed of the length is solved"},
           [](T one) { return one.threshold->above ? Value() : value_of(one.threshold->edge); }},
          {{.key = "unsolved_to",
            .means = "the largest width that was run, where no seed of the length is solved"},
           [](T one) { return one.threshold->above ? value_of(one.threshold->edge) : Value(); }},
      });
  return make_table(columns, lengths);
}

ResultTable cells_table(const Findings& findings) {
  struct OfCell {
    const Finding* finding = nullptr;
    law::Cell cell;
  };
  std::vector<OfCell> cells;
  for (const Finding& finding : findings.fits) {
    for (const law::Cell& cell : finding.series.cells) cells.push_back({&finding, cell});
  }
  using C = const OfCell&;
  auto columns = named<OfCell>([](C one) -> const law::Series& { return one.finding->series; });
  append<OfCell>(
      columns,
      {
          {{.key = "length", .means = "of the cell"}, [](C one) { return one.cell.length; }},
          {{.key = "hidden", .means = "its width"}, [](C one) { return one.cell.hidden; }},
          {{.key = "seeds", .means = "that the fit counts in it"},
           [](C one) { return std::int64_t{one.cell.seeds}; }},
          {{.key = "solved", .means = "how many of these are solved"},
           [](C one) { return std::int64_t{one.cell.solved}; }},
          {{.key = "share", .means = "solved over seeds"},
           [](C one) {
             const auto share = law::share_of(one.cell.solved, one.cell.seeds);
             return share ? Value(share->value) : Value();
           }},
          {{.key = "share_{}", .means = "its 95 % interval, of Clopper and Pearson"},
           [](C one) {
             const auto share = law::share_of(one.cell.solved, one.cell.seeds);
             return share ? Value(law::Interval{.low = share->low, .high = share->high}) : Value();
           }},
          {{.key = "by_law", .means = "the chance that a seed is solved, by the fitted law"},
           [](C one) {
             const law::Fit& fit = one.finding->fit;
             return fit.alpha ? Value(law::success(fit, one.cell.length, one.cell.hidden))
                              : Value();
           }},
      });
  return make_table(columns, cells);
}

ResultTable laws_table(const Findings& findings) {
  auto columns = named<Finding>(series_of);
  append(columns, weight_columns());
  const Meaning offset =
      "of width = d0 + a sqrt(L), which grows as sqrt(L) but looks like a smaller exponent: the "
      "part d0 that does not grow, with its 95 % interval; 0 where none is needed";
  const Meaning saturation =
      "of width = a L/(L + K), which grows as L below the length K and no more above it";
  append<Finding>(
      columns,
      {
          {{.title = "d0 of d0 + a sqrt(L)", .means = offset},
           [](FitRow f) {
             const auto& [low, high] = f.beside.offset.offset_interval;
             return fmt::format("{} [{}, {}]", text3(f.beside.offset.offset), text3(low),
                                text3(high));
           }},
          {{.heading = "d<sub>0</sub>", .format = Format::three_that_count, .means = offset},
           [](FitRow f) {
             return estimate(f.beside.offset.offset, f.beside.offset.offset_interval);
           }},
          {{.title = "K of L/(L + K)",
            .heading = "K",
            .format = Format::three_that_count,
            .means = saturation},
           [](FitRow f) { return value_of(f.beside.saturation.half); }},
          {{.title = "over sqrt L",
            .heading = "over \u221aL",
            .format = Format::signed_two_digits,
            .means =
                "the log likelihood of L/(L + K) less that of sqrt(L): above -.5 no verdict is "
                "sqrt"},
           [](FitRow f) {
             return f.beside.saturation.half ? Value(f.beside.saturation.over_sqrt) : Value();
           }},
      });
  return make_table(columns, findings.fits | std::views::filter([](FitRow f) {
                               return !f.beside.references.laws.empty();
                             }));
}

ResultTable held_out_table(const Findings& findings, Which which) {
  const auto& [key, unit, heading, noun] = words_of(findings.settings.scale);
  const Meaning predicted =
      fmt::format("the {} needed there, by the law of the other lengths, with its 95 %", noun);
  const Meaning observed =
      fmt::format("the {} needed there, by the seeds of that length, with its 95 %", noun);
  auto columns = named<Finding>(series_of);
  append<Finding>(
      columns,
      {
          {{.key = "length",
            .title = "at L",
            .heading = "at L",
            .means = "the largest length, which is left out of the law and predicted by it"},
           [](FitRow f) {
             return f.beside.held_out.length > 0 ? Value(f.beside.held_out.length) : Value();
           }},
          {{.title = "predicted",
            .heading = fmt::format("predicted {}", unit),
            .format = Format::three_that_count,
            .means = predicted},
           [](FitRow f) {
             return estimate(f.beside.held_out.predicted.width,
                             f.beside.held_out.predicted.interval);
           }},
          {{.title = "found",
            .heading = "found",
            .format = Format::three_that_count,
            .means = observed},
           [](FitRow f) {
             return estimate(f.beside.held_out.observed.width, f.beside.held_out.observed.interval);
           }},
          {{.key = "predicted", .means = predicted},
           [](FitRow f) { return value_of(f.beside.held_out.predicted.width); }},
          {{.key = "predicted_{}", .means = predicted},
           [](FitRow f) { return f.beside.held_out.predicted.interval; }},
          {{.key = "observed", .means = observed},
           [](FitRow f) { return value_of(f.beside.held_out.observed.width); }},
          {{.key = "observed_{}", .means = observed},
           [](FitRow f) { return f.beside.held_out.observed.interval; }},
          {{.key = "miss",
            .title = "miss",
            .heading = "miss",
            .format = Format::signed_two_digits,
            .means = "ln(found / predicted) in units of both intervals: beyond 1 in size the law "
                     "does not carry on to that length"},
           [](FitRow f) {
             const std::optional<double> miss = f.beside.held_out.miss;
             return miss && std::abs(*miss) > 1 ? Value(Strong{*miss}) : value_of(miss);
           }},
          {{.key = "reason",
            .where_it_has = true,
            .means = "why there is no miss; only where there is none"},
           [](FitRow f) { return words_or_none(f.beside.held_out.reason); }},
      });
  return make_table(columns, findings.fits | std::views::filter([=](FitRow f) {
                               return which == Which::all || f.beside.held_out.miss.has_value();
                             }));
}

ResultTable compute_table(const Findings& findings) {
  const std::string& baseline = findings.settings.baseline;
  const auto saving = [&findings](FitRow f) {
    const Comparison* compared = comparison_of(findings.contrasts, f.series);
    return compared ? compared->saving : Saving{};
  };
  const auto gamma = [](const law::Compute& one) { return estimate(one.gamma, one.interval); };
  const auto ratio = [](const law::Saving& one) { return estimate(one.ratio, one.interval); };
  const Meaning ratio_meaning =
      "these FLOPs over those of the baseline, each at its own threshold width, at the largest "
      "length that counts; below 1 the architecture saves";
  auto columns = named<Finding>(series_of);
  append<Finding>(
      columns,
      {
          {{.title = "forward",
            .heading = "\u03b3 forward",
            .format = Format::two_digits,
            .means = "gamma: the FLOPs of a forward pass over one mean training sequence, at the "
                     "threshold width, grow as L^gamma"},
           [=](FitRow f) { return gamma(f.compute.forward); }},
          {{.title = "generated",
            .heading = "\u03b3 generated",
            .format = Format::two_digits,
            .means = "the same of one sequence of the full length, generated token by token"},
           [=](FitRow f) { return gamma(f.compute.generation); }},
          {{.heading = "at L", .means = "the largest length that counts"},
           [=](FitRow f) {
             const auto [forward, generation] = saving(f);
             const double length = generation.ratio ? generation.length : forward.length;
             return length > 0 ? Value(length) : Value();
           }},
          {{.title = "forward / " + baseline,
            .heading = "forward / " + escaped(baseline),
            .format = Format::three_that_count,
            .means = ratio_meaning},
           [=](FitRow f) { return ratio(saving(f).forward); }},
          {{.title = "generated / " + baseline,
            .heading = "generated / " + escaped(baseline),
            .format = Format::three_that_count,
            .means = ratio_meaning},
           [=](FitRow f) { return ratio(saving(f).generation); }},
      });
  return make_table(columns, findings.fits | std::views::filter([](FitRow f) {
                               return f.compute.forward.gamma || f.compute.generation.gamma;
                             }));
}

ResultTable unused_table(const Findings& findings) {
  using U = const law::Unused&;
  return make_table<law::Unused>(
      {{{.key = "id", .means = "of the trial"}, [](U one) { return one.id; }},
       {{.key = "reason", .means = "why no fit uses it"}, [](U one) { return one.reason; }}},
      findings.unused);
}

}  // namespace surd::analysis
