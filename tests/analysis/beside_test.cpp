// What stands beside the exponents in surd-fit's outputs: laws, held-out length, compute.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <cmath>

#include "analysis/input/csv.hpp"
#include "all_text.hpp"

namespace surd::analysis {
namespace {

// A study with thresholds 2 sqrt(L) (linear) and 12 (standard), 40 seeds a cell, and FLOPs d^2 L.
std::string study(bool with_flops) {
  std::string text = fmt::format("task,architecture,length,hidden,seeds,solved{}\n",
                                 with_flops ? ",flops_forward,flops_generation" : "");
  for (const char* architecture : {"linear", "standard"}) {
    const bool is_linear = std::string(architecture) == "linear";
    for (const double length : {16., 32., 64., 128., 256.}) {
      const double threshold = is_linear ? 2 * std::sqrt(length) : 12;
      for (double hidden = 4; hidden <= 64; hidden *= 2) {
        const int solved = static_cast<int>(std::round(40 / (1 + std::pow(threshold / hidden, 6))));
        const double flops = hidden * hidden * length;
        text += fmt::format("lis,{},{},{},40,{}", architecture, length, hidden, solved);
        text += with_flops ? fmt::format(",{},{}\n", flops, flops * length) : "\n";
      }
    }
  }
  return text;
}

Findings findings_of(const std::string& text) {
  return fit_everything(input_from_csv(parse_csv(text, "study.csv")), {.baseline = "standard"});
}

TEST_CASE("JSON has laws, held-out length and compute of every series") {
  const Json json = to_json(findings_of(study(true)));
  REQUIRE(json["laws"].size() == 2);
  CHECK(json["laws"][0]["architecture"] == "linear");
  REQUIRE(json["laws"][0]["laws"].size() == 9);
  double sum = 0;
  for (const Json& law : json["laws"][0]["laws"]) sum += law["weight"].get<double>();
  CHECK(sum == Approx(1));
  CHECK(json["laws"][0]["laws"][4]["name"] == "sqrt L");
  CHECK(json["laws"][0]["laws"][4]["weight"] > 0.5);
  CHECK(json["laws"][1]["laws"][0]["weight"] > 0.5);
  CHECK(json["laws"][0]["offset"]["offset_low"] == 0.0);
  CHECK(json["laws"][0]["saturation"]["over_sqrt"].get<double>() < 0);
  CHECK(json["fits"][0]["curvature_low"].get<double>() < 0);
  CHECK(json["fits"][0]["curvature_high"].get<double>() > 0);
  CHECK(json["fits"][0]["first_exponent"].get<double>() == Approx(0.5).margin(0.1));
  CHECK(json["fits"][0]["curvature_words"].get<std::string>().find("no change") == 0);
  REQUIRE(json["held_out"].size() == 2);
  CHECK(json["held_out"][0]["length"] == 256.0);
  CHECK(std::abs(json["held_out"][0]["miss"].get<double>()) < 1);
  const Json& compute = json["compute"];
  REQUIRE(compute.size() == 2);
  const double alpha = json["fits"][0]["alpha"];
  CHECK(compute[0]["forward"]["gamma"].get<double>() == Approx(1 + 2 * alpha).margin(1e-8));
  CHECK(compute[0]["generation"]["gamma"].get<double>() == Approx(2 + 2 * alpha).margin(1e-8));
  CHECK(compute[0]["against"]["baseline"] == "standard");
  CHECK(compute[0]["against"]["length"] == 256.0);
  CHECK(compute[0]["against"]["generation"]["ratio"].get<double>() ==
        Approx(std::pow(32.0 / 12, 2)).epsilon(0.05));
  CHECK(compute[0]["against"]["generation"]["words"] == "costs more compute at L = 256");
  CHECK_FALSE(compute[1].contains("against"));
}

TEST_CASE(
    "the table says what stands beside the exponents, and nothing of FLOPs that are not known") {
  const std::string with = all_text(findings_of(study(true)));
  CHECK(with.find("lis linear: a generated sequence costs more compute at L = 256") !=
        std::string::npos);
  CHECK(with.find("Laws without a free exponent") != std::string::npos);
  CHECK(with.find("Local exponent, by a law with a curvature") != std::string::npos);
  CHECK(with.find("The largest length, predicted by the others") != std::string::npos);
  const Findings bare = findings_of(study(false));
  CHECK(all_text(bare).find("Compute to solve") == std::string::npos);
  const Json compute = to_json(bare)["compute"];
  CHECK(compute[0]["forward"]["gamma"].is_null());
  CHECK(compute[0]["forward"]["reason"].get<std::string>().find("not known") != std::string::npos);
}

TEST_CASE("FLOPs of a CSV file are checked where they stand") {
  std::string text = study(true);
  text.replace(text.find(",256,"), 5, ",-2,");
  CHECK_THROWS_WITH(input_from_csv(parse_csv(text, "study.csv")),
                    Catch::Contains("study.csv:2:") && Catch::Contains("flops_forward"));
}

TEST_CASE("two models of one cell with different FLOPs are noted, and the first counts") {
  const std::string header = "task,architecture,length,hidden,seed,accuracy,flops_generation\n";
  std::string text = header;
  for (const int length : {16, 64}) {
    for (const int hidden : {8, 16, 32, 64}) {
      for (const int seed : {1, 2})
        text += fmt::format("lis,linear,{},{},{},{},{}\n", length, hidden, seed,
                            hidden * hidden > 8 * length ? 1 : 0, hidden * seed);
    }
  }
  const Findings findings = findings_of(text);
  CHECK(std::any_of(findings.notes.begin(), findings.notes.end(), [](const std::string& note) {
    return note.find("have different FLOPs") != std::string::npos;
  }));
  REQUIRE(findings.fits[0].compute.generation.gamma);
  CHECK(*findings.fits[0].compute.generation.gamma ==
        Approx(*findings.fits[0].fit.alpha).margin(1e-8));
}

}  // namespace
}  // namespace surd::analysis
