#include "analysis/report/next_output.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "analysis/input/axes.hpp"
#include "analysis/report/number.hpp"

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

Json to_json(const Next& next) {
  Json open = Json::array();
  for (const law::Open& one : next.proposal.open) {
    open.push_back({{"architecture", next.architectures[one.curve]},
                    {"length", one.length},
                    {"boundary", boundary_word(one)}});
  }
  Json cells = Json::array();
  for (const NextSeeds& cell : next.cells) {
    cells.push_back(
        {{"architecture", cell.architecture},
         {"length", cell.length},
         {"hidden", cell.hidden},
         {"seeds", cell.seeds},
         {"cost_a_seed", cell.cost},
         {"purpose", cell.then_narrows ? "bracket_then_narrow"
                                       : purpose_words[static_cast<std::size_t>(cell.purpose)]}});
  }
  return {{"format_version", 1},
          {"task", next.wish.task},
          {"architecture", next.wish.architecture},
          {"axes", next.wish.axes},
          {"goal", next.wish.goal == Goal::alpha ? "alpha" : "delta"},
          {"unit", next.unit},
          {"budget", next.wish.search.budget},
          {"cost", next.proposal.cost},
          {"seeds", next.proposal.seeds},
          {"half_width", number(next.proposal.half_width)},
          {"half_width_after", number(next.proposal.half_width_after)},
          {"fitted_half_width", number(next.fitted_half_width)},
          {"dispersion", number_to_json(next.dispersion)},
          {"reason", next.proposal.reason},
          {"open", std::move(open)},
          {"cells", std::move(cells)},
          {"notes", next.notes}};
}

}  // namespace surd::analysis
