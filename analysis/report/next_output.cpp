#include "analysis/report/next_output.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <string_view>
#include <utility>

#include "analysis/input/axes.hpp"
#include "analysis/report/explain.hpp"
#include "analysis/report/table.hpp"

namespace surd::analysis {
namespace {

constexpr const char* purpose_words[] = {"bracket", "replicate", "narrow"};

// Plain where YAML reads these characters as they stand, else as a JSON string, which YAML reads
// too.
std::string yaml_scalar(const std::string& text) {
  const auto is_plain = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view("_.()=+-").find(c) != std::string_view::npos;
  };
  if (!text.empty() && text != "-" && std::all_of(text.begin(), text.end(), is_plain)) return text;
  return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
}

// One line, whatever names are in it.
std::string comment(std::string text) {
  std::replace_if(
      text.begin(), text.end(),
      [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; }, ' ');
  return "# " + text + "\n";
}

// "c=2, d=3" as entries of a map: c: 2, d: 3.
std::string entries_yaml(const std::string& label) {
  std::string text;
  for (const auto& [name, value] : axes_of(label)) {
    text += (text.empty() ? "" : ", ") + yaml_scalar(name);
    if (value) text += ": " + yaml_scalar(*value);
  }
  return text;
}

// "sparse(c=2)" as a study has it: {sparse: {c: 2}}.
std::string architecture_yaml(const std::string& label) {
  const std::size_t open = label.find('(');
  if (open == std::string::npos || !label.ends_with(')')) return yaml_scalar(label);
  return fmt::format("{{{}: {{{}}}}}", yaml_scalar(label.substr(0, open)),
                     entries_yaml(label.substr(open + 1, label.size() - open - 2)));
}

ResultTable cells_table(const Next& next) {
  using C = const NextSeeds&;
  return make_table<NextSeeds>(
      {
          {{.key = "architecture",
            .title = "architecture",
            .means = "whose seeds are to run; for delta also the baseline"},
           [](C c) { return c.architecture; }},
          {{.key = "length", .title = "length", .means = "of the cell, in tokens"},
           [](C c) { return c.length; }},
          {{.key = "hidden",
            .title = "hidden",
            .means = "the width of its models: one of the study, or (without --only-grid) one "
                     "between two of them"},
           [](C c) { return c.hidden; }},
          {{.key = "seeds",
            .title = "seeds",
            .means = "their numbers, the smallest that have no result yet; JSON lists them"},
           [](C c) { return Lengths(c.seeds.begin(), c.seeds.end()); }},
          {{.key = "cost_a_seed",
            .title = "... FLOPs a seed",
            .means = "what one seed costs, all learning rates together: the mean of the cell's "
                     "trials, else by a power law in length and width"},
           [](C c) { return c.cost; }},
          {{.key = "purpose",
            .title = "# ...",
            .means =
                "bracket: it looks for the boundary between unsolved and solved widths; "
                "replicate: another seed at the boundary; narrow: it narrows the interval most "
                "per FLOP; bracket_then_narrow: the first seed brackets, the others narrow"},
           [](C c) {
             return c.then_narrows ? "bracket_then_narrow"
                                   : purpose_words[static_cast<std::size_t>(c.purpose)];
           }},
      },
      next.cells);
}

std::string boundary_word(const law::Open& open);

ResultTable open_table(const Next& next) {
  using O = const law::Open&;
  return make_table<law::Open>(
      {
          {{.key = "architecture", .means = "of which a length has no bracket"},
           [&next](O o) { return next.architectures[o.curve]; }},
          {{.key = "length",
            .means = "where most seeds of one width must be unsolved and most of "
                     "a larger one solved, and nothing between them untried"},
           [](O o) { return o.length; }},
          {{.key = "boundary",
            .means = "unknown: not found yet; below or above: almost surely beyond the widths that "
                     "can be run, so add smaller or larger ones to the study"},
           [](O o) { return boundary_word(o); }},
      },
      next.proposal.open);
}

// A row.
ResultTable whole_table(const Next& next) {
  using N = const Next&;
  return make_table<Next>(
      {
          {{.key = "format_version", .means = "of this JSON: 1"}, [](N) { return 1; }},
          {{.key = "task", .means = "of the curve whose exponent is to be known better"},
           [](N n) { return n.wish.task; }},
          {{.key = "architecture",
            .means = "of that curve; for delta all that are compared with the baseline"},
           [](N n) { return n.wish.architecture; }},
          {{.key = "axes", .means = "further axes of the study, such as model.layers=2"},
           [](N n) { return n.wish.axes; }},
          {{.key = "goal",
            .means = "alpha: its exponent; delta: that less the exponent of the baseline"},
           [](N n) { return n.wish.goal == Goal::alpha ? "alpha" : "delta"; }},
          {{.key = "unit",
            .means = "of costs and budget: FLOPs, or length x width^2 where the input does not say "
                     "what training cost"},
           [](N n) { return n.unit; }},
          {{.key = "budget", .means = "that of --budget"},
           [](N n) { return n.wish.search.budget; }},
          {{.key = "cost", .means = "of all seeds that are proposed"},
           [](N n) { return n.proposal.cost; }},
          {{.key = "seeds", .means = "how many are proposed: at most --at-once"},
           [](N n) { return n.proposal.seeds; }},
          {{.key = "half_width",
            .means = "half of the 95 % interval that the seeds so far lead to expect if the law "
                     "holds exactly; null while fewer than two lengths show their thresholds"},
           [](N n) { return value_of(n.proposal.half_width); }},
          {{.key = "half_width_after", .means = "the same with the seeds that are proposed"},
           [](N n) { return value_of(n.proposal.half_width_after); }},
          {{.key = "fitted_half_width",
            .means = "of the interval that surd-fit fit reports now, widened for lack of fit, of "
                     "several the widest; null where an end is open"},
           [](N n) { return value_of(n.fitted_half_width); }},
          {{.key = "dispersion",
            .means = "h, the lack of fit over its degrees of freedom, at least 1, the largest of "
                     "several. More seeds do not lower it: above 1 more lengths help"},
           [](N n) { return n.dispersion; }},
          {{.key = "reason",
            .means = "why nothing, or no more, is proposed; empty where all slots are filled"},
           [](N n) { return n.proposal.reason; }},
          {{.key = "notes", .means = "what is odd about the data, a sentence each"},
           [](N) { return Value(); }},
      },
      std::span(&next, 1));
}

std::string boundary_word(const law::Open& open) {
  switch (open.beyond) {
    case law::Open::Beyond::no: return "unknown";
    case law::Open::Beyond::below: return "below";
    case law::Open::Beyond::above: return "above";
  }
  return "";
}

}  // namespace

