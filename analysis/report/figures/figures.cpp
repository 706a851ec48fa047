#include "analysis/report/figures/figures.hpp"

#include <utility>

namespace surd::analysis {

Figures figures(const Input& input, const Findings& findings, const Training* training,
                const Sampling& sampling) {
  std::vector<Group> groups = groups_of(findings);
  Figures all{.exponents = exponents_figure(findings, groups),
              .differences = differences_figure(findings, groups),
              .success = success_figure(findings, groups),
              .budgets = budget_figures(findings, groups),
              .groups = {},
              .training = {}};
  if (training) all.training = training_figures(*training, input, findings, groups, sampling);
  const std::size_t told = seeds_told(findings);
  for (Group& group : groups) {
    Figures::OfGroup one{.group = {},
                         .maps = {},
                         .thresholds = threshold_figure(findings, group),
                         .profile = profile_figure(findings, group),
                         .states = state_figures(findings, group)};
    for (const Shown& shown : group.series)
      one.maps.push_back(accuracy_map(input, findings, group, shown, told));
    one.group = std::move(group);
    all.groups.push_back(std::move(one));
  }
  return all;
}

}  // namespace surd::analysis
