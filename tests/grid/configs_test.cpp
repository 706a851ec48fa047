// The studies that come with the program expand to what their comments say.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <set>

#include "base/hash.hpp"
#include "grid/study.hpp"

using namespace surd;
using namespace surd::grid;

namespace {

const std::filesystem::path configs = SURD_SOURCE_DIR "/configs";

Study load(const std::string& name) { return load_study(configs / name); }

std::set<std::pair<int, int>> sizes_and_labels(const Study& study) {
  std::set<std::pair<int, int>> found;
  for (const Cell& cell : study.cells) found.insert({cell.task.size, cell.paper_length});
  return found;
}

// Number of trials, and a hash of their ids in study order.
std::string summary(const std::string& name, const Study& study) {
  std::string ids;
  for (const auto& trial : study.trials) ids += trial.id.value;
  return name + ": " + std::to_string(study.trials.size()) + " trials, " + hash128_hex(ids);
}

}  // namespace

// An id that changes by mistake would train every finished trial again. Renew the table only where
// numerics_version rises or a study itself changes.
TEST_CASE("the trials of every study that comes with the program keep their ids") {
  const std::vector<std::string> pinned = {
      "figure1-arithmetic.yaml: 360 trials, 2fed3a463913af3078c915aa977e5690",
      "figure1-ed.yaml: 432 trials, d3190539f77d81b1ba43b3703d4a2c1a",
      "figure1-lis.yaml: 432 trials, ff501231ed87d6f60abb8d4f7d0c6616",
      "quickstart.yaml: 480 trials, 86440c295628a5efcb4f091bf1d8a290",
      "steps-to-solve-recipe.yaml: 96 trials, 71c72b9c1f433737ea51b3e7ce688d5f",
      "steps-to-solve.yaml: 126 trials, 1432020c6e7d54fcfa21380fe5ba37d2",
  };
  std::vector<std::string> found;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(configs)) {
    if (entry.path().extension() != ".yaml") continue;
    const std::string name = std::filesystem::relative(entry.path(), configs).generic_string();
    found.push_back(summary(name, load(name)));
  }
  std::sort(found.begin(), found.end());
  CHECK(found == pinned);
}

TEST_CASE("quickstart is the study of the design") {
  const Study study = load("quickstart.yaml");
  CHECK(study.cells.size() == 5 * 8 * 2);
  CHECK(study.trials.size() == 5 * 8 * 2 * 3 * 2);
  CHECK(study.columns == 10);
  CHECK(study.seeds == std::vector<std::uint64_t>{1, 2, 3});
  CHECK(study.learning_rates == std::vector<double>{1e-2, 2e-2});
  CHECK(study.run.design == Design::ascend);
  const Cell& first = study.cells.front();
  CHECK(first.task ==
        tasks::TaskSettings{.name = "lookup", .size = 8, .options = {{"symbols", 8}}});
  CHECK(first.length == 16);
  CHECK(first.hidden == 4);
  CHECK(first.label == "standard");
  CHECK(first.vocabulary == 17);
  CHECK(first.mean.tokens == 16);
  CHECK(first.mean.supervised == 8);
  CHECK(first.model == spec::ModelSettings{});
  CHECK(first.recipe.batch_sequences == 96);
  CHECK(study.cells.back().recipe.batch_sequences == 24);
  spec::Recipe recipe = first.recipe;
  recipe.batch_sequences = 0;
  CHECK(recipe == spec::Recipe{});  // the file's values are the defaults
}

TEST_CASE("figure1-arithmetic has the paper's grid") {
  const Study study = load("figure1-arithmetic.yaml");
  CHECK(study.cells.size() == 4 * 5 * 3);
  CHECK(study.trials.size() == 60 * 2 * 3);
  CHECK(sizes_and_labels(study) ==
        std::set<std::pair<int, int>>{{6, 87}, {10, 221}, {13, 355}, {16, 505}});
}

TEST_CASE("figure1-ed has the paper's grid") {
  const Study study = load("figure1-ed.yaml");
  CHECK(study.cells.size() == 4 * 6 * 3);
  CHECK(study.trials.size() == 72 * 2 * 3);
  CHECK(sizes_and_labels(study) ==
        std::set<std::pair<int, int>>{{6, 72}, {12, 210}, {16, 342}, {20, 506}});
}

TEST_CASE("figure1-lis has the paper's grid") {
  const Study study = load("figure1-lis.yaml");
  CHECK(study.cells.size() == 4 * 6 * 3);
  CHECK(study.trials.size() == 72 * 2 * 3);
  CHECK(sizes_and_labels(study) ==
        std::set<std::pair<int, int>>{{40, 83}, {110, 223}, {175, 352}, {250, 502}});
}

TEST_CASE(
    "the paper's models: 3 layers, 4 heads, sinusoidal positions, mixed sizes, all three "
    "architectures") {
  for (const char* name : {"figure1-arithmetic.yaml", "figure1-ed.yaml", "figure1-lis.yaml"}) {
    const Study study = load(name);
    std::set<std::string> labels;
    for (const Cell& cell : study.cells) {
      labels.insert(cell.label);
      CHECK(cell.model.layers == 3);
      CHECK(cell.model.heads == 4);
      CHECK(cell.model.position == spec::Position::sinusoidal);
      CHECK(cell.recipe.sizes == spec::Sizes::under);
    }
    CHECK(labels == std::set<std::string>{"standard", "sparse", "linear"});
  }
}

TEST_CASE("every study frozen is the same study: ids, order and text") {
  for (const char* name :
       {"quickstart.yaml", "figure1-arithmetic.yaml", "figure1-ed.yaml", "figure1-lis.yaml"}) {
    const Study study = load(name);
    const Study again = parse_study(study.text_frozen, "study.yaml");
    REQUIRE(again.trials.size() == study.trials.size());
    for (std::size_t i = 0; i < study.trials.size(); ++i)
      REQUIRE(again.trials[i].id == study.trials[i].id);
    CHECK(again.text_frozen == study.text_frozen);
    CHECK(again.run == study.run);
    CHECK(again.fit == study.fit);
  }
}

TEST_CASE(
    "steps-to-solve has one size of each task with every architecture, and edit distance twice the "
    "width") {
  const Study study = load("steps-to-solve.yaml");
  CHECK(study.cells.size() == 9 * 7);
  CHECK(study.trials.size() == 9 * 7 * 2);
  std::set<std::string> names, architectures;
  for (const Cell& cell : study.cells) {
    names.insert(cell.task.name);
    architectures.insert(cell.architecture.name);
    CHECK(cell.hidden == (cell.task.name == "edit_distance" ? 64 : 32));
    CHECK(cell.recipe.steps == (cell.task.name == "edit_distance" ? 8000 : 5000));
  }
  CHECK(names.size() == 9);
  CHECK(architectures.size() == 7);
}

TEST_CASE("steps-to-solve-recipe changes one setting at a time") {
  const Study study = load("steps-to-solve-recipe.yaml");
  CHECK(study.cells.size() == 2 * 2 * 8);
  CHECK(study.trials.size() == 96);
  CHECK(study.further_axes ==
        std::vector<std::string>{"model.layers", "model.heads", "recipe.warmup", "recipe.sizes"});
  for (const Cell& cell : study.cells) {
    const int changed = (cell.model.layers != 3) + (cell.model.heads != 4) +
                        (cell.recipe.warmup != 100) + (cell.recipe.sizes != spec::Sizes::full);
    CHECK(changed <= 1);
  }
}
