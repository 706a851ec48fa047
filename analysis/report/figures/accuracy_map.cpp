#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <span>

#include "analysis/report/figures/figures.hpp"
#include "analysis/report/text.hpp"

namespace surd::analysis {
namespace {

constexpr std::size_t seeds_most = 8;  // of a cell that are told one by one, fewer where ...
constexpr std::size_t details =
    8000;  // ... there are so many cells that all of them told would be more than this

using Seeds = std::span<const law::Seed>;  // of one cell

// What a cell without any result is waiting for, and the mark that stands for it.
struct State {
  const char* mark;
  const char* meaning;
  const char* below;  // in the figure's note
};
constexpr std::array<State, 3> states = {{{"\u2013", "skipped by the design", "skipped"},
                                          {"\u00d7", "failed", "failed"},
                                          {"?", "not run yet", "not run yet"}}};

const State& state_without_result(const Input& input, Seeds seeds) {
  bool any_failed = false;
  bool all_skipped = true;
  for (const law::Seed& seed : seeds) {
    for (const std::size_t place : seed.trials) {
      any_failed = any_failed || input.trials[place].status == law::Status::failed;
      all_skipped = all_skipped && input.trials[place].status == law::Status::skipped;
    }
  }
  return states[all_skipped ? 0 : any_failed ? 1 : 2];
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

// One line a seed, of the first `told`.
std::string seeds_in_words(const Input& input, Seeds seeds, std::size_t told) {
  std::vector<std::string> lines;
  std::size_t results = 0;
  bool rates = false;
  for (const law::Seed& seed : seeds)
    rates = rates || (seed.trial && input.trials[*seed.trial].learning_rate > 0);
  for (const law::Seed& seed : seeds) {
    if (!seed.trial || ++results > told) continue;
    const law::Trial& trial = input.trials[*seed.trial];
    lines.push_back(fmt::format(
        "seed {}: {}{}", seed.seed,
        trial.status == law::Status::diverged ? "diverged" : percent(law::accuracy(trial)) + " %",
        rates ? fmt::format(" at learning rate {:g}", trial.learning_rate) : ""));
  }
  if (results > told)
    lines.push_back(
        fmt::format("and {} more seed{}", results - told, results - told == 1 ? "" : "s"));
  return fmt::format("{}", fmt::join(lines, "\n"));
}

std::string heading(double length, double hidden) {
  return fmt::format("length {:g}, width {:g}\n", length, hidden);
}

HeatCell cell_of(const Input& input, Seeds seeds, std::size_t told) {
  std::vector<double> accuracies;
  int counted = 0;
  int solved = 0;
  for (const law::Seed& seed : seeds) {
    counted += seed.outcome == law::Outcome::censored ? 0 : 1;
    solved += seed.outcome == law::Outcome::solved ? 1 : 0;
    if (seed.trial) accuracies.push_back(law::accuracy(input.trials[*seed.trial]));
  }
  HeatCell cell{.hover = heading(seeds.front().length, law::width_of(seeds.front()))};
  if (accuracies.empty()) {
    const State& state = state_without_result(input, seeds);
    cell.words = state.mark;
    cell.hover += state.meaning;
    return cell;
  }
  double sum = 0;
  for (const double accuracy : accuracies) sum += accuracy;
  const double mean = sum / static_cast<double>(accuracies.size());
  const int censored = static_cast<int>(seeds.size()) - counted;
  cell.share = mean;
  cell.words = percent(mean) + (censored > 0 ? "*" : "");
  cell.hover += fmt::format("mean {} %, median {} %\n", percent(mean), percent(median(accuracies)));
  cell.hover +=
      counted > 0 ? fmt::format("solved {} of {} seeds\n", solved, counted) : "no seed counts\n";
  if (censored > 0)
    cell.hover += fmt::format("{} censored: another learning rate has no result\n", censored);
  cell.hover += seeds_in_words(input, seeds, told);
  return cell;
}

HeatCell cell_of(const law::Cell& cell) {
  const double share = static_cast<double>(cell.solved) / cell.seeds;
  return {.share = share,
          .words = percent(share),
          .hover = heading(cell.length, law::width_of(cell)) +
                   fmt::format("solved {} of {} seeds", cell.solved, cell.seeds)};
}

std::vector<Seeds> by_cell(const std::vector<law::Seed>& seeds) {
  std::vector<Seeds> cells;
  for (std::size_t first = 0, last = 0; first < seeds.size(); first = last) {
    while (last < seeds.size() && seeds[last].length == seeds[first].length &&
           seeds[last].hidden == seeds[first].hidden)
      ++last;
    cells.push_back(Seeds(seeds).subspan(first, last - first));
  }
  return cells;
}

double place_of(const std::vector<double>& values, double value) {
  return static_cast<double>(std::lower_bound(values.begin(), values.end(), value) -
                             values.begin());
}

// Names at 0, 1, 2, ...
Axis named_axis(const std::string& title, const std::vector<double>& values) {
  Axis axis{.title = title,
            .low = -0.5,
            .high = static_cast<double>(values.size()) - 0.5,
            .ticks = ticks_at(values),
            .grid = false,
            .framed = false};
  for (std::size_t i = 0; i < values.size(); ++i) axis.ticks[i].at = static_cast<double>(i);
  return axis;
}

std::string note_of(const std::vector<HeatCell>& cells) {
  std::vector<std::string> words;
  for (const State& state : states) {
    if (std::any_of(cells.begin(), cells.end(),
                    [&](const HeatCell& cell) { return cell.words == state.mark; })) {
      words.push_back(fmt::format("{} {}", state.mark, state.below));
    }
  }
  if (std::any_of(cells.begin(), cells.end(),
                  [](const HeatCell& cell) { return cell.words.ends_with('*'); }))
    words.push_back("* seeds censored");
  return fmt::format("{}", fmt::join(words, "\u2003"));
}

}  // namespace

std::size_t seeds_told(const Findings& findings) {
  std::size_t cells = 1;
  for (const Finding& finding : findings.fits) cells += by_cell(finding.series.seeds).size();
  return std::clamp<std::size_t>(details / cells, 1, seeds_most);
}

Figure accuracy_map(const Input& input, const Findings& findings, const Group& group,
                    const Shown& shown, std::size_t told) {
  const law::Series& series = shown.finding->series;
  Panel panel{.y = named_axis("width D", group.widths)};
  const auto add = [&](double length, double hidden, HeatCell cell) {
    cell.x = place_of(group.lengths, length);
    cell.y = place_of(group.widths, hidden);
    panel.cells.push_back(std::move(cell));
  };
  if (findings.counted) {
    for (const law::Cell& cell : series.cells) add(cell.length, law::width_of(cell), cell_of(cell));
  } else {
    for (const Seeds seeds : by_cell(series.seeds))
      add(seeds.front().length, law::width_of(seeds.front()), cell_of(input, seeds, told));
  }
  // Cells of 30 pixels in height, between margins that figure_svg leaves.
  const double across = std::clamp(
      500.0 / static_cast<double>(std::max<std::size_t>(1, group.lengths.size())), 34.0, 90.0);
  Figure figure{.file = file_name(name_of(group) + "-" + series.architecture + "-accuracy"),
                .title = series.architecture,
                .subtitle = findings.counted ? "share of seeds solved"
                                             : "test accuracy in %, mean over seeds",
                .task = name_of(group),
                .note = note_of(panel.cells),
                .width = std::max(400.0, 140 + across * static_cast<double>(group.lengths.size())),
                .height = 118 + 30 * static_cast<double>(group.widths.size())};
  if (!figure.note.empty()) figure.height += 22;
  if (panel.cells.empty()) return figure;
  figure.columns.push_back(
      {.x = named_axis("length L (tokens)", group.lengths), .panels = {std::move(panel)}});
  return figure;
}

}  // namespace surd::analysis
