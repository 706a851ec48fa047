#include "analysis/report/power_output.hpp"

#include <fmt/format.h>

#include <cmath>

#include "analysis/report/text.hpp"

namespace surd::analysis {
namespace {

Json json_of(const law::Scenario& scenario) {
  return {{"lengths", scenario.lengths},
          {"widths", scenario.widths},
          {"seeds", scenario.seeds},
          {"alpha", scenario.alpha},
          {"threshold", scenario.threshold},
          {"kappa", scenario.kappa},
          {"lapse_shortest", scenario.lapse_shortest},
          {"lapse_longest", scenario.lapse_longest},
          {"scatter", scenario.scatter}};
}

Json json_of(const law::Accuracy& accuracy) {
  return {{"truth", accuracy.truth},
          {"studies", accuracy.studies},
          {"bias", accuracy.bias},
          {"standard_deviation", accuracy.standard_deviation},
          {"coverage", accuracy.coverage ? Json(accuracy.coverage->value) : Json()},
          {"half_width", accuracy.half_width},
          {"half_width_low", accuracy.half_width_low},
          {"half_width_high", accuracy.half_width_high},
          {"open", accuracy.open}};
}

std::vector<std::string> line_of(const std::string& name, const law::Accuracy& accuracy,
                                 int studies) {
  if (accuracy.studies == 0) return {name, "-", "-", "-", "-", "-", "-", std::to_string(studies)};
  return {name,
          rounded(accuracy.half_width, 2),
          fmt::format("{} to {}", rounded(accuracy.half_width_low, 2),
                      rounded(accuracy.half_width_high, 2)),
          rounded(accuracy.open, 2),
          rounded(accuracy.coverage->value, 2),
          fmt::format("{:+.2f}", accuracy.bias + 0.0),
          rounded(accuracy.standard_deviation, 2),
          std::to_string(studies - accuracy.studies)};
}

std::string advice(const Planned& planned, const HalfWidth& half_width) {
  if (half_width.seeds) {
    return fmt::format("\nA half-width of {} for alpha in half of the studies: {} seed{} a cell\n",
                       half_width.wanted, *half_width.seeds, *half_width.seeds == 1 ? "" : "s");
  }
  return fmt::format("\nA half-width of {} for alpha is not reached by {} seeds a cell: {}\n",
                     half_width.wanted, half_width.most,
                     planned.scenario.lengths.size() < 6
                         ? "run six lengths or more"
                         : "run widths in smaller steps, or lengths further apart");
}

// Its rows.
std::string curve_csv(const std::string& architecture, const law::Scenario& scenario,
                      RandomStream& random, bool counted) {
  std::string csv;
  for (const law::Cell& cell : law::simulate(scenario, random)) {
    if (counted) {
      csv += fmt::format("simulated,{},{},{},{},{}\n", architecture, cell.length, cell.hidden,
                         cell.seeds, cell.solved);
      continue;
    }
    for (int seed = 0; seed < cell.seeds; ++seed) {
      const bool is_solved = seed < cell.solved;
      const auto accuracy = [&] {
        return is_solved ? 0.95 + 0.05 * random.uniform() : 0.6 * random.uniform();
      };
      const double validation = accuracy();
      csv += fmt::format("simulated,{},{},{},{},{:.4f},{:.4f}\n", architecture, cell.length,
                         cell.hidden, seed + 1, validation, accuracy());
    }
  }
  return csv;
}

}  // namespace

std::string description(const Planned& planned) {
  const law::Scenario& scenario = planned.scenario;
  const auto guess = [](const law::Scenario& one) {
    const std::string lapse = one.lapse_shortest == one.lapse_longest
                                  ? rounded(one.lapse_shortest, 3)
                                  : fmt::format("{} to {}", rounded(one.lapse_shortest, 3),
                                                rounded(one.lapse_longest, 3));
    return fmt::format("alpha {}, width {}, kappa {}, lapse {}{}", rounded(one.alpha, 2),
                       text3(one.threshold), text3(one.kappa), lapse,
                       one.scatter > 0 ? fmt::format(", scatter {}", rounded(one.scatter, 2)) : "");
  };
  std::string text = fmt::format(
      "Study:    lengths {}; widths {}; {} seed{} a cell\n", fmt::join(scenario.lengths, ", "),
      fmt::join(scenario.widths, ", "), scenario.seeds, scenario.seeds == 1 ? "" : "s");
  text += "Guess:    " + guess(scenario) + "\n";
  if (planned.baseline) text += "Baseline: " + guess(*planned.baseline) + "\n";
  const double middle = std::exp(law::mean_log(scenario.lengths));
  std::vector<double> outside;
  for (const double length : scenario.lengths) {
    const double width = scenario.threshold * std::pow(length / middle, scenario.alpha);
    if (width < scenario.widths.front() * (1 - 1e-9) || width > scenario.widths.back() * (1 + 1e-9))
      outside.push_back(length);
  }
  if (scenario.lengths.size() < 2) text += "An exponent needs two lengths: plan six or more\n";
  if (!outside.empty()) {
    text += fmt::format(
        "The guessed threshold lies outside the widths at length{} {}: plan other widths there\n",
        outside.size() == 1 ? "" : "s", fmt::join(outside, ", "));
  }
  return text;
}

std::string power_table(const Planned& planned, const law::Power& power,
                        const std::optional<HalfWidth>& half_width) {
  std::string text =
      description(planned) +
      fmt::format("\n{} simulated studies, thresholds at random within a step of the widths\n",
                  power.studies);
  Lines lines = {{"", "half-width of the 95 % interval", "10 % to 90 %", "open", "coverage", "bias",
                  "sd", "no value"}};
  lines.push_back(line_of("alpha", power.alpha, power.studies));
  if (power.delta) lines.push_back(line_of("delta alpha", *power.delta, power.studies));
  text += aligned(lines) + "\nChance of each verdict\n";
  Lines verdicts;
  for (const auto& [verdict, share] : power.verdicts) {
    verdicts.push_back({"  " + law::to_string(verdict), rounded(share.value, 2),
                        fmt::format("[{}, {}]", rounded(share.low, 2), rounded(share.high, 2))});
  }
  text += aligned(verdicts);
  if (half_width) text += advice(planned, *half_width);
  return text;
}

Json power_json(const Planned& planned, const law::Power& power,
                const std::optional<HalfWidth>& half_width) {
  Json verdicts = Json::object();
  for (const auto& [verdict, share] : power.verdicts)
    verdicts[law::to_string(verdict)] = {
        {"chance", share.value}, {"low", share.low}, {"high", share.high}};
  Json json = {{"format_version", 1},
               {"study", json_of(planned.scenario)},
               {"baseline", planned.baseline ? json_of(*planned.baseline) : Json()},
               {"studies", power.studies},
               {"alpha", json_of(power.alpha)},
               {"delta_alpha", power.delta ? json_of(*power.delta) : Json()},
               {"verdicts", std::move(verdicts)},
               {"half_width", nullptr},
               {"notes", planned.notes}};
  if (half_width)
    json["half_width"] = {{"wanted", half_width->wanted},
                          {"seeds", half_width->seeds ? Json(*half_width->seeds) : Json()}};
  return json;
}

std::string simulated_csv(const Planned& planned, std::uint64_t seed, bool counted) {
  RandomStream random(seed, Split::test, 0, 0);
  std::string csv =
      counted ? "task,architecture,length,hidden,seeds,solved\n"
              : "task,architecture,length,hidden,seed,accuracy_validation,accuracy_test\n";
  const std::string efficient = curve_csv("efficient", planned.scenario, random, counted);
  if (planned.baseline) csv += curve_csv("standard", *planned.baseline, random, counted);
  return csv + efficient;
}

}  // namespace surd::analysis
