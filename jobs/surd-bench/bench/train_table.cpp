#include "bench/train_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "spec/architecture.hpp"

namespace surd::bench {
namespace {

std::string thousands(double value) {
  return value >= 99.5e3 ? fmt::format("{:.0f}", value / 1e3) : fmt::format("{:.3g}", value / 1e3);
}
std::string thousands(const Spread& spread) {
  return fmt::format("{} ({}-{})", thousands(spread.median), thousands(spread.least),
                     thousands(spread.most));
}

std::string label(const TrainMeasurement& measurement) {
  return spec::label(measurement.trial.architecture);
}

std::vector<std::string> labels(const std::vector<TrainMeasurement>& measurements) {
  std::vector<std::string> names;
  for (const TrainMeasurement& each : measurements) {
    if (std::find(names.begin(), names.end(), label(each)) == names.end())
      names.push_back(label(each));
  }
  return names;
}

std::string row(const std::vector<std::string>& cells) {
  std::string line = "|";
  for (const std::string& cell : cells) line += fmt::format(" {} |", cell);
  return line + "\n";
}

std::string head(const std::vector<std::string>& names) {
  std::string lines = row(names) + "|";
  for (std::size_t i = 0; i < names.size(); ++i) lines += "---|";
  return lines + "\n";
}

}  // namespace

std::vector<double> TrainMeasurement::ratios() const {
  std::vector<double> values;
  for (std::size_t i = 0; i < peer_tokens_s.size(); ++i)
    values.push_back(ours.tokens_s[i] / peer_tokens_s[i]);
  return values;
}

std::string markdown(const std::vector<TrainMeasurement>& measurements, double peak_flops_s) {
  const std::vector<std::string> architectures = labels(measurements);
  const bool beside =
      std::any_of(measurements.begin(), measurements.end(),
                  [](const TrainMeasurement& each) { return !each.peer_tokens_s.empty(); });
  const bool bundles = std::any_of(measurements.begin(), measurements.end(),
                                   [](const TrainMeasurement& each) { return each.lanes > 1; });
  std::vector<std::string> names = {"task", "L", "D"};
  if (bundles) names.push_back("lanes");
  names.insert(names.end(), architectures.begin(), architectures.end());
  names.insert(names.end(), {"share of peak", "sampling"});
  if (beside) names.insert(names.end(), {"PyTorch", "times PyTorch"});
  std::string lines = head(names);
  for (std::size_t first = 0, last = 0; first < measurements.size(); first = last) {
    const TrainMeasurement& leading = measurements[first];
    std::vector<std::string> cells = {leading.trial.task.name, std::to_string(leading.trial.length),
                                      std::to_string(leading.trial.hidden)};
    if (bundles) cells.push_back(std::to_string(leading.lanes));
    std::map<std::string, std::string> rates;
    for (; last < measurements.size() && measurements[last].trial.task == leading.trial.task &&
           measurements[last].trial.hidden == leading.trial.hidden &&
           measurements[last].lanes == leading.lanes && !rates.contains(label(measurements[last]));
         ++last) {
      rates[label(measurements[last])] = thousands(measurements[last].ours.rate());
    }
    for (const std::string& architecture : architectures) cells.push_back(rates[architecture]);
    cells.push_back(fmt::format("{:.2f}", leading.ours.flops_s() / peak_flops_s));
    cells.push_back(fmt::format("{:.1f} %", 100 * leading.ours.sampling_share));
    if (beside && leading.peer_tokens_s.empty()) cells.insert(cells.end(), {"", ""});
    if (!leading.peer_tokens_s.empty()) {
      const Spread ratio = spread(leading.ratios());
      cells.push_back(thousands(spread(leading.peer_tokens_s)));
      cells.push_back(fmt::format("{:.2f} ({:.2f}-{:.2f})", ratio.median, ratio.least, ratio.most));
    }
    lines += row(cells);
  }
  return lines;
}

std::string markdown_by_length(const std::vector<TrainMeasurement>& measurements) {
  std::string lines = head({"architecture", "D", "L", "ns a token", "times the first"});
  std::map<std::string, double> first_ns;
  for (const TrainMeasurement& each : measurements) {
    const double ns = 1e9 / each.ours.rate().median;
    const double first =
        first_ns.try_emplace(fmt::format("{} {}", label(each), each.trial.hidden), ns)
            .first->second;
    lines += row({label(each), std::to_string(each.trial.hidden), std::to_string(each.trial.length),
                  fmt::format("{:.0f}", ns), fmt::format("{:.2f}", ns / first)});
  }
  return lines;
}

Json to_json(const TrainMeasurement& measurement, double peak_flops_s) {
  const spec::Trial& trial = measurement.trial;
  Json json = {{"task", trial.task.name},
               {"size", trial.task.size},
               {"length", trial.length},
               {"hidden", trial.hidden},
               {"architecture", label(measurement)},
               {"layers", trial.model.layers},
               {"heads", trial.model.heads},
               {"batch_sequences", trial.recipe.batch_sequences},
               {"lanes", measurement.lanes},
               {"precision", spec::to_string(trial.recipe.precision)},
               {"steps", measurement.ours.steps},
               {"tokens_s", to_json(measurement.ours.rate())},
               {"flops_token", measurement.ours.flops_token},
               {"flops_s", measurement.ours.flops_s()},
               {"share_of_peak", measurement.ours.flops_s() / peak_flops_s},
               {"sampling_share", measurement.ours.sampling_share},
               {"core_share", measurement.ours.core_share}};
  if (!measurement.peer_tokens_s.empty()) {
    json["pytorch_tokens_s"] = to_json(spread(measurement.peer_tokens_s));
    json["times_pytorch"] = to_json(spread(measurement.ratios()));
  }
  return json;
}

}  // namespace surd::bench
