// A study that is only planned: its grid and a guess at the truth, from flags and, where there is
// one, from a pilot's results.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analysis/findings/settings.hpp"
#include "analysis/input/input.hpp"
#include "law/power.hpp"
#include "law/simulate.hpp"

namespace surd::analysis {

// As given; what is left open is filled by `planned`.
struct PlannedFlags {
  std::string task;  // of the input; may be empty where only one series can be meant
  std::string architecture;
  std::string axes;
  Choices choices;  // how the input is fitted
  std::string lengths;
  std::string widths;
  std::optional<int> seeds;
  std::optional<double> alpha, threshold, kappa, lapse, lapse_longest, scatter;
  std::optional<double> baseline_alpha, baseline_threshold;
  bool no_baseline = false;
  SizeScale scale = SizeScale::hidden;  // of the exponents that are found; guesses are widths
  bool pilot_scatter = false;  // without --scatter: that of the pilot's thresholds about its law
};

struct Planned {
  law::Scenario scenario;
  std::optional<law::Scenario> baseline;
  SizeScale scale = SizeScale::hidden;
  std::vector<std::string> notes;  // what was taken from where
};
// Flags win over the input, which wins over the defaults: lengths 16..256, widths 8..1024, 3 seeds,
// alpha .5, the threshold in the middle of the widths, kappa 6, lapse .05; the baseline as the
// study with alpha 0. InputError: an input without an exponent, or with several series and none
// chosen; a scale without an input, or what in_scale refuses.
Planned planned(const PlannedFlags& flags, const std::optional<Input>& input = {});

// What law::power_of asks of that, thresholds at random within half a step of the widths; how many
// studies, with what options, is left to the caller.
law::Experiment experiment_of(const Planned& planned);

struct HalfWidth {
  double wanted = 0;
  int most = 0;              // seeds a cell that were tried at most
  std::optional<int> seeds;  // the fewest that reach it; none where `most` do not
};

// "16,32,64", or "8..1024" for doublings, or "8..1024*1.4142" for another factor, rounded to whole
// numbers. `name` is the flag, for messages. InputError: not numbers, not ascending, a factor of 1
// or less.
std::vector<double> list_of(const std::string& text, const std::string& name);

}  // namespace surd::analysis
