#include "store/leaving.hpp"

#include <catch2/catch.hpp>

#include "store/sample.hpp"

using namespace surd;
using namespace surd::store;
using namespace surd::store::test;
using Catch::Matchers::Contains;

namespace {

grid::Study sample_with(const std::vector<std::string>& overrides) {
  return grid::parse_study(study_text, "small.yaml", overrides);
}

std::int64_t finished(const Sample& sample) {
  return static_cast<std::int64_t>(replay(sample.records).done.size());
}

std::string refusal(const RunFolder& folder, const History& history, const grid::Study& next) {
  try {
    require_none_leaves(folder, history, next);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("nothing leaves with the same study, a larger one, or one with other run settings") {
  const Sample sample;
  const History history = replay(sample.records);
  for (const auto& overrides : std::vector<std::vector<std::string>>{
           {}, {"grid.length=[16,24,32]"}, {"run.retries=7", "fit.tau=0.5"}}) {
    const grid::Study next = sample_with(overrides);
    CHECK(leaving_trials(history, next).trials == 0);
    CHECK_NOTHROW(require_none_leaves(RunFolder("runs/small"), history, next));
  }
  CHECK(leaving_trials(History{}, sample_with({"grid.length=[16]"})).trials == 0);
}

TEST_CASE("what leaves is counted, and named by the values that the new study lacks") {
  const Sample sample;
  const History history = replay(sample.records);
  const auto words = [&](const std::vector<std::string>& overrides) {
    return leaving_trials(history, sample_with(overrides)).values;
  };
  // 13 of the 16 of length 16 are finished: three are quarantined or missing.
  const Leaving shorter = leaving_trials(history, sample_with({"grid.length=[24]"}));
  CHECK(shorter.trials == 13);
  CHECK(shorter.values == "length 16");
  CHECK(words({"grid.hidden=[4,16]"}) == "hidden 8");
  CHECK(words({"grid.architecture=[linear]"}) == "architecture standard");
  CHECK(words({"trials.seeds=[7]"}) == "seed 1, 2");
  CHECK(words({"trials.learning_rates=[0.02]"}) == "learning rate 0.01");
  CHECK(words({"model.layers=3"}) == "model.layers 1");
  CHECK(words({"grid.length=[24]", "trials.seeds=1"}) == "length 16; seed 2");
  CHECK(leaving_trials(history, sample_with({"recipe.steps=50", "recipe.warmup=5"})).trials ==
        finished(sample));
  CHECK_THAT(words({"exclude=[{architecture: linear, hidden: 8}]"}),
             Contains("by how values meet"));
}

TEST_CASE("only the trials of the table can leave: those of an earlier study have left already") {
  const Sample sample;
  std::vector<Record> records = sample.records;
  const grid::Study shorter = sample_with({"grid.length=[24]"});
  records.push_back(opened(shorter.text_frozen));
  const History history = replay(records);
  CHECK(leaving_trials(history, shorter).trials == 0);
  CHECK(leaving_trials(history, sample_with({"grid.length=[24]", "run.retries=7"})).trials == 0);
  CHECK(leaving_trials(history, sample.study).trials == 0);
  CHECK(leaving_trials(history, sample_with({"grid.length=[16]"})).trials == finished(sample) - 13);
}

TEST_CASE("a study whose frozen text this program cannot read does not hide what would leave") {
  Sample sample;
  std::get<StudyOpened>(sample.records.front()).study = "study: of a later program\n";
  const auto leaving = [&] {
    return leaving_trials(replay(sample.records), sample_with({"grid.length=[24]"})).trials;
  };
  CHECK(leaving() == 13);
  // What an audit trained was never in the table.
  TrialDone audit = done_of(sample.study, 0);
  audit.id = {"with twice the steps"};
  sample.records.push_back(AuditDrawn{0.1, {{sample.study.trials[0].id, audit.id}}, 0});
  sample.records.push_back(audit);
  CHECK(leaving() == 13);
}

TEST_CASE("trials of other numerics leave, and are not told apart by their settings") {
  Sample sample;
  std::get<StudyOpened>(sample.records.front()).numerics_version = spec::numerics_version - 1;
  for (Record& record : sample.records) {
    if (auto* done = std::get_if<TrialDone>(&record)) done->id.value += "-of-older-numerics";
  }
  const History history = replay(sample.records);
  CHECK(leaving_trials(history, sample_with({"run.retries=7"})).trials == finished(sample));
  CHECK_THAT(refusal(RunFolder("runs/small"), history, sample_with({"run.retries=7"})),
             Contains("numerics_version") && Contains("Use surd 0.1.0") && Contains("--shrink"));
}

TEST_CASE("the refusal names the commands that keep the trials and let them go") {
  Sample sample;
  const grid::Study shorter = sample_with({"grid.length=[24]"});
  auto& opening = std::get<StudyOpened>(sample.records.front());
  CHECK_THAT(refusal(RunFolder("runs/small"), replay(sample.records), shorter),
             Contains("runs/small: 13 finished trials") && Contains("(length 16)") &&
                 Contains("`surd run runs/small` goes on with the study that has them") &&
                 Contains("with --shrink they leave"));
  opening.request = {"configs/small.yaml", {"grid.length=[16, 24]", "trials.seeds=2"}};
  const History history = replay(sample.records);
  CHECK_THAT(refusal(RunFolder("runs/small"), history, shorter),
             Contains("`surd run configs/small.yaml --set 'grid.length=[16, 24]' --set "
                      "trials.seeds=2` has them, and so has `surd run runs/small`"));
  CHECK_THAT(refusal(RunFolder("my runs/x"), history, shorter),
             Contains("--set trials.seeds=2 --out 'my runs/x'` has them") &&
                 Contains("`surd run 'my runs/x'`"));
}

TEST_CASE("a merge has no command of its own") {
  Sample sample;
  std::get<StudyOpened>(sample.records.front()).request = {"configs/small.yaml", {}};
  sample.records.push_back(Merged{{sample.study.text_frozen}, {"a", "b"}, 0});
  CHECK_THAT(
      refusal(RunFolder("runs/small"), replay(sample.records), sample_with({"grid.length=[24]"})),
      Contains("`surd run runs/small` goes on with the study that has them"));
}
