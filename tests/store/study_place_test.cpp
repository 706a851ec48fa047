#include "store/study_place.hpp"

#include <catch2/catch.hpp>

#include "store/sample.hpp"

using namespace surd;
using namespace surd::store;
using namespace surd::store::test;
using Catch::Matchers::Contains;

TEST_CASE("a study is a file, or a run folder's frozen study") {
  const Folder temporary;
  put(temporary / "small.yaml", study_text);
  const grid::Study study = load_study(temporary / "small.yaml", {"recipe.steps=50"});
  CHECK(study.text_frozen ==
        grid::parse_study(study_text, "small.yaml", {"recipe.steps=50"}).text_frozen);
  const RunFolder run(temporary / "run");
  run.create();
  put(run.study(), study.text_frozen);
  CHECK_THROWS_WITH(load_study(run.path()),
                    Contains("is no study") && Contains("a run folder, with a file journal.jsonl"));
  put(run.journal(), "");
  CHECK(load_study(run.path()).text_frozen == study.text_frozen);
  CHECK(load_study(run.path(), {"recipe.steps=70"}).cells.front().recipe.steps == 70);
  std::filesystem::remove(run.study());
  CHECK_THROWS_WITH(load_study(run.path()), Contains("a file study.yaml"));
  CHECK_THROWS_WITH(load_study(temporary / "none.yaml"), Contains("no such study file"));
}

TEST_CASE(
    "a run goes to the folder that is asked for, to the one that it goes on in, or to runs/") {
  const Folder temporary;
  const grid::Study study = small_study();
  put(temporary / "small.yaml", study_text);
  std::filesystem::create_directory(temporary / "run");
  CHECK(folder_of(study, temporary / "small.yaml", "").path() == "runs/small");
  CHECK(folder_of(study, temporary / "run", "").path() == temporary / "run");
  CHECK(folder_of(study, temporary / "run", "elsewhere").path() == "elsewhere");
  CHECK(folder_of(study, temporary / "small.yaml", "elsewhere").path() == "elsewhere");
}
