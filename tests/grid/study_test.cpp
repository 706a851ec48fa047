#include "grid/study.hpp"

#include <catch2/catch.hpp>
#include <set>

#include "base/files.hpp"
#include "grid/document.hpp"

using namespace surd;
using namespace surd::grid;

namespace {

const std::string base = R"(study: example
grid:
  task: [lookup]
  length: [16, 24]
  hidden: [4, 8]
  architecture: [standard, linear]
)";

Study study(const std::string& extra = "", const std::vector<std::string>& overrides = {}) {
  return parse_study(base + extra, "example.yaml", overrides);
}

std::set<std::string> ids(const Study& study) {
  std::set<std::string> found;
  for (const StudyTrial& trial : study.trials) found.insert(trial.id.value);
  return found;
}

std::vector<std::string> names(const Study& study) {
  std::vector<std::string> found;
  for (const Cell& cell : study.cells) found.push_back(describe(cell));
  return found;
}

void check_frozen(const Study& study) {
  INFO(study.text_frozen);
  const Study again = parse_study(study.text_frozen, "frozen.yaml");
  REQUIRE(again.trials.size() == study.trials.size());
  for (std::size_t i = 0; i < study.trials.size(); ++i)
    REQUIRE(again.trials[i].id == study.trials[i].id);
  CHECK(again.text_frozen == study.text_frozen);
  CHECK(again.further_axes == study.further_axes);
  CHECK(names(again) == names(study));
}

}  // namespace

TEST_CASE("a study with nothing but its axes takes every default") {
  const Study made = study();
  CHECK(made.seeds == std::vector<std::uint64_t>{1, 2, 3});
  CHECK(made.learning_rates == std::vector<double>{0.01, 0.02});
  CHECK(made.run == RunSettings{});
  CHECK(made.fit == FitSettings{.tau = 0.9, .baseline = "standard"});
  CHECK(made.cells.front().model == spec::ModelSettings{});
  spec::Recipe recipe = made.cells.front().recipe;
  CHECK(recipe.batch_sequences == 1536 / 16);
  recipe.batch_sequences = 0;
  CHECK(recipe == spec::Recipe{});
  check_frozen(made);
}

TEST_CASE("study order is task, length, hidden, architecture, then seeds and learning rates") {
  const Study made = study();
  CHECK(names(made) ==
        std::vector<std::string>{"lookup L=16 hidden=4 standard", "lookup L=16 hidden=4 linear",
                                 "lookup L=16 hidden=8 standard", "lookup L=16 hidden=8 linear",
                                 "lookup L=24 hidden=4 standard", "lookup L=24 hidden=4 linear",
                                 "lookup L=24 hidden=8 standard", "lookup L=24 hidden=8 linear"});
  REQUIRE(made.trials.size() == 8 * 6);
  CHECK(made.trials[1].seed == 1);
  CHECK(made.trials[1].learning_rate == 0.02);
  CHECK(made.trials[2].seed == 2);
  CHECK(made.trials[6].cell == CellIndex{1});
}

TEST_CASE("a column holds the widths of one task, length and architecture") {
  const Study made = study("  model.layers: [1, 2]\n");
  CHECK(made.columns == 2 * 2 * 2);
  for (const Cell& a : made.cells) {
    for (const Cell& b : made.cells) {
      const bool same =
          a.length == b.length && a.label == b.label && a.model.layers == b.model.layers;
      CHECK((a.column == b.column) == same);
    }
  }
}

TEST_CASE("ids do not depend on spelling, order, defaults, names or run settings") {
  const Study made = study();
  const std::set<std::string> expected = ids(made);
  CHECK(ids(parse_study(R"(
fit: {tau: 0.5}
run: {design: grid, checkpoint_s: 5, retries: 0, time_limit: "1:00:00", deterministic: false}
recipe: {batch: {tokens: 1536}, sizes: full, eval_every: 1e2, clip: 1, beta1: 0.9, epsilon: 1e-8, warmup: 100}
model: {position: learned, layers: 1}
trials: {learning_rates: [0.02, 0.01], seeds: [3, 1, 2]}
question: other
grid:
  architecture: {linear: {phi: elu}, standard: }
  hidden: [8, 4]
  size: {lookup: [12, 8]}
  task: {lookup: {symbols: 8}}
study: other
)",
                        "other.yaml")) == expected);
  CHECK(ids(study("", {"grid.length=[17, 25]"})) == expected);
  CHECK(ids(study("", {"recipe.steps=999"})) != expected);
  CHECK(ids(study("", {"run.data_parallel=2"})) != expected);
}

