#include "analysis/findings/sensitivity.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "analysis/findings/findings.hpp"
#include "analysis/report/number.hpp"
#include "analysis/report/text.hpp"
#include "law/contrast.hpp"

namespace surd::analysis {
namespace {

// Runs stop at a validation accuracy of .995 or so, where .99 on the test would be a coin toss.
constexpr double usual_taus[] = {0.5, 0.9, 0.98};

const law::Series* find(const std::vector<law::Series>& series, const law::Series& like, const std::string& architecture) {
  const auto found = std::find_if(series.begin(), series.end(), [&](const law::Series& one) {
    return one.task == like.task && one.axes == like.axes && one.architecture == architecture;
  });
  return found == series.end() ? nullptr : &*found;
}

Otherwise otherwise(double choice, const law::Fit& fit, const law::Contrast* contrast, law::Verdict verdict) {
  Otherwise one{.choice = choice, .reason = fit.reason, .alpha = fit.alpha, .interval = fit.interval};
  one.verdict = verdict;
  if (contrast && contrast->delta) {
    one.delta = contrast->delta;
    one.delta_interval = contrast->interval;
  }
  return one;
}

// `like` among the series of other evidence.
Otherwise fit_otherwise(double choice, const law::Series& like, const std::vector<law::Series>& series, const Settings& settings) {
  const law::Series* same = find(series, like, like.architecture);
  if (!same) return {.choice = choice, .reason = "no trial was run so"};
  const law::Series* baseline = like.architecture == settings.baseline ? nullptr : find(series, like, settings.baseline);
  const law::Fit fit = law::fit(same->cells, settings.options);
  if (!baseline) return otherwise(choice, fit, nullptr, law::judge(fit, nullptr, same->cells).verdict);
  const law::Contrast contrast = law::contrast(same->cells, baseline->cells, settings.options);
  return otherwise(choice, fit, &contrast, law::judge(fit, &contrast, same->cells).verdict);
}

// As the findings have it.
Otherwise as_found(double choice, const Finding& finding, const Findings& findings) {
  const law::Series& series = finding.series;
  for (const Comparison& comparison : findings.contrasts) {
    if (comparison.task == series.task && comparison.axes == series.axes && comparison.architecture == series.architecture) {
      return otherwise(choice, finding.fit, &comparison.contrast, finding.judgement.verdict);
    }
  }
  return otherwise(choice, finding.fit, nullptr, finding.judgement.verdict);
}

// The part of a reason that says what is, without the advice.
std::string fact(const std::string& reason) { return reason.substr(0, reason.find_first_of(":;")); }

std::string sentence(const std::string& name, const std::string& choice, const Otherwise& one, const Finding& finding) {
  const bool verdict_changes = one.verdict != finding.judgement.verdict;
  const bool leaves = one.alpha && finding.fit.alpha && !finding.fit.interval.contains(*one.alpha);
  if (!verdict_changes && !leaves && one.alpha.has_value() == finding.fit.alpha.has_value()) return "";
  std::string text = fmt::format("{} {}: ", name, choice);
  if (one.alpha) {
    text += fmt::format("alpha is {}, {}", rounded(*one.alpha, 2), surd::analysis::text(one.interval));
    if (leaves) text += fmt::format(", outside {}", surd::analysis::text(finding.fit.interval));
  } else {
    text += "there is no exponent, " + fact(one.reason);
  }
  if (verdict_changes) {
    text += fmt::format("; the verdict is {} instead of {}", law::to_string(one.verdict), law::to_string(finding.judgement.verdict));
  }
  return text;
}

std::string cell(const Otherwise& one) {
  if (!one.delta) return text(one.alpha, 2);
  return fmt::format("{} ({})", text(one.alpha, 2), with_sign(*one.delta, 2));
}

// One row a series, one column a choice; series without any of the choices are left out.
std::string block(const Sensitivity& sensitivity, std::vector<Otherwise> SensitiveSeries::*choices, const std::string& word) {
  std::set<double> all;
  for (const SensitiveSeries& one : sensitivity.series) {
    for (const Otherwise& each : one.*choices) all.insert(each.choice);
  }
  if (all.empty()) return "";
  Lines lines = {{"task", "architecture"}};
  for (const double choice : all) lines[0].push_back(fmt::format("{} {}", word, choice));
  for (const SensitiveSeries& one : sensitivity.series) {
    if ((one.*choices).empty()) continue;
    lines.push_back({one.task, full_name(one.architecture, one.axes)});
    for (const double choice : all) {
      const auto each = std::find_if((one.*choices).begin(), (one.*choices).end(), [&](const Otherwise& other) { return other.choice == choice; });
      lines.back().push_back(each == (one.*choices).end() ? "" : cell(*each));
    }
  }
  return aligned(lines);
}

Json list(const Sensitivity& sensitivity, std::vector<Otherwise> SensitiveSeries::*choices, const char* key) {
  Json entries = Json::array();
  for (const SensitiveSeries& one : sensitivity.series) {
    for (const Otherwise& each : one.*choices) {
      Json entry = {{"task", one.task},
                    {"architecture", one.architecture},
                    {key, each.choice},
                    {"alpha", number(each.alpha)},
                    {"alpha_low", number(each.interval.low)},
                    {"alpha_high", number(each.interval.high)},
                    {"delta_alpha", number(each.delta)},
                    {"delta_low", number(each.delta_interval.low)},
                    {"delta_high", number(each.delta_interval.high)},
                    {"verdict", law::to_string(each.verdict)}};
      if (!one.axes.empty()) entry["axes"] = one.axes;
      if (!each.reason.empty()) entry["reason"] = each.reason;
      entries.push_back(std::move(entry));
    }
  }
  return entries;
}

}  // namespace

Sensitivity sensitivity_of(const Input& input, const Findings& findings) {
  Sensitivity sensitivity;
  if (findings.counted) {
    sensitivity.reason = "the input counts seeds as solved: it holds no accuracies and learning rates of which others could be chosen";
    return sensitivity;
  }
  const law::OrderedTrials trials(input.trials);
  const Settings& settings = findings.settings;
  std::set<double> rates;
  for (const Finding& finding : findings.fits) {
    const law::Series& series = finding.series;
    sensitivity.series.push_back({.name = law::name(series),
                                  .task = series.task,
                                  .architecture = series.architecture,
                                  .axes = series.axes,
                                  .tau = {},
                                  .learning_rate = {},
                                  .sentences = {}});
    if (series.learning_rates.size() > 1) rates.insert(series.learning_rates.begin(), series.learning_rates.end());
  }
  // The same series in the same order whatever tau is.
  const auto add = [&](std::vector<Otherwise> SensitiveSeries::*choices, std::size_t place, const std::string& words, Otherwise one) {
    SensitiveSeries& series = sensitivity.series[place];
    std::string changed = sentence(series.name, words, one, findings.fits[place]);
    if (!changed.empty()) series.sentences.push_back(std::move(changed));
    (series.*choices).push_back(std::move(one));
  };
  std::set<double> taus(std::begin(usual_taus), std::end(usual_taus));
  taus.insert(settings.tau);
  for (const double tau : taus) {
    const std::vector<law::Series> series = tau == settings.tau ? std::vector<law::Series>{} : trials.collect(tau).series;
    for (std::size_t i = 0; i < findings.fits.size(); ++i) {
      add(&SensitiveSeries::tau, i, fmt::format("at tau {}", tau),
          tau == settings.tau ? as_found(tau, findings.fits[i], findings) : fit_otherwise(tau, findings.fits[i].series, series, settings));
    }
  }
  for (const double rate : rates) {
    const std::vector<law::Series> series = trials.at_rate(rate).collect(settings.tau).series;
    for (std::size_t i = 0; i < findings.fits.size(); ++i) {
      const std::vector<double>& common = findings.fits[i].series.learning_rates;
      if (common.size() < 2 || !std::binary_search(common.begin(), common.end(), rate)) continue;
      add(&SensitiveSeries::learning_rate, i, fmt::format("with the learning rate {} alone", rate),
          fit_otherwise(rate, findings.fits[i].series, series, settings));
    }
  }
  return sensitivity;
}

std::string to_text(const Sensitivity& sensitivity) {
  if (!sensitivity.reason.empty()) return "\nSensitivity to tau and learning rate: none, " + sensitivity.reason + "\n";
  std::string out = "\nSensitivity: alpha (and delta alpha) at other test accuracies tau:\n" + block(sensitivity, &SensitiveSeries::tau, "tau");
  const std::string rates = block(sensitivity, &SensitiveSeries::learning_rate, "rate");
  if (!rates.empty()) out += "The same with one learning rate alone, instead of the best of all:\n" + rates;
  for (const SensitiveSeries& one : sensitivity.series) {
    for (const std::string& each : one.sentences) out += fmt::format("  {}\n", each);
  }
  return out;
}

Json to_json(const Sensitivity& sensitivity) {
  Json warnings = Json::array();
  for (const SensitiveSeries& one : sensitivity.series) {
    for (const std::string& each : one.sentences) warnings.push_back(each);
  }
  Json json = {{"tau", list(sensitivity, &SensitiveSeries::tau, "tau")},
               {"learning_rate", list(sensitivity, &SensitiveSeries::learning_rate, "learning_rate")},
               {"warnings", std::move(warnings)}};
  if (!sensitivity.reason.empty()) json["reason"] = sensitivity.reason;
  return json;
}

}  // namespace surd::analysis
