#include "spec/result.hpp"

#include <cmath>

#include "base/error.hpp"

namespace surd::spec {

std::string to_string(Outcome value) {
  return value == Outcome::finished ? "finished" : "diverged";
}

std::string to_string(StopReason value) {
  switch (value) {
    case StopReason::solved: return "solved";
    case StopReason::steps: return "steps";
    case StopReason::diverged: return "diverged";
  }
  throw Error("stop reason out of range");
}

bool is_curve_step(int step) {
  const double exponent = std::round(2 * std::log2(step));
  return std::lround(std::exp2(exponent / 2)) == step;
}

namespace {

Outcome outcome_from(const std::string& word) {
  if (word == "finished") return Outcome::finished;
  if (word == "diverged") return Outcome::diverged;
  throw Error(
      {.what = "unknown outcome of a trial", .expected = "finished or diverged", .got = word});
}

StopReason stop_reason_from(const std::string& word) {
  if (word == "solved") return StopReason::solved;
  if (word == "steps") return StopReason::steps;
  if (word == "diverged") return StopReason::diverged;
  throw Error(
      {.what = "unknown stop reason", .expected = "solved, steps or diverged", .got = word});
}

}  // namespace

Json to_json(const TrialResult& result) {
  Json curve = Json::array();
  for (const CurvePoint& point : result.curve) {
    curve.push_back(
        {point.step, number_to_json(point.loss_train), number_to_json(point.loss_validation),
         number_to_json(point.accuracy_validation), number_to_json(point.gradient_norm)});
  }
  return {{"outcome", to_string(result.outcome)},
          {"stop_reason", to_string(result.stop_reason)},
          {"steps", result.steps},
          {"steps_to_solve", result.steps_to_solve},
          {"tokens", result.tokens},
          {"accuracy_validation", number_to_json(result.accuracy_validation)},
          {"accuracy_validation_best", number_to_json(result.accuracy_validation_best)},
          {"accuracy_test", number_to_json(result.accuracy_test)},
          {"loss_validation", number_to_json(result.loss_validation)},
          {"seconds", number_to_json(result.seconds)},
          {"curve", std::move(curve)}};
}

TrialResult result_from_json(const Json& json) {
  const std::string where = "result of a trial";
  TrialResult result;
  result.outcome = outcome_from(required<std::string>(json, "outcome", where));
  result.stop_reason = stop_reason_from(required<std::string>(json, "stop_reason", where));
  result.steps = required<int>(json, "steps", where);
  result.steps_to_solve = required<int>(json, "steps_to_solve", where);
  result.tokens = required<std::int64_t>(json, "tokens", where);
  result.accuracy_validation = required<double>(json, "accuracy_validation", where);
  result.accuracy_validation_best = required<double>(json, "accuracy_validation_best", where);
  result.accuracy_test = required<double>(json, "accuracy_test", where);
  result.loss_validation = required<double>(json, "loss_validation", where);
  result.seconds = required<double>(json, "seconds", where);
  for (const Json& point : required<Json>(json, "curve", where)) {
    if (!point.is_array() || point.size() != 5 || !point[0].is_number_integer()) {
      throw Error({.what = "damaged curve point",
                   .where = where,
                   .expected = "[step, 4 numbers]",
                   .got = point.dump()});
    }
    result.curve.push_back({point[0].get<int>(), number_from_json(point[1], "loss_train"),
                            number_from_json(point[2], "loss_validation"),
                            number_from_json(point[3], "accuracy_validation"),
                            number_from_json(point[4], "gradient_norm")});
  }
  return result;
}

}  // namespace surd::spec
