#include "analysis/report/sensitivity_output.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "analysis/report/number.hpp"
#include "analysis/report/text.hpp"

namespace surd::analysis {
namespace {

// The part of a reason that says what is, without the advice.
std::string fact(const std::string& reason) { return reason.substr(0, reason.find_first_of(":;")); }

std::string sentence(const std::string& name, const std::string& choice, const Otherwise& one,
                     const Finding& finding) {
  const bool verdict_changes = one.verdict != finding.judgement.verdict;
  const bool leaves = one.alpha && finding.fit.alpha && !finding.fit.interval.contains(*one.alpha);
  if (!verdict_changes && !leaves && one.alpha.has_value() == finding.fit.alpha.has_value())
    return "";
  std::string text = fmt::format("{} {}: ", name, choice);
  if (one.alpha) {
    text +=
        fmt::format("alpha is {}, {}", rounded(*one.alpha, 2), surd::analysis::text(one.interval));
    if (leaves) text += fmt::format(", outside {}", surd::analysis::text(finding.fit.interval));
  } else {
    text += "there is no exponent, " + fact(one.reason);
  }
  if (verdict_changes) {
    text += fmt::format("; the verdict is {} instead of {}", law::to_string(one.verdict),
                        law::to_string(finding.judgement.verdict));
  }
  return text;
}

std::string cell(const Otherwise& one) {
  if (!one.delta) return text(one.alpha, 2);
  return fmt::format("{} ({})", text(one.alpha, 2), with_sign(*one.delta, 2));
}

// One row a series, one column a choice; series without any of the choices are left out.
std::string block(const Sensitivity& sensitivity, std::vector<Otherwise> SensitiveSeries::*choices,
                  const std::string& word) {
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
      const auto each =
          std::find_if((one.*choices).begin(), (one.*choices).end(),
                       [&](const Otherwise& other) { return other.choice == choice; });
      lines.back().push_back(each == (one.*choices).end() ? "" : cell(*each));
    }
  }
  return aligned(lines);
}

Json list(const Sensitivity& sensitivity, std::vector<Otherwise> SensitiveSeries::*choices,
          const char* key) {
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

std::vector<std::string> sentences_of(const SensitiveSeries& series, const Finding& finding) {
  std::vector<std::string> sentences;
  const auto add = [&](const std::string& words, const Otherwise& one) {
    std::string changed = sentence(series.name, words, one, finding);
    if (!changed.empty()) sentences.push_back(std::move(changed));
  };
  for (const Otherwise& one : series.tau) add(fmt::format("at tau {}", one.choice), one);
  for (const Otherwise& one : series.learning_rate)
    add(fmt::format("with the learning rate {} alone", one.choice), one);
  return sentences;
}

}  // namespace

std::vector<std::string> sensitivity_sentences(const Findings& findings) {
  std::vector<std::string> all;
  for (std::size_t i = 0; i < findings.sensitivity.series.size(); ++i) {
    for (std::string& one : sentences_of(findings.sensitivity.series[i], findings.fits[i]))
      all.push_back(std::move(one));
  }
  return all;
}

std::string sensitivity_table(const Findings& findings) {
  const Sensitivity& sensitivity = findings.sensitivity;
  if (!sensitivity.reason.empty())
    return "\nSensitivity to tau and learning rate: none, " + sensitivity.reason + "\n";
  std::string out = "\nSensitivity: alpha (and delta alpha) at other test accuracies tau:\n" +
                    block(sensitivity, &SensitiveSeries::tau, "tau");
  const std::string rates = block(sensitivity, &SensitiveSeries::learning_rate, "rate");
  if (!rates.empty())
    out += "The same with one learning rate alone, instead of the best of all:\n" + rates;
  for (const std::string& one : sensitivity_sentences(findings)) out += fmt::format("  {}\n", one);
  return out;
}

Json sensitivity_json(const Findings& findings) {
  const Sensitivity& sensitivity = findings.sensitivity;
  Json json = {
      {"tau", list(sensitivity, &SensitiveSeries::tau, "tau")},
      {"learning_rate", list(sensitivity, &SensitiveSeries::learning_rate, "learning_rate")},
      {"warnings", sensitivity_sentences(findings)}};
  if (!sensitivity.reason.empty()) json["reason"] = sensitivity.reason;
  return json;
}

}  // namespace surd::analysis
