// The report: one HTML file with verdicts, figures, tables and provenance. It works offline: plotly.js, style and data are inside.
#pragma once

#include <optional>
#include <string>

#include "analysis/findings/findings.hpp"
#include "analysis/report/training.hpp"
#include "base/json.hpp"
#include "store/results.hpp"

namespace surd::analysis {

// What the page says besides the findings.
struct Origin {
  std::optional<store::Provenance> run{};  // none for a CSV file
  std::optional<Training> training{};      // of a run alone
  std::string command;                     // that gives this report
  std::string written;                     // time of the report
  std::string file_time;                   // of a CSV file: its last change
};

// What the figures show; the page embeds it as JSON: {"format_version": 1, "tau", "counted", "baseline", "groups": [{"task", "axes",
//   "series": [{"architecture", "label", "cells": [...], "thresholds": [...], "line": [...], ...}]}]}, the baseline first in its group.
// cells: {"length", "hidden", "state"}; state "trained" brings "mean" and "median" of the seeds' test accuracies (of counted input the share solved),
//   "seeds" and "solved" as fitted, "censored", "results" (seeds with one) and "trials": [{"seed", "learning_rate", "accuracy", "diverged"}], of the
//   first 8 seeds (of fewer in a large study), each at its best learning rate. Other states: "skipped" (by the design), "failed", "missing".
// thresholds: {"length", "width", "low", "high"}, null where open; where the seeds bracket no width also "edge", the last width run, and
//   "beyond": "above" (not even that width is solved) or "below". line: the law and its band, {"length", "width", "low", "high"}.
// Of a series also "learning_rates" (the common ones), "verdict" and "alpha", null where there is none; with it "interval", "unwidened" ({"low",
//   "high"}), "sensitivity" ([{"name", "alpha"}], other choices) and "profile": {"alpha": [...], "deviance": [...], "critical"}; where it is compared
//   "delta": {"value", "interval", "unwidened"}.
// add_training adds what a run knows besides.
Json figures(const Input& input, const Findings& findings);

// The whole page.
std::string page(const Input& input, const Findings& findings, const Origin& origin);

// Text as HTML shows it, whatever it holds: markup is escaped, what is no UTF-8 or a control character replaced.
std::string escaped(const std::string& text);

}  // namespace surd::analysis