TEST_CASE("a grown study keeps the ids of its old trials") {
  const auto small = ids(study());
  const auto large = ids(study("", {"grid.hidden=[4, 8, 12]", "trials.seeds=4"}));
  CHECK(std::includes(large.begin(), large.end(), small.begin(), small.end()));
}

TEST_CASE("length is the largest size that fits, per task where asked") {
  const Study made = parse_study(R"(
study: two
grid:
  task: {lookup: {}, lis: {number_range: 60}}
  length: {lookup: [17], lis: [13, 20]}
  hidden: 8
  architecture: standard
)",
                                 "two.yaml");
  REQUIRE(made.cells.size() == 3);
  CHECK(made.cells[0].task.size == 8);
  CHECK(made.cells[0].length == 16);
  CHECK(made.cells[1].task.size == 5);
  CHECK(made.cells[1].length == 13);
  CHECK(made.cells[2].task.size == 8);
  CHECK(made.cells[2].length == 19);
  CHECK(made.cells[2].task.options.at("number_range") == 60);
  check_frozen(made);
}

TEST_CASE("geometric axes step by the factor, round to multiples and drop repeats") {
  const Study made = parse_study(R"(
study: geometric
grid:
  task: lookup
  length: {geometric: {from: 16, to: 24, factor: 1.1}}
  hidden: {geometric: {from: 32, to: 512, factor: 1.41421357, multiple_of: 8}}
  architecture: standard
)",
                                 "geometric.yaml");
  std::vector<int> hidden;
  std::set<int> lengths;
  for (const Cell& cell : made.cells) {
    if (cell.length == 16) hidden.push_back(cell.hidden);
    lengths.insert(cell.length);
  }
  CHECK(hidden == std::vector<int>{32, 48, 64, 88, 128, 184, 256, 360, 512});
  CHECK(lengths == std::set<int>{16, 18, 20, 22});  // 16, 18 (17.6), 19, 21, 23
  check_frozen(made);
}

TEST_CASE("zipped axes advance together") {
  const Study made = study("  recipe.steps: [100, 200]\nzip: [[length, recipe.steps]]\n");
  CHECK(made.cells.size() == 8);
  for (const Cell& cell : made.cells) CHECK(cell.recipe.steps == (cell.length == 16 ? 100 : 200));
  CHECK(made.further_axes == std::vector<std::string>{"recipe.steps"});
  check_frozen(made);
}

TEST_CASE("the task can be zipped too") {
  const Study made = parse_study(R"(
study: zipped
grid: {task: [lookup, lis], length: [16, 23], hidden: [4, 8], architecture: standard, model.layers: [1, 3]}
zip: [[task, length, model.layers]]
)",
                                 "zipped.yaml");
  CHECK(names(made) == std::vector<std::string>{"lookup L=16 hidden=4 standard model.layers=1",
                                                "lookup L=16 hidden=8 standard model.layers=1",
                                                "lis L=23 hidden=4 standard model.layers=3",
                                                "lis L=23 hidden=8 standard model.layers=3"});
  check_frozen(made);
}

TEST_CASE("exclude removes what every one of its keys matches") {
  const Study made = study(
      "exclude: [{architecture: linear, when: \"hidden > 4\"}, {length: 24, hidden: [8, 12]}]\n");
  CHECK(names(made) ==
        std::vector<std::string>{"lookup L=16 hidden=4 standard", "lookup L=16 hidden=4 linear",
                                 "lookup L=16 hidden=8 standard", "lookup L=24 hidden=4 standard",
                                 "lookup L=24 hidden=4 linear"});
  REQUIRE(made.rules.size() == 3);
  CHECK(made.rules[0].cells == 8);
  CHECK(made.rules[1].cells == 2);
  CHECK(made.rules[1].where == "example.yaml:7:11");
  CHECK(made.rules[2].cells == 1);
  check_frozen(made);
}

TEST_CASE("a length in exclude is the one asked for or the one it came to") {
  CHECK(study("exclude: [{length: 17}]\n", {"grid.length=[17, 24]"}).cells.size() == 4);
  CHECK(study("exclude: [{length: 16}]\n", {"grid.length=[17, 24]"}).cells.size() == 4);
}

