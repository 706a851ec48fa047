// Everything that one input says: an exponent for each task and architecture, and each architecture against the baseline.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analysis/findings/audit.hpp"
#include "analysis/findings/compute.hpp"
#include "analysis/input/input.hpp"
#include "analysis/findings/laws.hpp"
#include "analysis/findings/sensitivity.hpp"
#include "law/contrast.hpp"
#include "law/fit.hpp"
#include "law/outcome.hpp"
#include "law/verdict.hpp"

namespace surd::analysis {

struct Settings {
  double tau = 0.9;                   // test accuracy from which a seed is solved
  std::string baseline = "standard";  // the architecture that the others are compared with
  law::Options options;
};

// What the user said; what is left open is the study's own wish (its block `fit`), else the default of Settings.
struct Choices {
  std::optional<double> tau{};
  std::optional<std::string> baseline{};
  law::Options options{};
};
Settings settle(const Choices& choices, const Input& input);

struct Finding {
  law::Series series;  // the data
  law::Fit fit;
  law::Judgement judgement;
  Beside beside{};
  Compute compute{};
};

struct Comparison {
  std::string task;
  std::string architecture;
  std::string axes;
  std::string baseline;
  law::Contrast contrast;
  Saving saving{};
};

struct Findings {
  std::string path;
  Settings settings;
  bool counted = false;               // the input counts seeds, so tau had no influence
  std::vector<Finding> fits;          // by task, axes, architecture
  std::vector<Comparison> contrasts;  // in the order of fits
  std::optional<Audit> audit{};       // none where the input has no budget audit
  Sensitivity sensitivity{};
  std::vector<law::Unused> unused;
  std::vector<std::string> notes;
};

// Fits all that can be fitted: where not one seed can be used every fit gives its reason, and a report shows that.
Findings fit_what_there_is(const Input& input, const Settings& settings);
// InputError where not one seed can be used, with what to run next.
void require_seeds(const Input& input, const Findings& findings);
// Both.
Findings fit_everything(const Input& input, const Settings& settings);

}  // namespace surd::analysis
