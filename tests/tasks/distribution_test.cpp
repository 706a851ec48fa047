// The samplers against 4,000 instances a size of the predecessor's generators: within four standard
// errors of both samples.
#include <catch2/catch.hpp>
#include <algorithm>
#include <cmath>
#include <map>

#include "tasks/support.hpp"

namespace surd::tasks {
namespace {

constexpr std::uint64_t seed = 2024;
constexpr int samples = 4000;

struct Moments {
  double mean = 0;
  double sd = 0;
  double fourth = 0;  // central

  // Standard errors of a sample of this size.
  double mean_error() const { return sd / std::sqrt(samples); }
  double sd_error() const {
    return sd == 0 ? 0 : std::sqrt(std::max(0.0, fourth - std::pow(sd, 4)) / samples) / (2 * sd);
  }
};

Moments moments(const std::vector<double>& values) {
  Moments result;
  for (const double value : values) result.mean += value / samples;
  double second = 0;
  for (const double value : values) {
    second += std::pow(value - result.mean, 2) / samples;
    result.fourth += std::pow(value - result.mean, 4) / samples;
  }
  result.sd = std::sqrt(second);
  return result;
}

// Four standard errors of the difference of two samples of this size.
double bound(double error) { return 4 * std::sqrt(2.0) * error + 1e-9; }

TEST_CASE("parity: every sampler agrees with the predecessor's distribution") {
  const auto names = task_names();
  std::ifstream file(parity_folder / "distribution.json");
  int rows = 0;
  for (const Json& row : Json::parse(file)) {
    const auto name = row.at("task").get<std::string>();
    INFO(name);
    REQUIRE(std::find(names.begin(), names.end(), name) != names.end());
    ++rows;
    REQUIRE(row.at("samples") == samples);
    TaskSettings settings{.name = name, .size = row.at("size").get<int>()};
    if (row.contains("number_range"))
      settings.options["number_range"] = row.at("number_range").get<int>();
    const auto task = make_task(settings);
    INFO(name << " size " << settings.size << " seed " << seed);

    std::vector<double> counts;
    std::vector<double> prompts;
    std::vector<double> answers;
    std::map<std::string, int> seen;
    Instance instance;
    for (std::uint32_t i = 0; i < samples; ++i) {
      RandomStream stream(seed, Split::train, 0, i);
      task->sample(stream, settings.size, instance);
      counts.push_back(static_cast<double>(instance.tokens.size()));
      prompts.push_back(static_cast<double>(task->prompt_tokens(instance.tokens)) -
                        1);  // the reference leaves the separator out
      const std::string answer = task->token_text(instance.tokens[instance.tokens.size() - 2]);
      answers.push_back(std::stod(answer));
      ++seen[answer];
    }

    const Moments count = moments(counts);
    CHECK(std::abs(count.mean - row.at("tokens_mean").get<double>()) <= bound(count.mean_error()));
    CHECK(std::abs(count.sd - row.at("tokens_sd").get<double>()) <= bound(count.sd_error()));
    const Moments prompt = moments(prompts);
    CHECK(std::abs(prompt.mean - row.at("prompt_mean").get<double>()) <=
          bound(prompt.mean_error()));
    CHECK(std::abs(prompt.sd - row.at("prompt_sd").get<double>()) <= bound(prompt.sd_error()));
    const Moments answer = moments(answers);
    if (const Json& mean = row.at("answer_mean"); !mean.is_null())
      CHECK(std::abs(answer.mean - mean.get<double>()) <= bound(answer.mean_error()));

    const auto most = static_cast<int>(*std::max_element(counts.begin(), counts.end()));
    const int reference = row.at("tokens_max").get<int>();
    CHECK(most <= task->length() + 1);
    CHECK(reference <= task->length() + 1);
    CHECK(std::abs(most - reference) <= 1.5 * count.sd);  // a maximum wanders, but not far

    double least = 1;
    for (const auto& [text, share] : row.at("answer_freq").items()) {
      const double expected = share.get<double>();
      least = std::min(least, expected);
      INFO("answer " << text);
      CHECK(std::abs(seen[text] / double{samples} - expected) <=
            bound(std::sqrt(expected * (1 - expected) / samples)));
    }
    for (const auto& [text, times] : seen) {  // no frequent answer that the reference does not know
      INFO("answer " << text);
      if (!row.at("answer_freq").contains(text))
        CHECK(times / double{samples} <= least + bound(std::sqrt(least * (1 - least) / samples)));
    }
  }
  CHECK(rows >= 13);
}

}  // namespace
}  // namespace surd::tasks
