// The report's page: words and tables as HTML, figures as descriptions that report.js draws.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <span>
#include <string_view>

#include "analysis/input/scale.hpp"
#include "analysis/report/figure_svg.hpp"
#include "analysis/report/page.hpp"
#include "analysis/report/palette.hpp"
#include "analysis/report/report_tables.hpp"
#include "analysis/report/text.hpp"
#include "base/clock.hpp"
#include "base/version.hpp"

// The bytes of analysis/report/report.css, report*.js and plotly.min.js: see surd_embed in
// cmake/SurdPlotly.cmake.
extern "C" {
extern const char surd_report_css[];
extern const char surd_report_css_end[];
extern const char surd_report_series_js[];
extern const char surd_report_series_js_end[];
extern const char surd_report_js[];
extern const char surd_report_js_end[];
extern const char surd_plotly_js[];
extern const char surd_plotly_js_end[];
}

namespace surd::analysis {
namespace {

// A page without script is to be no larger than this; `plain_other` is what style, headline and
// verdicts may take of it.
constexpr std::size_t plain_bytes = 400'000;
constexpr std::size_t plain_other = 60'000;

std::string_view between(const char* first, const char* last) {
  return {first, static_cast<std::size_t>(last - first)};
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
  return finding.judgement.verdict == law::Verdict::sqrt
             ? "\u221aL"
             : law::to_string(finding.judgement.verdict);
}

std::string card(const Findings& findings, const Shown& shown) {
  const Finding& finding = *shown.finding;
  std::string out = fmt::format(
      "<article class=\"card {}\" style=\"--mark: var(--style-{})\"><header><h3>{}</h3><span "
      "class=\"chip\">{}</span></header>\n",
      law::to_string(finding.judgement.verdict), shown.style, escaped(finding.series.architecture),
      chip(finding));
  if (finding.fit.alpha) {
    out += fmt::format("<p class=\"alpha\">\u03b1 = {} <small>95\u00a0% interval {}</small></p>\n",
                       typeset(rounded(*finding.fit.alpha, 2)), in_words(finding.fit.interval));
  }
  out += fmt::format("<p class=\"verdict\">{}</p>\n", escaped(finding.judgement.words));
  if (const Comparison* comparison = comparison_of(findings.contrasts, finding.series)) {
    const law::Saving& saving = comparison->saving.generation;
    out += fmt::format("<p class=\"against\">{}{}</p>\n", escaped(against_baseline(*comparison)),
                       saving.ratio ? escaped(" A generated sequence " + saving.words + ".") : "");
  }
  if (const std::string warning = budget_warning(findings, finding.series); !warning.empty()) {
    out += fmt::format("<p class=\"warning\">Budget audit: {}</p>\n", escaped(warning));
  }
  return out + "</article>\n";
}

// --- The figures' places

// Places of figures in the page, and what report.js draws there; or the drawings themselves.
class Canvas {
 public:
  // `room`: bytes that a page of drawings has for them.
  Canvas(Drawn drawn, std::size_t room) : drawn_(drawn), room_(room) {}

  Drawn drawn() const { return drawn_; }
  // The element; empty where there is nothing to draw. Of several figures their choices pick one.
  std::string place(const std::string& classes, std::span<const Figure> figures) {
    if (drawn_ == Drawn::svg) return drawings(classes, figures);
    Json list = Json::array();
    for (const Figure& figure : figures) {
      if (!figure.empty()) list.push_back(to_json(figure));
    }
    if (list.empty()) return "";
    places_.push_back(std::move(list));
    return fmt::format("<figure class=\"{}\" data-figure=\"{}\"></figure>\n", classes,
                       places_.size() - 1);
  }
  std::string place(const std::string& classes, const Figure& figure) {
    return place(classes, std::span(&figure, 1));
  }
  // {"palette", "figures": a list of figures each place}
  Json data() const { return {{"palette", palette_json()}, {"figures", places_}}; }