TEST_CASE("exclude tells options of one architecture apart by label") {
  const std::string grid =
      "study: s\ngrid: {task: lookup, length: 16, hidden: 8, architecture: {sparse: [{c: 1}, {c: "
      "2}]}}\n";
  CHECK(parse_study(grid + "exclude: [{architecture: sparse(c=2)}]\n", "s.yaml").cells.size() == 1);
  const Study both = parse_study(grid, "s.yaml");
  REQUIRE(both.cells.size() == 2);
  CHECK(both.cells[1].label == "sparse(c=2)");
  CHECK(both.columns == 2);
  check_frozen(both);
}

TEST_CASE("include adds cells, takes what it leaves out from the grid, and adds none twice") {
  const Study made = study(
      "include: [{length: 32, hidden: [8, 16], architecture: linear}, {hidden: 4}, {hidden: 8, "
      "recipe.steps: 50, model.layers: 2, architecture: "
      "standard}]\n");
  CHECK(made.rules[1].cells == 2);
  CHECK(made.rules[2].cells == 0);
  CHECK(made.rules[3].cells == 2);
  CHECK(made.cells.size() == 12);
  CHECK(made.further_axes == std::vector<std::string>{"recipe.steps", "model.layers"});
  CHECK(made.cells.front().further ==
        std::vector<std::pair<std::string, Json>>{{"recipe.steps", 1000}, {"model.layers", 1}});
  CHECK(made.cells.back().further ==
        std::vector<std::pair<std::string, Json>>{{"recipe.steps", 50}, {"model.layers", 2}});
  CHECK(made.cells.back().recipe.warmup == 50);
  check_frozen(made);
}

TEST_CASE(
    "an include may give its cells seeds of their own, further ones where the grid has the cell "
    "already") {
  const Study plain = study("");
  const Study made = study(
      "include: [{length: 16, hidden: 8, architecture: linear, seeds: [2, 9]}, {length: 16, "
      "hidden: 16, architecture: linear, seeds: 1}]\n");
  const std::size_t rates = made.learning_rates.size();
  CHECK(made.cells.size() == plain.cells.size() + 1);
  CHECK(made.trials.size() == plain.trials.size() + 2 * rates);
  const auto seeds_of = [&](int hidden) {
    std::vector<std::uint64_t> seeds;
    for (const StudyTrial& trial : made.trials) {
      const Cell& cell = made.cells[trial.cell];
      if (cell.length == 16 && cell.hidden == hidden && cell.label == "linear" &&
          (seeds.empty() || seeds.back() != trial.seed))
        seeds.push_back(trial.seed);
    }
    return seeds;
  };
  auto further = plain.seeds;
  further.push_back(9);
  CHECK(seeds_of(8) == further);
  CHECK(seeds_of(16) == std::vector<std::uint64_t>{1});
  CHECK(made.rules[1].cells == 0);
  CHECK(made.rules[1].seeds == 1);
  CHECK(made.rules[2].cells == 1);
  check_frozen(made);
  CHECK_THROWS_AS(study("include: [{hidden: 4, seeds: []}]\n"), InputError);
  CHECK_THROWS_AS(study("include: [{hidden: 4, seeds: [1, 1]}]\n"), InputError);
  CHECK_THROWS_AS(
      parse_study(
          "study: s\ngrid: {task: lookup, length: 16, hidden: 8, architecture: linear, seeds: 3}\n",
          "s.yaml"),
      InputError);
}

TEST_CASE("an include that names a task of the grid keeps its options") {
  const Study made = study("include: [{task: lookup, size: 20, hidden: 4, architecture: linear}]\n",
                           {"grid.task={lookup: {symbols: 5}}"});
  CHECK(made.cells.size() == 9);
  CHECK(made.cells.back().task.options.at("symbols") == 5);
  check_frozen(made);
}

TEST_CASE("derive computes settings from the cell, each formula seeing the ones before") {
  const Study made = study(
      "derive: {recipe.steps: \"min(2000, 100 * length)\", recipe.warmup: \"recipe.steps / 10\", "
      "model.heads: \"hidden / 4\", recipe.eval_every: "
      "\"size * seeds\"}\n");
  for (const Cell& cell : made.cells) {
    CHECK(cell.recipe.steps == (cell.length == 16 ? 1600 : 2000));
    CHECK(cell.recipe.warmup == cell.recipe.steps / 10);
    CHECK(cell.model.heads == cell.hidden / 4);
    CHECK(cell.recipe.eval_every == cell.task.size * 3);
  }
  CHECK(made.columns == 4);  // widths of one column may differ in what is derived from them
  check_frozen(made);
}

