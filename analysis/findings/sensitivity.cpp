#include "analysis/findings/sensitivity.hpp"

#include <algorithm>
#include <set>

#include "analysis/findings/doubts.hpp"
#include "law/contrast.hpp"

namespace surd::analysis {
namespace {

// Runs stop at a validation accuracy of .995 or so, where .99 on the test would be a coin toss.
constexpr double usual_taus[] = {0.5, 0.9, 0.98};

const law::Series* find(const std::vector<law::Series>& series, const law::Series& like,
                        const std::string& architecture) {
  const auto found = std::find_if(series.begin(), series.end(), [&](const law::Series& one) {
    return one.task == like.task && one.axes == like.axes && one.architecture == architecture;
  });
  return found == series.end() ? nullptr : &*found;
}

Otherwise otherwise(double choice, const law::Fit& fit, const law::Contrast* contrast,
                    law::Verdict verdict) {
  Otherwise one{
      .choice = choice, .reason = fit.reason, .alpha = fit.alpha, .interval = fit.interval};
  one.verdict = verdict;
  if (contrast && contrast->delta) {
    one.delta = contrast->delta;
    one.delta_interval = contrast->interval;
  }
  return one;
}

// `like` among the series of other evidence.
Otherwise fit_otherwise(double choice, const law::Series& like,
                        const std::vector<law::Series>& series, const Input& input,
                        const Settings& settings) {
  const law::Series* same = find(series, like, like.architecture);
  if (!same) return {.choice = choice, .reason = "no trial was run so"};
  const law::Series* baseline =
      like.architecture == settings.baseline ? nullptr : find(series, like, settings.baseline);
  const law::Fit fit = law::fit(same->cells, settings.options);
  const std::vector<law::Doubt> doubts = doubts_of(input, *same, fit);
  if (!baseline)
    return otherwise(choice, fit, nullptr, law::judge(fit, nullptr, same->cells, doubts).verdict);
  const law::Contrast contrast = law::contrast(same->cells, baseline->cells, settings.options);
  return otherwise(choice, fit, &contrast, law::judge(fit, &contrast, same->cells, doubts).verdict);
}

// As it was fitted.
Otherwise as_found(double choice, const Finding& finding, std::span<const Comparison> comparisons) {
  const Comparison* comparison = comparison_of(comparisons, finding.series);
  return otherwise(choice, finding.fit, comparison ? &comparison->contrast : nullptr,
                   finding.judgement.verdict);
}

}  // namespace

Sensitivity sensitivity_of(const Input& input, std::span<const Finding> fits,
                           std::span<const Comparison> comparisons, const Settings& settings) {
  Sensitivity sensitivity;
  if (input.trials.empty()) {
    sensitivity.reason =
        "the input counts seeds as solved: it holds no accuracies and learning rates of which "
        "others could be chosen";
    return sensitivity;
  }
  const law::OrderedTrials trials(input.trials);
  std::set<double> rates;
  for (const Finding& finding : fits) {
    const law::Series& series = finding.series;
    sensitivity.series.push_back({.name = law::name(series),
                                  .task = series.task,
                                  .architecture = series.architecture,
                                  .axes = series.axes,
                                  .tau = {},
                                  .learning_rate = {}});
    if (series.learning_rates.size() > 1)
      rates.insert(series.learning_rates.begin(), series.learning_rates.end());
  }
  // The same series in the same order whatever tau is.
  std::set<double> taus(std::begin(usual_taus), std::end(usual_taus));
  taus.insert(settings.tau);
  for (const double tau : taus) {
    const std::vector<law::Series> series =
        tau == settings.tau ? std::vector<law::Series>{} : trials.collect(tau).series;
    for (std::size_t i = 0; i < fits.size(); ++i) {
      sensitivity.series[i].tau.push_back(
          tau == settings.tau ? as_found(tau, fits[i], comparisons)
                              : fit_otherwise(tau, fits[i].series, series, input, settings));
    }
  }
  for (const double rate : rates) {
    const std::vector<law::Series> series = trials.at_rate(rate).collect(settings.tau).series;
    for (std::size_t i = 0; i < fits.size(); ++i) {
      const std::vector<double>& common = fits[i].series.learning_rates;
      if (common.size() < 2 || !std::binary_search(common.begin(), common.end(), rate)) continue;
      sensitivity.series[i].learning_rate.push_back(
          fit_otherwise(rate, fits[i].series, series, input, settings));
    }
  }
  return sensitivity;
}

}  // namespace surd::analysis
