#include "analysis/findings/steps.hpp"

#include <algorithm>
#include <map>
#include <tuple>

#include "analysis/input/axes.hpp"

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
    const double share =
        static_cast<double>(row->steps_to_solve) /
        static_cast<double>(row->steps);  // a trial goes on to its second such validation
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

double share_solved(const Solving& solving) {
  return static_cast<double>(solving.solved) / solving.seeds;
}

bool better(const AtRate& a, const AtRate& b) {
  const auto rank = [](const AtRate& one) {
    return std::tuple(share_solved(one.solving), -one.solving.steps.value_or(0),
                      one.accuracy_validation);
  };
  return rank(a) > rank(b);
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
    solvings.push_back(
        std::max_element(each.begin(), each.end(), [](const AtRate& a, const AtRate& b) {
          return better(b, a);
        })->solving);
  }
  return solvings;
}

std::vector<Solving> smallest_solved(std::span<const Solving> cells) {
  std::vector<Solving> smallest;
  const auto all = [](const Solving& cell) { return cell.solved == cell.seeds; };
  const auto rank = [](const Solving& cell) {
    return std::tuple(share_solved(cell), cell.accuracy_test, -cell.hidden);
  };
  for (const Solving& cell : cells) {
    const auto same = std::find_if(smallest.begin(), smallest.end(), [&cell](const Solving& one) {
      return std::tie(one.task, one.size, one.architecture, one.axes) ==
             std::tie(cell.task, cell.size, cell.architecture, cell.axes);
    });
    if (same == smallest.end()) {
      smallest.push_back(cell);
    } else if (all(cell) && all(*same) ? cell.hidden < same->hidden : rank(cell) > rank(*same)) {
      *same = cell;
    }
  }
  return smallest;
}

}  // namespace surd::analysis
