#include "grid/plan.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <tuple>

#include "base/clock.hpp"
#include "spec/memory.hpp"
#include "tasks/split.hpp"

namespace surd::grid {

Cost trial_cost(const Cell& cell) {
  const spec::ModelShape model = spec::shape(cell);
  const bool generates = tasks::make_task(cell.task)->scoring() == tasks::Scoring::generated_answer;
  const double forward = spec::forward_flops(model, cell.mean.tokens, cell.mean.supervised);
  const double sequences = static_cast<double>(cell.recipe.steps) * cell.recipe.batch_sequences;
  const double validations =
      std::ceil(static_cast<double>(cell.recipe.steps) / cell.recipe.eval_every);
  return {.parameters = spec::parameter_count(model),
          .parameters_without_embeddings = spec::parameter_count_without_embeddings(model),
          .training_tokens = sequences * cell.mean.tokens,
          .training_flops =
              sequences * spec::training_flops(model, cell.mean.tokens, cell.mean.supervised),
          .evaluation_flops = forward * (validations * cell.recipe.validation + cell.recipe.test),
          .state_bytes = spec::state_bytes(model, cell.length),
          .memory_bytes =
              spec::bundle_bytes(model, spec::load(cell.recipe, cell.mean, generates, 1, 1))};
}

namespace {

double trained_instances(const Cell& cell) {
  const double drawn = static_cast<double>(cell.recipe.steps) * cell.recipe.batch_sequences;
  return cell.recipe.training_set > 0
             ? std::min(drawn, static_cast<double>(cell.recipe.training_set))
             : drawn;
}

void warn_of_overlap(const Study& study, std::vector<std::string>& warnings) {
  std::map<std::tuple<std::string, int, std::map<std::string, int>>, const Cell*>
      problems;  // the cell of each problem that trains on most
  for (const Cell& cell : study.cells) {
    const Cell*& most = problems[{cell.task.name, cell.task.size, cell.task.options}];
    if (most == nullptr || trained_instances(cell) > trained_instances(*most)) most = &cell;
  }
  for (const auto& [problem, cell] : problems) {
    const auto task = tasks::make_task(cell->task);
    if (tasks::SplitSampler(*task).disjoint()) continue;
    // Chance that a test instance was also trained on, were instances uniform over the instance
    // space: 1 - exp(-trained / instances).
    const double log2_instances = task->log2_instances();
    const double share =
        -std::expm1(-std::exp2(std::log2(trained_instances(*cell)) - log2_instances));
    warnings.push_back(
        fmt::format("{} of size {} has few instances (2^{:.1f}): training, validation and test are "
                    "not kept apart, and up to {:.3g} % of "
                    "the test set also occurs in training",
                    cell->task.name, cell->task.size, log2_instances, 100 * share));
  }
}

void warn_of_lengths(const Study& study, std::vector<std::string>& warnings) {
  std::map<std::string, std::set<int>> lengths;
  for (const Cell& cell : study.cells) lengths[cell.task.name].insert(cell.length);
  for (const auto& [task, values] : lengths) {
    if (values.size() >= 6) continue;
    warnings.push_back(
        fmt::format("{} has {} length{}: {}", task, values.size(), values.size() == 1 ? "" : "s",
                    values.size() < 3 ? "no exponent with an interval comes of fewer than 3"
                                      : "intervals are wide below 6"));
  }
}

void warn_of_rules(const Study& study, std::vector<std::string>& warnings) {
  for (const RuleCount& rule : study.rules) {
    if (rule.cells == 0 && rule.seeds == 0)
      warnings.push_back(fmt::format("{}: {} changes nothing", rule.where, rule.rule));
  }
}

void warn_of_baseline(const Study& study, std::vector<std::string>& warnings) {
  std::vector<std::string> labels;
  for (const Cell& cell : study.cells) {
    if (std::find(labels.begin(), labels.end(), cell.label) == labels.end())
      labels.push_back(cell.label);
  }
  const std::string& baseline = study.fit.baseline;
  if (std::find(labels.begin(), labels.end(), baseline) != labels.end()) return;
  warnings.push_back(fmt::format(
      "fit.baseline {} is not in the study, so surd-fit will compare nothing; there are: {}",
      baseline, fmt::join(labels, ", ")));
}

// Short times in words, long ones in round hours: three digits are more than such a forecast is
// worth.
std::string hours_text(double seconds) {
  return seconds < 100 * 3600 ? duration_text(seconds) : fmt::format("{:.3g} h", seconds / 3600);
}

std::string bytes_text(double bytes) {
  if (bytes < 1e6) return fmt::format("{:.1f} kB", bytes / 1e3);
  return bytes < 1e9 ? fmt::format("{:.1f} MB", bytes / 1e6)
                     : fmt::format("{:.1f} GB", bytes / 1e9);
}

}  // namespace

Plan make_plan(const Study& study) {
  Plan plan;
  for (const RuleCount& rule : study.rules) {
    if (rule.rule == "grid") plan.cells_grid = rule.cells;
    if (rule.rule.starts_with("exclude")) plan.cells_excluded += rule.cells;
    if (rule.rule.starts_with("include")) plan.cells_included += rule.cells;
  }
  Indexed<CellIndex, std::int64_t> trials(study.cells.size(), 0);
  Indexed<CellIndex, TrialIndex> first(study.cells.size());
  for (std::size_t i = study.trials.size(); i-- > 0;) {
    const TrialIndex trial{i};
    ++trials[study.trials[trial].cell];
    first[study.trials[trial].cell] = trial;
  }
  plan.parameters_least = std::numeric_limits<std::int64_t>::max();
  for (std::size_t c = 0; c < study.cells.size(); ++c) {
    const Cell& cell = study.cells[c];
    const Cost cost = trial_cost(cell);
    auto group = std::find_if(plan.groups.begin(), plan.groups.end(), [&](const PlanGroup& g) {
      return g.task == cell.task.name && g.architecture == cell.label;
    });
    if (group == plan.groups.end())
      group = plan.groups.insert(plan.groups.end(), {cell.task.name, cell.label});
    group->cells += 1;
    group->trials += trials[c];
    group->flops += cost.flops() * static_cast<double>(trials[c]);
    plan.flops += cost.flops() * static_cast<double>(trials[c]);
    plan.parameters_least = std::min(plan.parameters_least, cost.parameters);
    plan.parameters_most = std::max(plan.parameters_most, cost.parameters);
    plan.memory_bytes_most = std::max(plan.memory_bytes_most, cost.memory_bytes);
    if (cost.flops() > plan.flops_largest_trial) {
      plan.flops_largest_trial = cost.flops();
      plan.largest_trial = first[c];
    }
  }
  warn_of_overlap(study, plan.warnings);
  warn_of_lengths(study, plan.warnings);
  warn_of_rules(study, plan.warnings);
  warn_of_baseline(study, plan.warnings);
  return plan;
}

double forecast_hours(double flops, double flops_per_s) { return flops / flops_per_s / 3600; }

Json to_json(const Study& study, const Plan& plan, double flops_per_s, bool list_trials) {
  Json rules = Json::array();
  for (const RuleCount& rule : study.rules)
    rules.push_back({{"rule", rule.rule}, {"where", rule.where}, {"cells", rule.cells}});
  Json groups = Json::array();
  for (const PlanGroup& group : plan.groups) {
    groups.push_back({{"task", group.task},
                      {"architecture", group.architecture},
                      {"cells", group.cells},
                      {"trials", group.trials},
                      {"flops", group.flops}});
  }
  Json json = {{"format_version", 1},
               {"study", study.name},
               {"question", study.question},
               {"design", to_string(study.run.design)},
               {"cells", study.cells.size()},
               {"cells_grid", plan.cells_grid},
               {"cells_excluded", plan.cells_excluded},
               {"cells_included", plan.cells_included},
               {"trials", study.trials.size()},
               {"seeds", study.seeds.size()},
               {"learning_rates", study.learning_rates},
               {"window", study.window},
               {"baseline", study.fit.baseline},
               {"further_axes", study.further_axes},
               {"rules", std::move(rules)},
               {"groups", std::move(groups)},
               {"parameters", {{"least", plan.parameters_least}, {"most", plan.parameters_most}}},
               {"memory_bytes_most", plan.memory_bytes_most},
               {"flops",
                {{"total", plan.flops},
                 {"largest_trial", plan.flops_largest_trial},
                 {"largest_trial_id", study.trials[plan.largest_trial].id.value}}},
               {"forecast",
                {{"hours", forecast_hours(plan.flops, flops_per_s)},
                 {"hours_largest_trial", forecast_hours(plan.flops_largest_trial, flops_per_s)},
                 {"flops_per_s", flops_per_s},
                 {"calibrated", false}}},
               {"warnings", plan.warnings}};
  if (list_trials) {
    Json list = Json::array();
    for (const StudyTrial& trial : study.trials) {
      const Cell& cell = study.cells[trial.cell];
      Json row = {{"id", trial.id.value},
                  {"task", cell.task.name},
                  {"size", cell.task.size},
                  {"length", cell.length},
                  {"paper_length", cell.paper_length},
                  {"hidden", cell.hidden},
                  {"architecture", cell.label},
                  {"seed", trial.seed},
                  {"learning_rate", trial.learning_rate}};
      for (const auto& [name, value] : cell.further) row[name] = value;
      list.push_back(std::move(row));
    }
    json["trial_list"] = std::move(list);
  }
  return json;
}

std::string to_text(const Study& study, const Plan& plan, double flops_per_s) {
  std::string text = fmt::format("study {}\n", study.name);
  if (!study.question.empty()) text += study.question + "\n";
  const std::size_t seeds = study.seeds.size() + (study.window > 0 ? 1 : 0);
  const bool even = study.trials.size() == study.cells.size() * seeds * study.learning_rates.size();
  text += fmt::format("\n{} trials = {} cells x {} seeds{}{} x {} learning rates{}, design {}\n",
                      study.trials.size(), study.cells.size(), seeds,
                      study.window > 0 ? ", one of them a pilot's," : "",
                      even ? "" : " (others where include says so)", study.learning_rates.size(),
                      study.window > 0 ? fmt::format(", of which {} run", study.window) : "",
                      to_string(study.run.design));
  for (const RuleCount& rule : study.rules) {
    const char* sign = rule.rule.starts_with("exclude") ? "-" : "+";
    text += fmt::format("  {}{:<8} {}{}\n", sign, rule.cells, rule.rule,
                        rule.seeds > 0 ? fmt::format(", further seeds: {}", rule.seeds) : "");
  }
  text += fmt::format("\n  {:<16}{:<20}{:>8}{:>10}{:>12}\n", "task", "architecture", "cells",
                      "trials", "FLOPs");
  for (const PlanGroup& group : plan.groups) {
    text += fmt::format("  {:<16}{:<20}{:>8}{:>10}{:>12.3g}\n", group.task, group.architecture,
                        group.cells, group.trials, group.flops);
  }
  const StudyTrial& largest = study.trials[plan.largest_trial];
  text +=
      fmt::format("\nbaseline        {}: surd-fit compares the others with it", study.fit.baseline);
  text += fmt::format("\nparameters      {} to {}\n", plan.parameters_least, plan.parameters_most);
  text +=
      fmt::format("training memory up to {} for one trial\n", bytes_text(plan.memory_bytes_most));
  text += fmt::format("largest trial   {:.3g} FLOPs, {}\n", plan.flops_largest_trial,
                      describe(study.cells[largest.cell]));
  text += fmt::format("all trials      {:.3g} FLOPs at most: trials that stop early{} cost less\n",
                      plan.flops,
                      study.run.design == Design::ascend ? ", and widths that ascend skips," : "");
  text += fmt::format(
      "forecast        {} on one rank at {:.3g} FLOP/s, uncalibrated; largest trial {}\n",
      hours_text(plan.flops / flops_per_s), flops_per_s,
      hours_text(plan.flops_largest_trial / flops_per_s));
  for (const std::string& warning : plan.warnings) text += "warning: " + warning + "\n";
  return text;
}

}  // namespace surd::grid