TEST_CASE("budgets are multiples of the steps, also of derived ones, with the ids of plain steps") {
  const Study made = study("  recipe.budgets: [0.5, 1, 4]\n");
  CHECK(made.cells.size() == 8 * 3);
  CHECK(made.further_axes == std::vector<std::string>{"recipe.budgets"});
  CHECK(made.cells[0].recipe.steps == 500);
  CHECK(made.cells[2].recipe.steps == 4000);
  CHECK(made.cells[2].further == std::vector<std::pair<std::string, Json>>{{"recipe.budgets", 4}});
  CHECK(made.cells[2].recipe.eval_every == made.cells[0].recipe.eval_every);
  CHECK(describe(made.cells[2]) == "lookup L=16 hidden=4 standard recipe.budgets=4");
  CHECK(ids(made) == ids(study("  recipe.steps: [500, 1000, 4000]\n")));
  check_frozen(made);

  const Study derived = study(
      "  recipe.budgets: [1, 2]\nderive: {recipe.steps: \"25 * length\", recipe.eval_every: "
      "\"recipe.steps / 8\"}\nexclude: [{recipe.steps: 800}]\n");
  CHECK(derived.cells.size() ==
        12);  // steps 400, 800, 600 and 1200 at two widths and architectures
  for (const Cell& cell : derived.cells) {
    CHECK(cell.recipe.steps == 25 * cell.length * (cell.further[0].second == 2 ? 2 : 1));
    CHECK(cell.recipe.eval_every == 25 * cell.length / 8);
  }
  check_frozen(derived);
}

TEST_CASE("budgets change the warm-up as plain steps do, and multiply steps that are overridden") {
  const Study share =
      study("  recipe.budgets: [1, 4]\nrecipe: {warmup: {share: 0.05}}\n", {"recipe.steps=100"});
  CHECK(share.cells[0].recipe.warmup == 5);
  CHECK(share.cells[1].recipe.warmup == 20);
  CHECK(share.cells[1].recipe.steps == 400);
  const Study none = study("  recipe.budgets: [0.05, 1]\n");
  CHECK(none.cells[0].recipe.warmup == 50);
  CHECK(none.cells[1].recipe.warmup == 100);
  check_frozen(none);
  CHECK(study("recipe: {budgets: 2}\n").cells.front().recipe.steps == 2000);
  const Study more = study("  recipe.budgets: [1]\ninclude: [{recipe.budgets: [2, 4]}]\n");
  CHECK(more.cells.size() == 8 * 3);
  CHECK(ids(more) == ids(study("  recipe.budgets: [1, 2, 4]\n")));
}

TEST_CASE("budgets that cannot be are refused where they stand") {
  const auto refused = [](const std::string& extra, const std::string& words) {
    CHECK_THROWS_WITH(study(extra), Catch::Contains(words));
  };
  refused("  recipe.budgets: [2, 1]\n",
          "example.yaml:7:23: the values of recipe.budgets do not ascend");
  refused("  recipe.budgets: [1, 1]\n", "a value of recipe.budgets comes twice");
  refused("  recipe.budgets: [0, 1]\n", "a number above 0");
  refused(
      "  recipe.budgets: [0.0001, 1]\n",
      "example.yaml:7:20: wrong value of recipe.steps (expected an integer of at least 1, got 0 "
      "(recipe.budgets 0.0001 times 1000) in cell lookup");
  refused("  recipe.budgets: [1, 1.0001]\n", "two cells are the same trial");
  refused("  recipe.budgets: [1, 2]\n  recipe.steps: [100, 200]\n",
          "recipe.steps and recipe.budgets are both axes");
  refused("  recipe.budgets: [1, 2]\ninclude: [{recipe.steps: 50}]\n",
          "recipe.steps and recipe.budgets are both axes");
  refused("derive: {recipe.budgets: \"length\"}\n", "recipe.budgets is derived");
}