 private:
  // Each figure of several is folded away under its choice.
  std::string drawings(const std::string& classes, std::span<const Figure> figures) {
    std::string out;
    for (const Figure& figure : figures) {
      if (figure.empty()) continue;
      std::string svg =
          to_svg(figure, {.name = fmt::format("figure{}-", drawings_++), .as_file = false});
      if (svg.size() > room_)
        svg = fmt::format(
            "<p class=\"note\">{}: too large for a page without script. surd-fit report --figures "
            "DIR draws it, and the page without --plain.</p>\n",
            escaped(caption_of(figure)));
      room_ -= std::min(room_, svg.size());
      out +=
          figure.choice.empty()
              ? svg
              : fmt::format("<details><summary>{}</summary>\n{}</details>\n",
                            escaped(fmt::format("{}", fmt::join(figure.choice, ", length "))), svg);
    }
    if (out.empty()) return "";
    return fmt::format("<figure class=\"{} drawn\">\n{}</figure>\n", classes, out);
  }

  Drawn drawn_;
  std::size_t drawings_ = 0;
  std::size_t room_;
  Json places_ = Json::array();
};

std::string training_panel(Canvas& canvas, const std::vector<Figure>& curves) {
  const std::string place = canvas.place("curves", curves);
  if (place.empty()) return "";
  const char* choice = canvas.drawn() == Drawn::svg
                           ? ""
                           : "<p class=\"choice\"><label>Architecture <select></select></label> "
                             "<label>Length <select></select></label></p>\n";
  return fmt::format("<div class=\"panel training\">\n{}", choice) + place +
         "<p class=\"note\">Lines: validation; dots: training loss and the accuracy that counts as "
         "solved; grey: learning rates that are not the "
         "best of their seed.</p>\n</div>\n";
}

std::string state_panel(Canvas& canvas, const std::vector<Figure>& states) {
  const std::string place = canvas.place("curves", states);
  if (place.empty()) return "";
  return "<div class=\"panel training\">\n<p class=\"choice\"><label>Length <select></select>"
         "</label></p>\n" +
         place +
         "<p class=\"note\">A mark a width: what its models keep in fp32 after L tokens, and how "
         "well they do. Dots: the Pareto front, which no cell beats with as little "
         "state.</p>\n</div>\n";
}

// One section a task (and further axes): its verdicts and figures.
std::string sections(const Findings& findings, const Figures& figures, Canvas& canvas) {
  std::string out;
  for (std::size_t i = 0; i < figures.groups.size(); ++i) {
    const Figures::OfGroup& one = figures.groups[i];
    std::string cards, maps;
    for (const Shown& shown : one.group.series) cards += card(findings, shown);
    for (const Figure& map : one.maps) maps += canvas.place("panel map", map);
    const std::string thresholds = canvas.place("panel threshold", one.thresholds);
    const std::string profile = canvas.place("panel profile", one.profile);
    out += fmt::format(
        "<section id=\"group-{}\">\n<h2>{}</h2>\n<div class=\"lead\">\n<div "
        "class=\"cards\">\n{}</div>\n{}</div>\n<div "
        "class=\"maps\">\n{}{}</div>\n",
        i, escaped(name_of(one.group)), cards, thresholds, maps, profile);
    out += state_panel(canvas, one.states);
    if (figures.training) out += training_panel(canvas, figures.training->curves[i]);
    out += "</section>\n";
  }
  return out;
}

// Exponents and differences below each other, where there are several.
std::string forest(const Findings& findings, const Figures& figures, Canvas& canvas) {
  if (findings.fits.size() < 2) return "";
  std::string out =
      "<section class=\"forests\">\n" + canvas.place("panel forest", figures.exponents);
  out += canvas.place("panel forest", figures.differences);
  return out + "</section>\n";
}

// All verdicts at a glance where there are several sections: a row each, a column an architecture.
std::string overview(const Figures& figures) {
  if (figures.groups.size() < 2) return "";
  std::vector<std::string> architectures;
  for (const Figures::OfGroup& one : figures.groups) {
    for (const Shown& shown : one.group.series) {
      const std::string& name = shown.finding->series.architecture;
      if (std::find(architectures.begin(), architectures.end(), name) == architectures.end())
        architectures.push_back(name);
    }
  }
  Rows rows = {{"\u03b1, 95\u00a0% interval and verdict"}};
  for (const std::string& architecture : architectures)
    rows.front().push_back(escaped(architecture));
  for (const Figures::OfGroup& one : figures.groups) {
    std::vector<std::string> row(1 + architectures.size(), "\u2013");
    row[0] =
        fmt::format("<a href=\"#group-{}\">{}</a>", rows.size() - 1, escaped(name_of(one.group)));
    for (const Shown& shown : one.group.series) {
      const Finding& finding = *shown.finding;
      const auto column =
          std::find(architectures.begin(), architectures.end(), finding.series.architecture) -
          architectures.begin() + 1;
      row[static_cast<std::size_t>(column)] =
          finding.fit.alpha ? fmt::format("<b>{}</b> {} <span class=\"{}\">{}</span>",
                                          typeset(rounded(*finding.fit.alpha, 2)),
                                          typeset(text(finding.fit.interval)),
                                          law::to_string(finding.judgement.verdict), chip(finding))
                            : chip(finding);
    }
    rows.push_back(std::move(row));
  }
  return "<section class=\"overview\">\n" + table_of(rows, rows.front().size()) + "</section>\n";
}

// --- Provenance

std::string joined(const std::set<std::string>& words) {
  return fmt::format("{}", fmt::join(words, ", "));
}

std::string counts_of(const Input& input, const Findings& findings) {
  if (findings.counted) return fmt::format("{} cells with counted seeds", input.counted.size());
  std::vector<int> counts(status_words.size());
  for (const law::Trial& trial : input.trials) ++counts[static_cast<std::size_t>(trial.status)];
  std::string out = fmt::format("{} trials", input.trials.size());
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] > 0)
      out +=
          fmt::format("{} {} {}", out.ends_with("trials") ? ":" : ",", counts[i], status_words[i]);
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
    if (run.start_s)
      add("Trained", iso_time(*run.start_s) + (run.end_s ? " to " + iso_time(*run.end_s) : ""));
    if (run.attempts > 0)
      add("Attempts",
          fmt::format("{}, {} of wall time together", run.attempts, duration_text(run.attempts_s)));
    add("Trained by", fmt::format("surd {} (revision {}), numerics_version {}", run.program_version,
                                  run.revision, run.numerics_version));
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
    out += fmt::format(
        "<details><summary>The study, with all defaults written "
        "out</summary><pre>{}</pre></details>\n",
        escaped(origin.run->study));
  }
  return out + "</section>\n";
}

