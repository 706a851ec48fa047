#include "analysis/findings/steps.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <memory>
#include <tuple>

#include "analysis/input/axes.hpp"
#include "analysis/report/number.hpp"
#include "analysis/report/text.hpp"
#include "base/error.hpp"
#include "store/results.hpp"

namespace surd::analysis {
namespace {

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

std::optional<double> median_or_nothing(std::vector<double> values) {
  return values.empty() ? std::nullopt : std::optional(median(std::move(values)));
}

// What all seeds of a cell came to at one learning rate.
struct AtRate {
  Solving solving;
  double accuracy_validation = 0;
};

AtRate at_rate(const std::vector<const store::ResultRow*>& seeds) {
  const store::ResultRow& first = *seeds.front();
  AtRate result{.solving = {.task = first.task,
                            .size = first.size,
                            .length = first.length,
                            .architecture = first.architecture,
                            .axes = axes_label(first.further),
                            .hidden = first.hidden,
                            .learning_rate = first.learning_rate,
                            .seeds = static_cast<int>(seeds.size())}};
  std::vector<double> steps, tokens, seconds, test, validation;
  for (const store::ResultRow* row : seeds) {
    test.push_back(row->accuracy_test);
    validation.push_back(row->accuracy_validation);
    if (row->steps_to_solve < 0) continue;
    const double share = static_cast<double>(row->steps_to_solve) / static_cast<double>(row->steps);  // a trial goes on to its second such validation
    steps.push_back(static_cast<double>(row->steps_to_solve));
    tokens.push_back(share * static_cast<double>(row->tokens));
    seconds.push_back(share * row->seconds);
  }
  result.solving.solved = static_cast<int>(steps.size());
  result.solving.steps = median_or_nothing(std::move(steps));
  result.solving.tokens = median_or_nothing(std::move(tokens));
  result.solving.seconds = median_or_nothing(std::move(seconds));
  result.solving.accuracy_test = median(std::move(test));
  result.accuracy_validation = median(std::move(validation));
  return result;
}

double share_solved(const Solving& solving) { return static_cast<double>(solving.solved) / solving.seeds; }

bool better(const AtRate& a, const AtRate& b) {
  const auto rank = [](const AtRate& one) { return std::tuple(share_solved(one.solving), -one.solving.steps.value_or(0), one.accuracy_validation); };
  return rank(a) > rank(b);
}

Lines lines(std::span<const Solving> cells) {
  const bool axes = std::any_of(cells.begin(), cells.end(), [](const Solving& cell) { return !cell.axes.empty(); });
  Lines out{{"task", "size", "L", "architecture"}};
  if (axes) out[0].emplace_back("axes");
  for (const char* name : {"hidden", "learning rate", "solved", "steps", "tokens", "seconds", "test accuracy"}) out[0].emplace_back(name);
  for (const Solving& cell : cells) {
    std::vector<std::string> line{cell.task, fmt::format("{}", cell.size), fmt::format("{}", cell.length), cell.architecture};
    if (axes) line.push_back(cell.axes);
    line.insert(line.end(), {fmt::format("{}", cell.hidden), fmt::format("{:g}", cell.learning_rate), fmt::format("{}/{}", cell.solved, cell.seeds),
                             text(cell.steps, 0), cell.tokens ? fmt::format("{:.2g} M", *cell.tokens / 1e6) : "-", text(cell.seconds, 1),
                             rounded(cell.accuracy_test, 3)});
    out.push_back(std::move(line));
  }
  return out;
}

}  // namespace

std::vector<Solving> steps_to_solve(std::span<const store::ResultRow> rows) {
  using Cell = std::tuple<std::string, std::int64_t, std::string, std::string, std::int64_t>;
  std::map<Cell, std::size_t> place;
  std::vector<std::map<double, std::vector<const store::ResultRow*>>> cells;  // by learning rate
  for (const store::ResultRow& row : rows) {
    if (row.status != "finished" && row.status != "diverged") continue;
    const Cell cell{row.task, row.size, row.architecture, axes_label(row.further), row.hidden};
    const auto [found, is_new] = place.emplace(cell, cells.size());
    if (is_new) cells.emplace_back();
    cells[found->second][row.learning_rate].push_back(&row);
  }
  std::vector<Solving> solvings;
  for (const auto& rates : cells) {
    std::vector<AtRate> each;
    for (const auto& [rate, seeds] : rates) each.push_back(at_rate(seeds));
    solvings.push_back(std::max_element(each.begin(), each.end(), [](const AtRate& a, const AtRate& b) { return better(b, a); })->solving);
  }
  return solvings;
}

std::vector<Solving> smallest_solved(std::span<const Solving> cells) {
  std::vector<Solving> smallest;
  const auto all = [](const Solving& cell) { return cell.solved == cell.seeds; };
  const auto rank = [](const Solving& cell) { return std::tuple(share_solved(cell), cell.accuracy_test, -cell.hidden); };
  for (const Solving& cell : cells) {
    const auto same = std::find_if(smallest.begin(), smallest.end(), [&cell](const Solving& one) {
      return std::tie(one.task, one.size, one.architecture, one.axes) == std::tie(cell.task, cell.size, cell.architecture, cell.axes);
    });
    if (same == smallest.end()) {
      smallest.push_back(cell);
    } else if (all(cell) && all(*same) ? cell.hidden < same->hidden : rank(cell) > rank(*same)) {
      *same = cell;
    }
  }
  return smallest;
}

Json to_json(std::span<const Solving> cells) {
  Json list = Json::array();
  for (const Solving& cell : cells) {
    list.push_back({{"task", cell.task},
                    {"size", cell.size},
                    {"length", cell.length},
                    {"architecture", cell.architecture},
                    {"axes", cell.axes},
                    {"hidden", cell.hidden},
                    {"learning_rate", cell.learning_rate},
                    {"seeds", cell.seeds},
                    {"solved", cell.solved},
                    {"steps", number(cell.steps)},
                    {"tokens", number(cell.tokens)},
                    {"seconds", number(cell.seconds)},
                    {"accuracy_test", number_to_json(cell.accuracy_test)}});
  }
  return {{"format_version", 1}, {"cells", list}};
}

void add_steps(CLI::App& app) {
  struct Flags {
    std::string input;
    bool smallest = false, json = false, markdown = false;
  };
  const auto flags = std::make_shared<Flags>();
  CLI::App* command = app.add_subcommand("steps", "Steps, tokens and seconds until each cell was solved, at its best learning rate");
  command->add_option("input", flags->input, "Run folder or results.h5")->required();
  command->add_flag("--smallest", flags->smallest, "Only the smallest width that every seed solves (where there is none, the nearest to it)");
  CLI::Option* json = command->add_flag("--json", flags->json, "JSON instead of the table");
  command->add_flag("--markdown", flags->markdown, "A Markdown table")->excludes(json);
  command->callback([flags] {
    std::vector<Solving> cells = steps_to_solve(store::read_results(flags->input));
    if (cells.empty()) {
      throw InputError(
          {.what = "no trial has a result yet", .where = flags->input, .expected = "finished trials", .advice = "Run the study: surd-run"});
    }
    if (flags->smallest) cells = smallest_solved(cells);
    if (flags->json) {
      fmt::print("{}\n", to_json(cells).dump(2));
    } else {
      fmt::print("{}", flags->markdown ? markdown(lines(cells)) : aligned(lines(cells)));
    }
  });
}

}  // namespace surd::analysis