TEST_CASE("axes of words, numbers and batches become columns") {
  const Study made = study(
      "  recipe.batch: [{tokens: 160}, 8]\n  model.activation: [gelu, relu]\n  model.ffn_ratio: "
      "[2, 4.0]\n");
  CHECK(made.cells.size() == 8 * 8);
  CHECK(made.cells.front().recipe.batch_sequences == 10);
  CHECK(made.cells.front().further ==
        std::vector<std::pair<std::string, Json>>{{"recipe.batch", "{tokens: 160}"},
                                                  {"model.activation", "gelu"},
                                                  {"model.ffn_ratio", 2.0}});
  CHECK(made.cells.back().recipe.batch_sequences == 8);
  check_frozen(made);
}

TEST_CASE("two ways to say one batch are refused as one trial") {
  CHECK_THROWS_WITH(
      study("  recipe.batch: [{tokens: 160}, 10]\n"),
      Catch::Contains("two cells are the same trial") && Catch::Contains("lookup L=16"));
}

TEST_CASE("a warm-up that was not asked for fits into a short run, one that was is kept") {
  CHECK(study("", {"recipe.steps=50"}).cells.front().recipe.warmup == 50);
  CHECK(study("recipe: {warmup: 20}\n", {"recipe.steps=50"}).cells.front().recipe.warmup == 20);
  const Study mixed = study("  recipe.steps: [50, 500]\n");
  CHECK(mixed.cells[0].recipe.warmup == 50);
  CHECK(mixed.cells[1].recipe.warmup == 100);
  check_frozen(mixed);
}

TEST_CASE("a warm-up can be a share of the steps") {
  const Study made = study("  recipe.steps: [50, 195300]\nrecipe: {warmup: {share: 0.05}}\n");
  CHECK(made.cells[0].recipe.warmup == 3);
  CHECK(made.cells[1].recipe.warmup == 9765);
  check_frozen(made);
  CHECK_THAT(made.text_frozen, Catch::Contains("warmup: {share: 0.05}"));
  const Study one = study("recipe: {steps: 200, warmup: {share: 0.25}}\n");
  CHECK_THAT(one.text_frozen, Catch::Contains("warmup: 50,"));
  CHECK(ids(one) == ids(study("recipe: {steps: 200, warmup: 50}\n")));
  CHECK(
      study(
          "recipe: {warmup: {share: 0.25}}\nderive: {recipe.eval_every: \"recipe.warmup / 10\"}\n")
          .cells.front()
          .recipe.eval_every == 25);
}

TEST_CASE("the predecessor's recipe is its values, by a word or written out") {
  const Study made = study("recipe: predecessor\n");
  const Cell& cell = made.cells.front();
  CHECK(made.learning_rates == std::vector<double>{1e-4});
  CHECK(cell.model.dropout == 0.1);
  const spec::Recipe& recipe = cell.recipe;
  CHECK(recipe.batch_sequences == 512);
  CHECK(recipe.training_set == 1'000'000);
  CHECK(spec::steps_per_epoch(recipe) == 1953);
  CHECK(recipe.steps == 100 * 1953);
  CHECK(recipe.warmup == 5 * 1953);
  CHECK(recipe.clip == 0);
  CHECK(recipe.weight_decay == 0.01);
  CHECK(recipe.beta1 == 0.9);
  CHECK(recipe.beta2 == 0.999);
  CHECK(recipe.sizes == spec::Sizes::under);
  check_frozen(made);
  CHECK_THAT(made.text_frozen, !Catch::Contains("predecessor"));
  CHECK_THAT(made.text_frozen,
             Catch::Contains("learning_rates: [0.0001]") && Catch::Contains("dropout: 0.1") &&
                 Catch::Contains("warmup: 9765") && Catch::Contains("schedule: linear_by_epoch") &&
                 Catch::Contains("training_set: 1000000"));

  const Study written = study(
      "trials: {learning_rates: 1e-4}\nmodel: {dropout: 0.1}\nrecipe: {batch: 512, training_set: "
      "1000000, steps: 195300, warmup: 9765, schedule: "
      "linear_by_epoch, final_lr: 0, clip: 0, weight_decay: 0.01, beta1: 0.9, beta2: 0.999, "
      "epsilon: 1e-8, eval_every: 1953, sizes: under}\n");
  CHECK(ids(made) == ids(written));
  CHECK(made.text_frozen == written.text_frozen);
  CHECK(ids(made) != ids(study("recipe: {base: predecessor, steps: 195299}\n")));
}