std::string title_of(const Input& input, const Origin& origin) {
  return origin.run && !origin.run->study_name.empty()
             ? origin.run->study_name
             : std::filesystem::path(input.path).filename().string();
}

std::string headline(const Input& input, const Findings& findings, const Origin& origin) {
  const std::string question = origin.run && !origin.run->question.empty()
                                   ? origin.run->question
                                   : fmt::format(
                                         "How does the {} that a task needs grow with "
                                         "its length?",
                                         words_of(findings.settings.scale).noun);
  const std::string smallest =
      findings.settings.scale == SizeScale::hidden
          ? "width D that solves a task at length L, and its exponent in D"
          : fmt::format("{0} that solves a task at length L, and its exponent in {1}",
                        words_of(findings.settings.scale).noun,
                        words_of(findings.settings.scale).unit);
  const std::string meanings =
      findings.settings.scale == SizeScale::hidden
          ? "\u03b1 near 0: one width suffices at every length. \u03b1 near \u00bd: D grows as "
            "\u221aL, which for efficient attention uses up what it saves (arXiv:2402.13934)"
          : fmt::format(
                "\u03b1 near 0: one {} suffices at every length. An exponent of \u00bd in "
                "the width is 1 in a state that grows as the width squared "
                "(arXiv:2402.13934)",
                words_of(findings.settings.scale).noun);
  const std::string solved = findings.counted ? "A seed counts as solved as the input says"
                                              : fmt::format(
                                                    "A seed is solved at a test accuracy of {} %, "
                                                    "with its best learning rate by validation",
                                                    findings.settings.tau * 100);
  return fmt::format(
      "<header class=\"top\">\n<p class=\"name\">{}</p>\n<h1>{}</h1>\n"
      "<p class=\"science\">For each architecture: the smallest {} \u221d L<sup>\u03b1</sup>. "
      "{}. {}.</p>\n</header>\n",
      escaped(title_of(input, origin)), escaped(question), smallest, meanings, solved);
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
  std::string utf8 = Json::parse(Json(text).dump(-1, ' ', false, Json::error_handler_t::replace))
                         .get<std::string>();
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
      default:
        out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? std::string("\uFFFD")
                                                                 : std::string(1, c);
    }
  }
  return out;
}

