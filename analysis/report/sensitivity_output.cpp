#include "analysis/report/sensitivity_output.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "analysis/report/columns.hpp"

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

using Made = std::vector<Otherwise> SensitiveSeries::*;

// A column a choice; series without any of the choices are left out.
ResultTable choices_table(const Sensitivity& sensitivity, Made choices,
                          const std::vector<std::string>& titles, const std::set<double>& all) {
  using S = const SensitiveSeries&;
  auto columns = named<SensitiveSeries>([](S one) -> S { return one; });
  auto title = titles.begin();
  for (const double choice : all) {
    columns.push_back({{.title = *title++,
                        .means = "alpha, and delta alpha in brackets, where this choice is made "
                                 "instead; -: there is no exponent then"},
                       [choices, choice](S one) {
                         const auto& made = one.*choices;
                         const auto each = std::ranges::find(made, choice, &Otherwise::choice);
                         return each == made.end() ? Value("") : Value(cell(*each));
                       }});
  }
  std::vector<SensitiveSeries> series = sensitivity.series;
  std::erase_if(series, [choices](S one) { return (one.*choices).empty(); });
  return make_table(columns, series);
}

std::string block(const Sensitivity& sensitivity, Made choices, const std::string& word) {
  std::set<double> all;
  for (const SensitiveSeries& one : sensitivity.series) {
    for (const Otherwise& each : one.*choices) all.insert(each.choice);
  }
  std::vector<std::string> titles;
  titles.reserve(all.size());
  for (const double choice : all) titles.push_back(fmt::format("{} {}", word, choice));
  return all.empty() ? "" : for_terminal(choices_table(sensitivity, choices, titles, all));
}

struct ChosenRow {
  const SensitiveSeries& series;
  const Otherwise& one;
};

std::vector<TableColumnOf<ChosenRow>> chosen_columns(const std::string& key,
                                                     const Meaning& choice) {
  using C = const ChosenRow&;
  auto columns = named<ChosenRow>([](C c) -> const SensitiveSeries& { return c.series; });
  append<ChosenRow>(
      columns,
      {
          {{.key = key, .means = choice}, [](C c) { return c.one.choice; }},
          {{.key = "alpha", .means = "the exponent where this choice is made instead"},
           [](C c) { return value_of(c.one.alpha); }},
          {{.key = "alpha_{}", .means = "the 95 % interval of alpha"},
           [](C c) { return c.one.interval; }},
          {{.key = "delta_alpha", .means = "alpha less that of the baseline, chosen likewise"},
           [](C c) { return value_of(c.one.delta); }},
          {{.key = "delta_{}", .means = "the 95 % interval of delta alpha"},
           [](C c) { return c.one.delta_interval; }},
          {{.key = "verdict", .means = "with this choice"},
           [](C c) { return law::to_string(c.one.verdict); }},
          {{.key = "reason", .where_it_has = true, .means = "why there is no exponent"},
           [](C c) { return c.one.reason; }},
      });
  return columns;
}

ResultTable chosen_table(const Sensitivity& sensitivity, Made choices, const std::string& key,
                         const Meaning& choice) {
  std::vector<ChosenRow> rows;
  for (const SensitiveSeries& series : sensitivity.series) {
    for (const Otherwise& one : series.*choices) rows.push_back({series, one});
  }
  return make_table(chosen_columns(key, choice), rows);
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

ResultTable taus_table(const Sensitivity& sensitivity) {
  return chosen_table(sensitivity, &SensitiveSeries::tau, "tau",
                      "the test accuracy from which a seed is solved");
}

ResultTable rates_table(const Sensitivity& sensitivity) {
  return chosen_table(sensitivity, &SensitiveSeries::learning_rate, "learning_rate",
                      "the one learning rate whose trials are used");
}

ResultTable choices_in_words() {
  return choices_table({}, &SensitiveSeries::tau, {"tau T", "rate R"}, {0, 1});
}

std::string sensitivity_text(const Findings& findings) {
  const Sensitivity& sensitivity = findings.sensitivity;
  if (!sensitivity.reason.empty())
    return fmt::format(
        "\n{}", paragraph("Sensitivity to tau and learning rate: none, " + sensitivity.reason));
  std::string out = "\nSensitivity: alpha (and delta alpha) at other test accuracies tau:\n" +
                    block(sensitivity, &SensitiveSeries::tau, "tau");
  const std::string rates = block(sensitivity, &SensitiveSeries::learning_rate, "rate");
  if (!rates.empty())
    out += "The same with one learning rate alone, instead of the best of all:\n" + rates;
  for (const std::string& one : sensitivity_sentences(findings)) out += item(one);
  return out;
}

Json sensitivity_json(const Findings& findings) {
  const Sensitivity& sensitivity = findings.sensitivity;
  Json json = {{"tau", to_json(taus_table(sensitivity))},
               {"learning_rate", to_json(rates_table(sensitivity))},
               {"warnings", sensitivity_sentences(findings)}};
  if (!sensitivity.reason.empty()) json["reason"] = sensitivity.reason;
  return json;
}

}  // namespace surd::analysis