std::string to_yaml(const Next& next) {
  const law::Proposal& proposal = next.proposal;
  const std::string goal =
      next.wish.goal == Goal::alpha ? "alpha" : "delta alpha against " + next.architectures.back();
  std::string text = comment(fmt::format(
      "What to run next for {} of {} {}{}: {} seed{} for {:.3g} of a budget of {:.3g} {}.", goal,
      next.wish.task, next.wish.architecture,
      next.wish.axes.empty() ? "" : " (" + next.wish.axes + ")", proposal.seeds,
      proposal.seeds == 1 ? "" : "s", proposal.cost, next.wish.search.budget, next.unit));
  if (proposal.half_width) {
    text += comment(fmt::format(
        "Half-width of the 95 % interval, if the law fits: {:.2f} now, {:.2f} expected afterwards.",
        *proposal.half_width, *proposal.half_width_after));
    if (next.dispersion > 1) {
      text += comment(fmt::format(
          "The interval of fit now, widened for lack of fit (h {:.2f}): {}.", next.dispersion,
          next.fitted_half_width ? fmt::format("half-width {:.2f}", *next.fitted_half_width)
                                 : "open"));
    }
  } else {
    text +=
        comment("No interval can be expected yet: fewer than two lengths show their thresholds.");
  }
  for (const law::Open& open : proposal.open) {
    text +=
        comment(fmt::format("{} at length {}: {}.", next.architectures[open.curve], open.length,
                            open.beyond == law::Open::Beyond::no ? "the boundary is not found yet"
                            : open.beyond == law::Open::Beyond::above
                                ? "no width solves it; add larger ones to the study"
                                : "every width solves it; add smaller ones to the study"));
  }
  if (!proposal.reason.empty())
    text += comment(fmt::format("{} is proposed: {}.", proposal.seeds == 0 ? "Nothing" : "No more",
                                proposal.reason));
  for (const std::string& note : next.notes) text += comment(note);
  if (next.cells.empty()) return text;
  text +=
      "# Append this to the study file (where it has an include already: these entries to that "
      "list), then start surd run again.\ninclude:\n";
  const std::string axes = next.wish.axes.empty() ? "" : ", " + entries_yaml(next.wish.axes);
  for (const NextSeeds& cell : next.cells) {
    text += fmt::format(
        "  - {{task: {}, length: {}, hidden: {}, architecture: {}{}, seeds: [{}]}}  # {}{}; {:.2g} "
        "{} a seed\n",
        yaml_scalar(next.wish.task), cell.length, cell.hidden, architecture_yaml(cell.architecture),
        axes, fmt::join(cell.seeds, ", "), law::to_string(cell.purpose),
        cell.then_narrows ? ", then narrows the interval" : "", cell.cost, next.unit);
  }
  return text;
}

std::string explain_next() {
  const Next none{.wish = {},
                  .architectures = {},
                  .proposal = {},
                  .cells = {},
                  .unit = {},
                  .fitted_half_width = {},
                  .notes = {}};
  return explain("surd-fit next",
                 {{.title = "Entries to append to the study's include, a line a cell",
                   .machines = "cells",
                   .table = cells_table(none)},
                  {.title = "Lengths whose boundary is not bracketed, a comment each",
                   .machines = "open",
                   .table = open_table(none)},
                  {.title = "What the comments above them say",
                   .machines = "the whole",
                   .table = whole_table(none)}});
}

Json to_json(const Next& next) {
  Json json = to_json(whole_table(next))[0];
  json["format_version"] = 1;
  json["open"] = to_json(open_table(next));
  json["cells"] = to_json(cells_table(next));
  json["notes"] = next.notes;
  return json;
}

}  // namespace surd::analysis