TEST_CASE("what a study says itself stands over the base of its recipe, wherever it stands") {
  const Study made = study(
      "recipe: {steps: 2000, base: predecessor, batch: {tokens: 800}}\nmodel: {dropout: "
      "0}\ntrials: {learning_rates: [3e-4]}\n");
  CHECK(made.learning_rates == std::vector<double>{3e-4});
  CHECK(made.cells.front().model.dropout == 0);
  CHECK(made.cells.front().recipe.steps == 2000);
  CHECK(made.cells.front().recipe.warmup == 100);  // still the same share
  CHECK(made.cells.front().recipe.batch_sequences == 50);
  CHECK(made.cells.front().recipe.training_set == 1'000'000);
  check_frozen(made);
  const std::vector<std::string> changes = {"recipe.steps=2000", "recipe.batch.tokens=800",
                                            "model.dropout=0", "trials.learning_rates=3e-4"};
  CHECK(ids(study("recipe: predecessor\n", changes)) == ids(made));
  CHECK(ids(study("recipe: {steps: 2000, batch: {tokens: 800}}\nmodel: {dropout: 0}\n",
                  {"recipe.base=predecessor", changes[3]})) == ids(made));
  CHECK(ids(study("", {"recipe=predecessor", changes[0], changes[1], changes[2], changes[3]})) ==
        ids(made));
}

TEST_CASE("overrides replace values by dotted path, in their order") {
  const Study made =
      study("recipe: {steps: 10, warmup: 5}\n",
            {"recipe.steps=20", "recipe.steps=30", "grid.length=[32]", "grid.model.layers=[1, 2]",
             "trials.seeds=1", "run.design=grid", "study=renamed",
             "grid.hidden={geometric: {from: 4, to: 16, factor: 2}}",
             "derive.recipe.eval_every=length", "recipe.batch.tokens=320"});
  CHECK(made.name == "renamed");
  CHECK(made.cells.size() == 1 * 3 * 2 * 2);
  CHECK(made.cells.front().recipe.steps == 30);
  CHECK(made.cells.front().recipe.eval_every == 32);
  CHECK(made.cells.front().recipe.batch_sequences == 10);
  CHECK(made.trials.size() == 12 * 2);
  CHECK(made.run.design == Design::grid);
  check_frozen(made);
}

TEST_CASE("size and length override each other") {
  CHECK(study("", {"grid.size={lookup: [8]}"}).cells.front().length == 16);
  CHECK(study("", {"grid.size=[8]", "grid.length=[24]"}).cells.front().length == 24);
}

TEST_CASE("time limits are seconds or hours:minutes:seconds") {
  CHECK(study("run: {time_limit: 90}\n").run.time_limit_s == 90);
  CHECK(study("run: {time_limit: \"1:30:00\"}\n").run.time_limit_s == 5400);
  CHECK(study("run: {time_limit: 2-00:00:01}\n").run.time_limit_s == 2 * 86400 + 1);
  CHECK(study("run: {time_limit: null}\n").run.time_limit_s == std::nullopt);
}

TEST_CASE("how long a rank may be silent is a number of seconds, or null for ever") {
  CHECK(study("run: {}\n").run.silent_s == 120);
  CHECK(study("run: {silent_s: 2.5}\n").run.silent_s == 2.5);
  CHECK(study("run: {silent_s: null}\n").run.silent_s == std::nullopt);
  CHECK_THROWS_WITH(study("run: {silent_s: 0}\n"), Catch::Contains("a number above 0, or null"));
}

TEST_CASE("the paper's labels are given to its sizes only") {
  CHECK(paper_length("arithmetic", 13) == 355);
  CHECK(paper_length("edit_distance", 20) == 506);
  CHECK(paper_length("lis", 175) == 352);
  CHECK(paper_length("lis", 176) == 0);
  CHECK(paper_length("lookup", 6) == 0);
}

