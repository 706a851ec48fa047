// Study files as editors and other YAML programs write them (tests/data/cases).
#include <catch2/catch.hpp>

#include <filesystem>
#include <string>

#include "base/error.hpp"
#include "base/files.hpp"
#include "grid/study.hpp"

using namespace surd;
namespace fs = std::filesystem;

namespace {

const fs::path cases_folder = SURD_SOURCE_DIR "/tests/data/cases";

grid::Study study_of(const std::string& name) {
  return grid::parse_study(read_file(cases_folder / name), name);
}

std::string refusal_of(const std::string& text) {
  try {
    grid::parse_study(text, "f.yaml");
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

std::string with_line(const std::string& line) {
  return line +
         "\ngrid: {task: [lookup], length: [16], hidden: [8], architecture: [standard, linear]}\n";
}

}  // namespace

TEST_CASE("a map takes in what its merge key names, where it has no such key itself") {
  const grid::Study merged = study_of("merge.yaml");
  CHECK(merged.cells[CellIndex{0}].recipe.steps == 60);
  CHECK(merged.cells[CellIndex{0}].recipe.validation == 64);
  const std::string text = R"(
study: tiny
grid: {task: [lookup], length: [16], hidden: [8], architecture: [standard]}
.one: &one {steps: 60, warmup: 5, validation: 64}
.two: &two {steps: 70, test: 128}
recipe: {warmup: 10, <<: [*one, *two]}
)";
  const spec::Recipe recipe = grid::parse_study(text, "f.yaml").cells[CellIndex{0}].recipe;
  CHECK(recipe.warmup == 10);  // its own, though it stands before
  CHECK(recipe.steps == 60);   // of two the first
  CHECK(recipe.validation == 64);
  CHECK(recipe.test == 128);
  CHECK(
      refusal_of(with_line("study: tiny\nrecipe: {<<: 5}")) ==
      "f.yaml:2:10: a merge key takes in what is no map (expected <<: *anchor of a map, or a list "
      "of such, got 5)");
  CHECK(refusal_of(with_line("study: tiny\nrecipe: {\"<<\": {steps: 60}}"))
            .starts_with("f.yaml:2:10: unknown key '<<' in recipe"));
}

TEST_CASE("a block that only aliases name may stand at the top under a key with a dot") {
  const grid::Study study = study_of("topanchor.yaml");
  CHECK(study.cells[CellIndex{0}].recipe.steps == 60);
  CHECK(study.cells[CellIndex{0}].recipe.warmup == 10);
  CHECK(grid::parse_study(study.text_frozen, "frozen.yaml").trials[TrialIndex{0}].id ==
        study.trials[TrialIndex{0}].id);
  CHECK(refusal_of(with_line("study: tiny\n.recipe: {steps: 60}"))
            .starts_with("f.yaml:2:1: unknown key '.recipe' in the study"));
}

TEST_CASE("a blank that is none to YAML is named, with its line") {
  for (const char* name : {"nbsp_colon.yaml", "nbsp_value.yaml"}) {
    CAPTURE(name);
    const int line = std::string(name) == "nbsp_colon.yaml" ? 1 : 8;
    CHECK_THROWS_WITH(
        study_of(name),
        Catch::StartsWith(std::string(name) + ":" + std::to_string(line) + ":") &&
            Catch::Contains("line " + std::to_string(line) + " holds a no-break space (U+00A0)") &&
            Catch::Contains("Write an ordinary space"));
  }
  CHECK(refusal_of(with_line("study: tiny\nrecipe: {steps: \xE3\x80\x80"
                             "60}"))
            .find("line 2 holds an ideographic space (U+3000)") != std::string::npos);
  CHECK(refusal_of(with_line("study: tiny\nrecipe:\n\xC2\xA0 steps: 60"))
            .find("line 3 holds a no-break space (U+00A0)") != std::string::npos);
  // Where a sentence, a quote or a comment holds one it is meant.
  CHECK(refusal_of(with_line("study: tiny\nquestion: 16\xC2\xA0"
                             "tokens\xC2\xA0? Yes")) == "no error");
  CHECK(refusal_of(with_line("study: tiny\nquestion: \"\xC2\xA0\"  #\xC2\xA0note")) == "no error");
}

TEST_CASE("booleans are those of YAML's core schema") {
  CHECK(study_of("bool_True.yaml").run.deterministic);
  for (const auto& [word, value] : {std::pair("True", true),
                                    {"TRUE", true},
                                    {"true", true},
                                    {"False", false},
                                    {"FALSE", false}}) {
    CAPTURE(word);
    const grid::Study study = grid::parse_study(
        with_line(std::string("study: tiny\nrun: {deterministic: ") + word + "}"), "f.yaml");
    CHECK(study.run.deterministic == value);
  }
  CHECK(refusal_of(with_line("study: tiny\nrun: {deterministic: \"True\"}"))
            .find("expected true or false") != std::string::npos);
}

TEST_CASE("every study file of the cases is in a test") {
  int files = 0;
  for (const auto& file : fs::directory_iterator(cases_folder))
    files += file.path().extension() == ".yaml" ? 1 : 0;
  CHECK(files == 5);
}
