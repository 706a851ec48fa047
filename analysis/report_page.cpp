// The report's page: words and tables as HTML, figures as data for report.js.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <string_view>

#include "analysis/report.hpp"
#include "analysis/text.hpp"
#include "base/clock.hpp"
#include "base/version.hpp"

// The bytes of analysis/report.css, analysis/report.js and plotly.min.js: see surd_embed in cmake/SurdPlotly.cmake.
extern "C" {
extern const char surd_report_css[];
extern const char surd_report_css_end[];
extern const char surd_report_js[];
extern const char surd_report_js_end[];
extern const char surd_plotly_js[];
extern const char surd_plotly_js_end[];
}

namespace surd::analysis {
namespace {

std::string_view between(const char* first, const char* last) { return {first, static_cast<std::size_t>(last - first)}; }

std::string in_words(const law::Interval& interval) {
  if (interval.closed()) return typeset(rounded(*interval.low, 2)) + " to " + typeset(rounded(*interval.high, 2));
  if (interval.low) return typeset(rounded(*interval.low, 2)) + " or more, open above";
  if (interval.high) return typeset(rounded(*interval.high, 2)) + " or less, open below";
  return "open on both sides";
}

std::string with_sign(double value) { return fmt::format("{}{}", value > 0 ? "+" : "", typeset(rounded(value, 2))); }

std::string full_name(const std::string& architecture, const std::string& axes) { return architecture + (axes.empty() ? "" : " (" + axes + ")"); }

const Comparison* comparison_of(const Findings& findings, const law::Series& series) {
  for (const Comparison& one : findings.contrasts) {
    if (one.task == series.task && one.architecture == series.architecture && one.axes == series.axes) return &one;
  }
  return nullptr;
}

std::string against_baseline(const Comparison& comparison) {
  const law::Contrast& contrast = comparison.contrast;
  if (!contrast.delta) return fmt::format("Not compared with {}: {}.", comparison.baseline, contrast.reason);
  const char* words = contrast.interval.contains(0) ? "No difference shown from"
                      : *contrast.delta > 0         ? "Grows faster than"
                                                    : "Grows more slowly than";
  return fmt::format("{} {}: \u0394\u03b1 = {}, 95 % interval {}.", words, comparison.baseline, with_sign(*contrast.delta),
                     in_words(contrast.interval));
}

std::string budget_warning(const Findings& findings, const law::Series& series) {
  if (!findings.audit) return "";
  for (const AuditedSeries& one : findings.audit->series) {
    if (law::name(one.series) == law::name(series)) return one.warning;
  }
  return "";
}

// --- The verdicts

std::string chip(const Finding& finding) {
  if (!finding.fit.alpha) return "no exponent";
  return finding.judgement.verdict == law::Verdict::sqrt ? "\u221aL" : law::to_string(finding.judgement.verdict);
}

// `place` are the attributes that tell report.js the series.
std::string card(const Findings& findings, const Finding& finding, const std::string& place) {
  std::string out = fmt::format("<article class=\"card {}\" {}><header><h3>{}</h3><span class=\"chip\">{}</span></header>\n",
                                law::to_string(finding.judgement.verdict), place, escaped(finding.series.architecture), chip(finding));
  if (finding.fit.alpha) {
    out += fmt::format("<p class=\"alpha\">\u03b1 = {} <small>95 % interval {}</small></p>\n", typeset(rounded(*finding.fit.alpha, 2)),
                       in_words(finding.fit.interval));
  }
  out += fmt::format("<p class=\"verdict\">{}</p>\n", escaped(finding.judgement.words));
  if (const Comparison* comparison = comparison_of(findings, finding.series)) {
    out += fmt::format("<p class=\"against\">{}</p>\n", escaped(against_baseline(*comparison)));
  }
  if (const std::string warning = budget_warning(findings, finding.series); !warning.empty()) {
    out += fmt::format("<p class=\"warning\">Budget audit: {}</p>\n", escaped(warning));
  }
  return out + "</article>\n";
}

// The finding of a series of figures().
const Finding& finding_of(const Findings& findings, const Json& group, const Json& series) {
  return *std::find_if(findings.fits.begin(), findings.fits.end(), [&](const Finding& one) {
    return one.series.task == group["task"] && one.series.axes == group["axes"] && one.series.architecture == series["architecture"];
  });
}

std::string name_of(const Json& group) { return full_name(group["task"].get<std::string>(), group["axes"].get<std::string>()); }

// One section a task (and further axes): its verdicts and the places of its figures.
std::string sections(const Findings& findings, const Json& data) {
  std::string out;
  std::size_t number = 0;
  for (const Json& group : data["groups"]) {
    std::string cards, maps;
    std::size_t index = 0;
    for (const Json& series : group["series"]) {
      const std::string place = fmt::format("data-group=\"{}\" data-series=\"{}\"", number, index++);
      cards += card(findings, finding_of(findings, group, series), place);
      maps += fmt::format("<figure class=\"panel map\" {}></figure>\n", place);
    }
    out += fmt::format(
        "<section id=\"group-{}\">\n<h2>{}</h2>\n<div class=\"lead\">\n<div class=\"cards\">\n{}</div>\n"
        "<figure class=\"panel threshold\" data-group=\"{}\"></figure>\n</div>\n<div class=\"maps\">\n{}</div>\n</section>\n",
        number, escaped(name_of(group)), cards, number, maps);
    ++number;
  }
  return out;
}

// --- Tables

using Rows = std::vector<std::vector<std::string>>;

// The first row is the header, the first `names` columns are text, the rest numbers. Cells are HTML already.
std::string table_of(const Rows& rows, std::size_t names) {
  std::string out = "<div class=\"scroll\"><table>\n";
  for (std::size_t i = 0; i < rows.size(); ++i) {
    out += "<tr>";
    for (std::size_t j = 0; j < rows[i].size(); ++j) {
      const char* tag = i == 0 ? "th" : "td";
      out += fmt::format("<{}{}>{}</{}>", tag, j < names ? "" : " class=\"number\"", rows[i][j], tag);
    }
    out += "</tr>\n";
  }
  return out + "</table></div>\n";
}

// All verdicts at a glance where there are several sections: a row each, a column an architecture.
std::string overview(const Findings& findings, const Json& data) {
  if (data["groups"].size() < 2) return "";
  std::vector<std::string> architectures;
  for (const Json& group : data["groups"]) {
    for (const Json& series : group["series"]) {
      if (std::find(architectures.begin(), architectures.end(), series["architecture"]) == architectures.end())
        architectures.push_back(series["architecture"]);
    }
  }
  Rows rows = {{"\u03b1, 95 % interval and verdict"}};
  for (const std::string& architecture : architectures) rows.front().push_back(escaped(architecture));
  for (const Json& group : data["groups"]) {
    std::vector<std::string> row(1 + architectures.size(), "\u2013");
    row[0] = fmt::format("<a href=\"#group-{}\">{}</a>", rows.size() - 1, escaped(name_of(group)));
    for (const Json& series : group["series"]) {
      const Finding& finding = finding_of(findings, group, series);
      const auto column = std::find(architectures.begin(), architectures.end(), finding.series.architecture) - architectures.begin() + 1;
      row[static_cast<std::size_t>(column)] =
          finding.fit.alpha ? fmt::format("<b>{}</b> {} <span class=\"{}\">{}</span>", typeset(rounded(*finding.fit.alpha, 2)),
                                          typeset(text(finding.fit.interval)), law::to_string(finding.judgement.verdict), chip(finding))
                            : chip(finding);
    }
    rows.push_back(std::move(row));
  }
  return "<section class=\"overview\">\n" + table_of(rows, rows.front().size()) + "</section>\n";
}

std::string numbers(const Findings& findings) {
  Rows rows = {{"task", "architecture", "verdict", "lengths", "\u03b1", "95 %", "95 % unwidened", "width", "at L", "\u03ba", "lapse", "h", "q",
                "lack of fit"}};
  for (const Finding& finding : findings.fits) {
    const law::Fit& fit = finding.fit;
    double mean = 0;
    for (const double length : fit.lengths) mean += std::log(length) / static_cast<double>(fit.lengths.size());
    const auto if_fitted = [&](const std::string& value) { return fit.alpha ? typeset(value) : std::string("\u2013"); };
    rows.push_back({escaped(finding.series.task), escaped(full_name(finding.series.architecture, finding.series.axes)),
                    law::to_string(finding.judgement.verdict), std::to_string(fit.lengths.size()), typeset(text(fit.alpha, 2)),
                    if_fitted(text(fit.interval)), if_fitted(text(fit.unwidened)), typeset(text3(fit.threshold)),
                    fit.threshold ? fmt::format("{:.0f}", std::exp(mean)) : "\u2013", typeset(text3(fit.kappa)), typeset(text(fit.lapse, 3)),
                    if_fitted(rounded(fit.criterion.dispersion, 2)), if_fitted(rounded(fit.criterion.critical, 2)),
                    if_fitted(fmt::format("{} on {}", rounded(fit.lack_of_fit, 2), std::max(0, fit.lack_of_fit_degrees)))});
  }
  return "<section>\n<h2>Numbers</h2>\n" + table_of(rows, 3) +
         "<p class=\"note\">The width needed at length L is width \u00b7 (L / \u201cat L\u201d)<sup>\u03b1</sup>, \u201cat L\u201d being the "
         "geometric mean of the "
         "lengths. \u03ba: steepness of the threshold in ln width. Lapse: share of seeds that fail although the width suffices. h: dispersion, the "
         "lack of fit of "
         "the power law over its degrees of freedom, at least 1; q: how far the profile deviance may rise inside the interval, 3.84 where h is 1. "
         "The unwidened interval takes q = 3.84: it holds if the power law is exact.</p>\n</section>\n";
}

std::string contrasts(const Findings& findings) {
  if (findings.contrasts.empty()) return "";
  Rows rows = {{"task", "architecture", "against", "lengths", "\u0394\u03b1", "95 %", "95 % unwidened"}};
  std::string reasons;
  for (const Comparison& comparison : findings.contrasts) {
    const law::Contrast& contrast = comparison.contrast;
    const std::string name = escaped(full_name(comparison.architecture, comparison.axes));
    if (contrast.delta) {
      rows.push_back({escaped(comparison.task), name, escaped(comparison.baseline), std::to_string(contrast.lengths.size()),
                      with_sign(*contrast.delta), typeset(text(contrast.interval)), typeset(text(contrast.unwidened))});
    } else {
      reasons += fmt::format("<li>{} {}: {}</li>\n", escaped(comparison.task), name, escaped(against_baseline(comparison)));
    }
  }
  std::string out = "<section>\n<h2>Differences</h2>\n";
  if (rows.size() > 1) {
    out += table_of(rows, 3);
    out +=
        "<p class=\"note\">\u0394\u03b1 = \u03b1 of the architecture \u2212 \u03b1 of the baseline, from a joint fit over the lengths that both "
        "have; what both share, "
        "such as logarithms and how hard the task is to learn, cancels.</p>\n";
  }
  if (!reasons.empty()) out += "<ul>\n" + reasons + "</ul>\n";
  return out + "</section>\n";
}

std::string audit(const Findings& findings) {
  if (!findings.audit) return "";
  Rows rows = lines_of(*findings.audit);
  rows.front()[7] = "\u03b1 with them";
  for (std::size_t i = 1; i < rows.size(); ++i) {
    for (std::size_t j = 0; j < rows[i].size(); ++j) rows[i][j] = j < 2 ? escaped(rows[i][j]) : typeset(rows[i][j]);
  }
  std::string out = "<section>\n<h2>Budget audit</h2>\n" + table_of(rows, 2);
  for (const std::string& sentence : sentences_of(*findings.audit)) out += "<p class=\"warning\">" + escaped(sentence) + "</p>\n";
  return out +
         "<p class=\"note\">A random share of the unsolved seeds, trained anew with twice the steps: a seed that is solved then lacked steps, not "
         "width. \u03b1 with them: refitted with the new outcomes of these seeds alone; its shift grows with the share that is trained "
         "anew.</p>\n</section>\n";
}

std::string unused(const Findings& findings) {
  std::map<std::string, int> counts;
  for (const law::Unused& one : findings.unused) counts[one.reason] += one.trials;
  if (counts.empty() && findings.notes.empty()) return "";
  std::string out = "<section>\n<h2>What to know about the data</h2>\n";
  if (!findings.notes.empty()) {
    out += "<ul>\n";
    for (const std::string& note : findings.notes) out += "<li>" + escaped(note) + "</li>\n";
    out += "</ul>\n";
  }
  if (!counts.empty()) {
    Rows rows = {{"trials that the fits do not use, by reason", "trials"}};
    for (const auto& [reason, count] : counts) rows.push_back({escaped(reason), std::to_string(count)});
    out += table_of(rows, 1);
  }
  return out + "</section>\n";
}

// --- Provenance

std::string joined(const std::set<std::string>& words) { return fmt::format("{}", fmt::join(words, ", ")); }

std::string counts_of(const Input& input, const Findings& findings) {
  if (findings.counted) return fmt::format("{} cells with counted seeds", input.counted.size());
  std::vector<int> counts(status_words.size());
  for (const law::Trial& trial : input.trials) ++counts[static_cast<std::size_t>(trial.status)];
  std::string out = fmt::format("{} trials", input.trials.size());
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] > 0) out += fmt::format("{} {} {}", out.ends_with("trials") ? ":" : ",", counts[i], status_words[i]);
  }
  return out;
}