TEST_CASE("an option of a task is an axis like the keys of model and recipe") {
  const std::string text = R"(
study: locality
grid:
  task: {recurrence: {modulus: 7}}
  size: [8, 16]
  hidden: [8]
  architecture: [standard]
  task.locality: [2, 4, 0]
)";
  const Study study = parse_study(text, "locality.yaml");
  REQUIRE(study.cells.size() == 6);
  CHECK(study.further_axes == std::vector<std::string>{"task.locality"});
  CHECK(study.cells[1].task ==
        tasks::TaskSettings{"recurrence", 8, {{"locality", 4}, {"modulus", 7}}});
  CHECK(study.cells[1].further == std::vector<std::pair<std::string, Json>>{{"task.locality", 4}});
  CHECK(study.cells[0].vocabulary == 3 + 7 + 2);
  CHECK(study.cells[2].vocabulary == 3 + 7 + 8);
  CHECK(study.cells[0].column != study.cells[1].column);
  std::set<std::string> ids;
  for (const StudyTrial& trial : study.trials) ids.insert(trial.id.value);
  CHECK(ids.size() == study.trials.size());
  // The frozen text is the same study, an override replaces the axis, and exclude can name it.
  CHECK(parse_study(study.text_frozen, "frozen").trials.back().id == study.trials.back().id);
  CHECK(parse_study(text, "locality.yaml", {"grid.task.locality=[2, 4]"}).cells.size() == 4);
  CHECK(
      parse_study(text, "locality.yaml", {"grid.task.recurrence.modulus=3"}).cells[0].vocabulary ==
      3 + 3 + 2);
  CHECK(
      parse_study(text, "locality.yaml", {"exclude=[{task.locality: 0, size: 16}]"}).cells.size() ==
      5);
  CHECK_THROWS_WITH(parse_study(text, "locality.yaml", {"grid.task.modulus=[5, 1]"}),
                    Catch::Contains("option modulus is out of range for size 8"));
  CHECK_THROWS_WITH(parse_study(text, "locality.yaml", {"grid.task=[recurrence, copy]"}),
                    Catch::Contains("locality.yaml:8:19: ") && Catch::Contains("unknown option") &&
                        Catch::Contains("task copy"));
}

TEST_CASE("without fit.baseline the first architecture that the file names is the baseline") {
  const auto baseline = [](const std::vector<std::string>& overrides) {
    const Study made = study("", overrides);
    check_frozen(made);
    CHECK(parse_study(made.text_frozen, "frozen.yaml").fit == made.fit);
    CHECK_THAT(made.text_frozen,
               Catch::Contains("baseline: " + to_yaml(Json(made.fit.baseline)) + "}"));
    return made.fit.baseline;
  };
  CHECK(baseline({}) == "standard");
  CHECK(baseline({"grid.architecture=[linear, standard]"}) == "linear");
  CHECK(baseline({"grid.architecture=[linear, standard]", "fit.baseline=null"}) == "linear");
  CHECK(baseline({"grid.architecture=[linear, standard]", "fit.baseline=standard"}) == "standard");
  CHECK(baseline({"grid.architecture=[{sparse: {c: 4}}, {sparse: {c: 8}}]"}) == "sparse(c=4)");
  // In the file's order, also where its first cells are those of another; but one with cells.
  CHECK(baseline({"grid.architecture=[linear, standard]",
                  "exclude=[{architecture: linear, hidden: 4}]"}) == "linear");
  CHECK(baseline({"grid.architecture=[linear, standard]", "exclude=[{architecture: linear}]"}) ==
        "standard");
  CHECK(baseline({"exclude=[{hidden: [4, 8]}]", "include=[{hidden: 16, architecture: delta}]"}) ==
        "delta");
}

TEST_CASE("the baseline is no part of a trial's id") {
  const Study one = study();
  const Study other = study("", {"fit.baseline=linear"});
  REQUIRE(one.trials.size() == other.trials.size());
  for (std::size_t i = 0; i < one.trials.size(); ++i) CHECK(one.trials[i].id == other.trials[i].id);
}

TEST_CASE("the frozen study writes every key out") {
  const std::string frozen = study().text_frozen;
  for (const char* key : {"study: example",
                          "question: \"\"",
                          "task: {lookup: {}}",
                          "length: [16, 24]",
                          "hidden: [4, 8]",
                          "architecture: [{standard: {}}, {linear: {normalise: true, phi: elu}}]",
                          "zip: []",
                          "exclude: []",
                          "include: []",
                          "derive: {}",
                          "seeds: [1, 2, 3]",
                          "learning_rates: [0.01, 0.02]",
                          "batch: {tokens: 1536}",
                          "warmup: 100",
                          "training_set: 0",
                          "stop_evals: 2",
                          "design: ascend",
                          "time_limit: null",
                          "silent_s: 120",
                          "tau: 0.9",
                          "baseline: standard"}) {
    CHECK_THAT(frozen, Catch::Contains(key));
  }
}
