// The published Figure 1, which the program carries inside.
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <map>

#include "analysis/findings/findings.hpp"
#include "analysis/input/source.hpp"
#include "analysis/support.hpp"
#include "folder.hpp"

namespace surd::analysis {
namespace {

using test::finding;

struct Expected {
  const char* task;
  const char* architecture;
  double alpha, low, high;
};

// Goes to a folder of its own for the duration of a test.
struct InFolder {
  std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::path path = surd::test::new_folder("surd_figure1_test_");
  InFolder() { std::filesystem::current_path(path); }
  ~InFolder() {
    std::filesystem::current_path(before);
    std::filesystem::remove_all(path);
  }
};

TEST_CASE("the word figure1 names the published figure at the lengths of this program's tasks") {
  const InFolder folder;
  const Input input = read_input("figure1");
  REQUIRE(input.trials.size() == 204);
  std::map<std::string, std::map<double, int>> cells;
  for (const law::Trial& trial : input.trials) ++cells[trial.task][trial.length];
  // 2n(n+1)+1 at n = 6 10 13 16; n^2+5n+6 at n = 6 12 16 20; 2n+3 at n = 40 110 175 250.
  CHECK(cells["arithmetic"] == std::map<double, int>{{85, 15}, {221, 15}, {365, 15}, {545, 15}});
  CHECK(cells["edit_distance"] == std::map<double, int>{{72, 18}, {210, 18}, {342, 18}, {506, 18}});
  CHECK(cells["lis"] == std::map<double, int>{{83, 18}, {223, 18}, {353, 18}, {503, 18}});
  REQUIRE(input.notes.size() == 1);
  CHECK(input.notes[0].find("arXiv 2402.13934") != std::string::npos);
}

TEST_CASE("the accuracies that are carried inside are those that were read off the image") {
  const Input inside = read_input("figure1");
  const Input as_read = read_input(std::string(SURD_SOURCE_DIR) + "/tests/data/figure1.csv");
  REQUIRE(inside.trials.size() == as_read.trials.size());
  for (std::size_t i = 0; i < inside.trials.size(); ++i) {
    CHECK(inside.trials[i].task == as_read.trials[i].task);
    CHECK(inside.trials[i].architecture == as_read.trials[i].architecture);
    CHECK(inside.trials[i].hidden == as_read.trials[i].hidden);
    CHECK(inside.trials[i].accuracy_test == as_read.trials[i].accuracy_test);
    CHECK(inside.trials[i].length == Approx(as_read.trials[i].length).epsilon(0.08));
  }
}

TEST_CASE("a file of that name stands before the published figure") {
  const InFolder folder;
  CHECK(is_figure1("figure1"));
  CHECK_FALSE(is_figure1("./figure1"));
  CHECK_THROWS_WITH(read_input("./figure1"), Catch::Contains("there is no such file or folder"));
  std::ofstream("figure1")
      << "task,architecture,length,hidden,seeds,solved\nt,standard,16,16,3,3\n";
  CHECK_FALSE(is_figure1("figure1"));
  CHECK(read_input("figure1").counted.size() == 1);
  CHECK(read_input("./figure1").counted.size() == 1);
}

// From tests/analysis/scipy_oracle.py: SciPy's maxima of the same penalised likelihood and roots
// of its profile.
TEST_CASE("the exponents of Figure 1 and their intervals are those that SciPy finds") {
  constexpr double open = 9;  // no end within the limits of the search
  const std::array<Expected, 8> fits = {
      {{"arithmetic", "linear", 0.674578, 0.263489, 1.075522},
       {"arithmetic", "sparse", 0.376365, -0.022069, 0.797173},
       {"arithmetic", "standard", 0.376359, -0.021689, 0.797232},
       {"edit_distance", "linear", 0.646425, 0.249614, 1.017470},
       {"edit_distance", "sparse", 1.415958, -0.608058, open},
       {"edit_distance", "standard", 0.364132, -0.015761, 0.766499},
       {"lis", "linear", 0.445654, -0.003412, 0.852763},
       {"lis", "standard", 0, -0.438577, 0.440278}}};
  const std::array<Expected, 5> contrasts = {
      {{"arithmetic", "linear", 0.298219, -0.303496, 0.860394},
       {"arithmetic", "sparse", 0.000006, -0.597168, 0.597210},
       {"edit_distance", "linear", 0.282293, -0.301697, 0.809611},
       {"edit_distance", "sparse", 0.936627, -2.517794, open},
       {"lis", "linear", 0.445654, -0.227575, 1.054936}}};
  const auto near = [](double value) { return Approx(value).margin(2e-6).epsilon(0); };
  const Findings findings = fit_everything(read_input("figure1"), {});
  REQUIRE(findings.fits.size() == 9);
  for (const Expected& expected : fits) {
    CAPTURE(expected.task, expected.architecture);
    const law::Fit& fit = finding(findings, expected.task, expected.architecture).fit;
    REQUIRE(fit.alpha);
    CHECK(*fit.alpha == near(expected.alpha));
    CHECK(fit.interval.low.value_or(-open) == near(expected.low));
    CHECK(fit.interval.high.value_or(open) == near(expected.high));
  }
  CHECK_FALSE(finding(findings, "lis", "sparse").fit.alpha);
  std::size_t compared = 0;
  for (const Comparison& comparison : findings.contrasts) {
    if (!comparison.contrast.delta) continue;
    REQUIRE(compared < contrasts.size());
    const Expected& expected = contrasts[compared++];
    CAPTURE(expected.task, expected.architecture);
    CHECK(comparison.task == expected.task);
    CHECK(comparison.architecture == expected.architecture);
    CHECK(*comparison.contrast.delta == near(expected.alpha));
    CHECK(comparison.contrast.interval.low.value_or(-open) == near(expected.low));
    CHECK(comparison.contrast.interval.high.value_or(open) == near(expected.high));
  }
  CHECK(compared == contrasts.size());
}

// Slopes of the width at which the interpolated accuracy is 50 %, a reading of the figure without
// any likelihood.
TEST_CASE(
    "at tau .5 the exponents of Figure 1 are near the slopes of its interpolated 50 % widths, "
    "which lie within the plain intervals") {
  Choices choices;
  choices.tau = 0.5;
  const Findings findings = fit_everything(read_input("figure1"), choices);
  for (const auto& [task, architecture, slope, tolerance] :
       {std::tuple{"arithmetic", "linear", 0.56, 0.15},
        std::tuple{"edit_distance", "linear", 0.59, 0.15}, std::tuple{"lis", "linear", 0.57, 0.15},
        std::tuple{"arithmetic", "sparse", 0.66, 0.25},
        std::tuple{"edit_distance", "sparse", 0.95, 0.25},
        std::tuple{"arithmetic", "standard", 0.27, 0.15},
        std::tuple{"edit_distance", "standard", 0.37, 0.15},
        std::tuple{"lis", "standard", 0.40, 0.15}}) {
    CAPTURE(task, architecture);
    const law::Fit& fit = finding(findings, task, architecture).fit;
    REQUIRE(fit.alpha);
    CHECK(*fit.alpha == Approx(slope).margin(tolerance).epsilon(0));
    CHECK(fit.unwidened.contains(slope));
  }
}

}  // namespace
}  // namespace surd::analysis