std::string page(const Input& input, const Findings& findings, const Figures& figures,
                 const Origin& origin, Drawn drawn) {
  std::string thresholds = thresholds_section(findings);
  if (drawn == Drawn::svg && thresholds.size() > plain_bytes / 4)
    thresholds =
        "<p class=\"note\">The thresholds of single lengths are too many for a page without "
        "script: surd-fit fit --csv-dir DIR writes them.</p>\n";
  const std::string tables = numbers_section(findings) + contrasts_section(findings) + thresholds +
                             curvature_section(findings) + laws_section(findings) +
                             held_out_section(findings) + compute_section(findings) +
                             sensitivity_section(findings) + audit_section(findings);
  const std::string end = unused_section(findings) + provenance(input, findings, origin);
  const std::size_t taken = plain_other + tables.size() + end.size();
  Canvas canvas(drawn, plain_bytes - std::min(plain_bytes, taken));
  // The policy lets nothing be fetched, whatever a script might ask for.
  std::string out = fmt::format(
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; {}style-src "
      "'unsafe-inline'; img-src data: blob:\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta "
      "name=\"color-scheme\" content=\"light dark\">\n"
      "<meta name=\"generator\" content=\"surd-fit {}\">\n<title>{} \u2013 "
      "surd</title>\n<style>\n{}{}</style>\n</head>\n<body>\n<main>\n",
      drawn == Drawn::svg ? "" : "script-src 'unsafe-inline'; ", version(),
      escaped(title_of(input, origin)), palette_css(),
      between(surd_report_css, surd_report_css_end));
  out += headline(input, findings, origin) + overview(figures);
  out += forest(findings, figures, canvas);
  if (drawn == Drawn::svg) out += canvas.place("panel success", figures.success);
  out += sections(findings, figures, canvas);
  std::string budgets;
  for (const Figure& figure : figures.budgets) budgets += canvas.place("panel budget", figure);
  out += budgets_section(findings, budgets);
  out += tables;
  if (origin.training && figures.training)
    out += costs_section(*origin.training, input, findings, *figures.training,
                         canvas.place("panel costs", figures.training->costs));
  out += end;
  if (drawn == Drawn::svg) return out + "</main>\n</body>\n</html>\n";
  out +=
      "</main>\n<noscript><p>The figures need JavaScript; words and tables do "
      "not.</p></noscript>\n";
  out += "<script type=\"application/json\" id=\"data\">" + in_script(canvas.data()) +
         "</script>\n<script id=\"plotly\">";
  out += between(surd_plotly_js, surd_plotly_js_end);
  out += "</script>\n<script>\n(() => {\n'use strict';\n";
  out += between(surd_report_series_js, surd_report_series_js_end);
  out += between(surd_report_js, surd_report_js_end);
  return out + "})();\n</script>\n</body>\n</html>\n";
}

}  // namespace surd::analysis
