#include "analysis/report/fit_tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <ranges>

#include "analysis/input/scale.hpp"
#include "analysis/report/columns.hpp"
#include "analysis/report/curvature_output.hpp"

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

ResultTable unused_table(const Findings& findings) {
  using U = const law::Unused&;
  return make_table<law::Unused>(
      {{{.key = "id", .means = "of the trial"}, [](U one) { return one.id; }},
       {{.key = "reason", .means = "why no fit uses it"}, [](U one) { return one.reason; }}},
      findings.unused);
}

}  // namespace surd::analysis
