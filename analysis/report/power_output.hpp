// What a planned study is likely to find, as a table and JSON; such a study as CSV.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "analysis/findings/planned.hpp"
#include "base/json.hpp"
#include "law/power.hpp"

namespace surd::analysis {

// "lengths 16, 32, 64; ..." in two lines.
std::string description(const Planned& planned);

// What each word of that and of the JSON means: see explain.hpp.
std::string explain_power();
std::string power_table(const Planned& planned, const law::Power& power,
                        const std::optional<HalfWidth>& half_width);
// {"format_version": 1, "study": {...}, "baseline": {...} or null, "studies", "scale", "alpha":
// {"truth", "studies", "bias", "standard_deviation", "coverage", "half_width", "half_width_low",
//   "half_width_high", "open"}, all but the first two null where no study gives a value,
//   "delta_alpha": the same or null, "verdicts": {"sqrt": {"chance", "low", "high"},
//   ...}, "half_width": {"wanted", "seeds"} or null}
Json power_json(const Planned& planned, const law::Power& power,
                const std::optional<HalfWidth>& half_width);

// One study drawn from the plan, as surd-fit reads it: task "simulated", architectures "efficient"
// and, with a baseline and before it, "standard". Counted: a row a cell; else a row a seed, with
// accuracies above .95 where it is solved and below .6 where it is not.
std::string simulated_csv(const Planned& planned, std::uint64_t seed, bool counted);

}  // namespace surd::analysis