std::string provenance(const Input& input, const Findings& findings, const Origin& origin) {
  std::string out = "<section>\n<h2>Provenance</h2>\n<dl>\n";
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) out += fmt::format("<dt>{}</dt><dd>{}</dd>\n", name, escaped(value));
  };
  add("Data", input.path);
  add("Counts", counts_of(input, findings));
  if (origin.run) {
    const store::Provenance& run = *origin.run;
    add("Study", run.study_name);
    if (run.start_s) add("Trained", iso_time(*run.start_s) + (run.end_s ? " to " + iso_time(*run.end_s) : ""));
    if (run.attempts > 0) add("Attempts", fmt::format("{}, {} of wall time together", run.attempts, duration_text(run.attempts_s)));
    add("Trained by", fmt::format("surd {} (revision {}), numerics_version {}", run.program_version, run.revision, run.numerics_version));
    add("Machine", run.machine);
    add("Hosts", joined(run.hosts));
    add("Devices", joined(run.devices));
  } else {
    add("File of", origin.file_time);
  }
  add("Report by", fmt::format("surd-fit {} (revision {})", version(), revision()));
  add("Written", origin.written);
  out += fmt::format("<dt>Command</dt><dd><code>{}</code></dd>\n</dl>\n", escaped(origin.command));
  if (origin.run && !origin.run->study.empty()) {
    out += fmt::format("<details><summary>The study, with all defaults written out</summary><pre>{}</pre></details>\n", escaped(origin.run->study));
  }
  return out + "</section>\n";
}

