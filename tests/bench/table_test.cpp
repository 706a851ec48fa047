#include <catch2/catch.hpp>

#include "bench/case.hpp"
#include "bench/rate.hpp"
#include "bench/train_table.hpp"

namespace surd::bench {
namespace {

TrainMeasurement measurement(const std::string& architecture, int hidden, std::vector<double> ours,
                             std::vector<double> peer = {}) {
  Cases cases{.sizes = {6}, .hidden = {hidden}, .architectures = {architecture}};
  TrainMeasurement measured{
      .trial = make_trials(cases).front(), .ours = {}, .peer_tokens_s = std::move(peer)};
  measured.ours.tokens_s = std::move(ours);
  measured.ours.flops_token = 1000;
  measured.ours.sampling_share = 0.021;
  return measured;
}

TEST_CASE("a spread is the middle, the least and the most") {
  const Spread odd = spread({3, 1, 2});
  CHECK(odd.median == 2);
  CHECK(odd.least == 1);
  CHECK(odd.most == 3);
  CHECK(spread({4, 1, 2, 3}).median == 2.5);
  CHECK_THROWS_AS(spread({}), Error);
}

TEST_CASE(
    "the table has a row a width, a column an architecture, and ratios of repetitions side by "
    "side") {
  const std::vector<TrainMeasurement> measured = {
      measurement("standard", 16, {100e3, 200e3, 300e3}, {100e3, 100e3, 100e3}),
      measurement("linear", 16, {400e3}), measurement("standard", 32, {50e3}, {25e3})};
  CHECK(
      markdown(measured, 1e9) ==
      "| task | L | D | standard | linear | share of peak | sampling | PyTorch | times PyTorch |\n"
      "|---|---|---|---|---|---|---|---|---|\n"
      "| arithmetic | 85 | 16 | 200 (100-300) | 400 (400-400) | 0.20 | 2.1 % | 100 (100-100) | "
      "2.00 (1.00-3.00) |\n"
      "| arithmetic | 85 | 32 | 50 (50-50) |  | 0.05 | 2.1 % | 25 (25-25) | 2.00 (2.00-2.00) |\n");
  const Json json = to_json(measured.front(), 1e9);
  CHECK(json["times_pytorch"]["median"] == 2);
  CHECK(json["share_of_peak"] == Approx(0.2));
  CHECK(json["lanes"] == 1);
}

TEST_CASE("bundles have a row for each number of lanes, and a column that says it") {
  std::vector<TrainMeasurement> measured = {measurement("standard", 16, {100e3}),
                                            measurement("standard", 16, {600e3})};
  measured[1].lanes = 8;
  CHECK(markdown(measured, 1e9) ==
        "| task | L | D | lanes | standard | share of peak | sampling |\n"
        "|---|---|---|---|---|---|---|\n"
        "| arithmetic | 85 | 16 | 1 | 100 (100-100) | 0.10 | 2.1 % |\n"
        "| arithmetic | 85 | 16 | 8 | 600 (600-600) | 0.60 | 2.1 % |\n");
}

TEST_CASE("times per token are told as multiples of the first length's") {
  std::vector<TrainMeasurement> measured = {measurement("linear", 16, {500e3}),
                                            measurement("linear", 16, {400e3})};
  measured[1].trial.length = 221;
  CHECK(markdown_by_length(measured) ==
        "| architecture | D | L | ns a token | times the first |\n"
        "|---|---|---|---|---|\n"
        "| linear | 16 | 85 | 2000 | 1.00 |\n"
        "| linear | 16 | 221 | 2500 | 1.25 |\n");
}

}  // namespace
}  // namespace surd::bench
