// Study files: a tree that is written out reads as the same; a frozen study is the study itself.
#include "fuzz/fuzz.hpp"
#include "grid/document.hpp"
#include "grid/study.hpp"

namespace {

using namespace surd;

constexpr std::size_t trials_frozen = 200;  // more cost time and show nothing more

void check_document(const std::string& text) {
  const grid::Node tree = grid::parse_document(text, "study.yaml");
  const std::string written = grid::to_yaml(tree);
  if (written.size() > 10'000) return;
  const Json value = grid::to_json(tree);
  fuzz::require(grid::to_json(grid::parse_value(written, "again")) == value,
                "a tree that was written reads as the same");
}

void check_study(const std::string& text) {
  const grid::Study study = grid::parse_study(text, "study.yaml");
  if (study.trials.size() > trials_frozen) return;
  const grid::Study again = grid::parse_study(study.text_frozen, "frozen.yaml");
  fuzz::require(again.trials.size() == study.trials.size(), "a frozen study has its trials");
  for (const TrialIndex i : study.trials.places())
    fuzz::require(again.trials[i].id == study.trials[i].id, "a frozen study has its ids");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(fuzz::view(data, size));
  fuzz::reads([&] { check_document(text); });
  fuzz::reads([&] { check_study(text); });
  return 0;
}