std::string title_of(const Input& input, const Origin& origin) {
  return origin.run && !origin.run->study_name.empty() ? origin.run->study_name : std::filesystem::path(input.path).filename().string();
}

std::string headline(const Input& input, const Findings& findings, const Origin& origin) {
  const std::string question =
      origin.run && !origin.run->question.empty() ? origin.run->question : "How does the width that a task needs grow with its length?";
  const std::string solved = findings.counted ? "A seed counts as solved as the input says"
                                              : fmt::format("A seed is solved at a test accuracy of {} %, with its best learning rate by validation",
                                                            findings.settings.tau * 100);
  return fmt::format(
      "<header class=\"top\">\n<p class=\"name\">{}</p>\n<h1>{}</h1>\n"
      "<p class=\"science\">For each architecture: the smallest width D that solves a task at length L, and its exponent in D \u221d "
      "L<sup>\u03b1</sup>. "
      "\u03b1 near 0: one width suffices at every length. \u03b1 near \u00bd: D grows as \u221aL, which for efficient attention uses up what it "
      "saves "
      "(arXiv:2402.13934). {}.</p>\n</header>\n",
      escaped(title_of(input, origin)), escaped(question), solved);
}

// JSON inside a script element: no character there can end it or start markup.
std::string in_script(const Json& json) {
  std::string out;
  for (const char c : json.dump(-1, ' ', true, Json::error_handler_t::replace)) {
    if (c == '<' || c == '>' || c == '&') {
      out += fmt::format("\\u{:04x}", static_cast<int>(c));
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace

std::string escaped(const std::string& text) {
  std::string utf8 = Json::parse(Json(text).dump(-1, ' ', false, Json::error_handler_t::replace)).get<std::string>();
  std::string out;
  for (const char c : utf8) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      case '\n':
      case '\t': out += c; break;
      default: out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? std::string("\uFFFD") : std::string(1, c);
    }
  }
  return out;
}

std::string page(const Input& input, const Findings& findings, const Origin& origin) {
  const Json data = figures(input, findings);
  // The policy lets nothing be fetched, whatever a script might ask for.
  std::string out = fmt::format(
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src "
      "data: blob:\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n"
      "<meta name=\"generator\" content=\"surd-fit {}\">\n<title>{} \u2013 surd</title>\n<style>\n{}</style>\n</head>\n<body>\n<main>\n",
      version(), escaped(title_of(input, origin)), between(surd_report_css, surd_report_css_end));
  out += headline(input, findings, origin) + overview(findings, data) + sections(findings, data);
  out += numbers(findings) + contrasts(findings) + audit(findings) + unused(findings) + provenance(input, findings, origin);
  out += "</main>\n<noscript><p>The figures need JavaScript; words and tables do not.</p></noscript>\n";
  out += "<script type=\"application/json\" id=\"data\">" + in_script(data) + "</script>\n<script id=\"plotly\">";
  out += between(surd_plotly_js, surd_plotly_js_end);
  out += "</script>\n<script>\n";
  out += between(surd_report_js, surd_report_js_end);
  return out + "</script>\n</body>\n</html>\n";
}

}  // namespace surd::analysis
