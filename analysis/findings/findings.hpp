// Everything that one input says: an exponent for each task and architecture, and each architecture
// against the baseline.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analysis/findings/audit.hpp"
#include "analysis/findings/budgets.hpp"
#include "analysis/findings/finding.hpp"
#include "analysis/findings/sensitivity.hpp"
#include "analysis/findings/settings.hpp"
#include "analysis/findings/states.hpp"
#include "analysis/input/input.hpp"
#include "base/error.hpp"
#include "law/outcome.hpp"

namespace surd::analysis {

struct Findings {
  std::string path;
  Settings settings;
  bool counted = false;                // the input counts seeds, so tau had no influence
  std::vector<Finding> fits;           // by task, axes, architecture
  std::vector<Comparison> contrasts;   // in the order of fits
  std::vector<BudgetCurve> budgets{};  // empty where no curve has several
  std::optional<Audit> audit{};        // none where the input has no budget audit
  Sensitivity sensitivity{};
  std::vector<StateCell> states{};  // empty where the input knows no state sizes
  std::vector<law::Unused> unused;
  std::vector<std::string> notes;
};

// Fits all that can be fitted: where not one seed can be used every fit gives its reason, and a
// report shows that.
Findings fit_what_there_is(const Input& input, const Choices& choices);
// Why it gives no exponent at all, with what to run next; nothing where there is one.
std::optional<Report> undetermined(const Input& input, const Findings& findings);
// For what cannot go on without: InputError where not one seed can be used.
Findings fit_everything(const Input& input, const Choices& choices);

}  // namespace surd::analysis
