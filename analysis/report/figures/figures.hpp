// The report's figures, a function each. All words are complete: whoever draws them cuts what does
// not fit.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analysis/findings/findings.hpp"
#include "analysis/report/figure.hpp"
#include "analysis/report/figures/group.hpp"
#include "analysis/report/training.hpp"

namespace surd::analysis {

// Length by width: test accuracy at the best learning rate, mean over seeds; of counted input the
// share of seeds solved; empty without cells. `told`: how many seeds of a cell are told one by one
// on hover.
Figure accuracy_map(const Input& input, const Findings& findings, const Group& group,
                    const Shown& shown, std::size_t told);
std::size_t seeds_told(const Findings& findings);

// The widths that each length needs (empty where none was run), and the fitted laws with their
// bands, both axes logarithmic.
Figure threshold_figure(const Findings& findings, const Group& group);
// Accuracy against state size with its Pareto front, a figure a length, the largest first; of many
// lengths some. None where the input knows no state sizes.
std::vector<Figure> state_figures(const Findings& findings, const Group& group);
// How much worse the law fits with another exponent; empty where no series has one.
Figure profile_figure(const Findings& findings, const Group& group);
// All exponents, or all differences from the baseline, below each other.
Figure exponents_figure(const Findings& findings, const std::vector<Group>& groups);
Figure differences_figure(const Findings& findings, const std::vector<Group>& groups);

// The exponent at each budget and the one that remains, a figure a task and further axes; none
// where no curve has several budgets.
std::vector<Figure> budget_figures(const Findings& findings, const std::vector<Group>& groups);

// Solved seeds against width beside the fitted law: a row a group, a column an architecture; of
// many lengths some. For files and the plain page.
Figure success_figure(const Findings& findings, const std::vector<Group>& groups);

// How much of a run its figures carry, whatever its size.
struct Sampling {
  std::size_t widths = 4;  // a length: those nearest to its threshold
  std::size_t runs =
      8;  // a width: first the learning rate that counts of each seed, then the others
  std::size_t points = 40;  // a curve: evenly spaced among its points, the last one always
  std::size_t curves =
      1200;  // of all; fewer runs a width, then fewer widths, then fewer lengths keep below it
  std::size_t scattered = 1500;  // trials of the figure of seconds against FLOPs: evenly spaced by
                                 // FLOPs within each series
};

// Of how many trials that have something to show how many are shown.
struct Sampled {
  std::size_t shown = 0;
  std::size_t trials = 0;
};

// Figures of the training itself.
struct TrainingFigures {
  std::vector<std::vector<Figure>>
      curves;  // a list a group: its learning curves, a figure each architecture and length
  Sampled curves_sampled;
  Figure costs;  // seconds of each trial against its FLOPs; empty where none has both
  Sampled costs_sampled;
};
TrainingFigures training_figures(const Training& training, const Input& input,
                                 const Findings& findings, const std::vector<Group>& groups,
                                 const Sampling& sampling = {});

// All of them.
struct Figures {
  Figure exponents, differences;  // the latter empty where there is none
  Figure success;
  std::vector<Figure> budgets;
  struct OfGroup {
    Group group;
    std::vector<Figure> maps;  // a series each
    Figure thresholds, profile;
    std::vector<Figure> states;
  };
  std::vector<OfGroup> groups;
  std::optional<TrainingFigures> training;  // of a run alone
};
// They point into `findings`.
Figures figures(const Input& input, const Findings& findings, const Training* training = nullptr,
                const Sampling& sampling = {});

}  // namespace surd::analysis
