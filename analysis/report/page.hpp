// The report: one HTML file with verdicts, figures, tables and provenance. It works offline:
// plotly.js, style and figures are inside.
#pragma once

#include <optional>
#include <string>

#include "analysis/findings/findings.hpp"
#include "analysis/report/figures/figures.hpp"
#include "analysis/report/training.hpp"
#include "store/provenance.hpp"

namespace surd::analysis {

// What the page says besides the findings.
struct Origin {
  std::optional<store::Provenance> run{};  // none for a CSV file
  std::optional<Training> training{};      // of a run alone
  std::string command;                     // that gives this report
  std::string written;                     // time of the report
  std::string file_time;                   // of a CSV file: its last change
};

// Figures that plotly.js draws, which tell their numbers when pointed at; or SVG, a page without
// script and of less than 400 kB.
enum class Drawn { plotly, svg };
// What such a page has room for.
constexpr Sampling plain_sampling = {
    .widths = 2, .runs = 2, .points = 20, .curves = 60, .scattered = 500};

// The whole page; `figures` with those of the training where origin has one.
std::string page(const Input& input, const Findings& findings, const Figures& figures,
                 const Origin& origin, Drawn drawn = Drawn::plotly);

// Text as HTML shows it, whatever it holds: markup is escaped, what is no UTF-8 or a control
// character replaced.
std::string escaped(const std::string& text);

}  // namespace surd::analysis
