// results.h5 damaged in every way that could be thought of: what is read from it is what was
// written, or an error says so, soon.
#include <sys/stat.h>
#include <unistd.h>

#include <bit>
#include <catch2/catch.hpp>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <random>
#include <set>

#include "base/files.hpp"
#include "store/checkpoint.hpp"
#include "store/compare.hpp"
#include "store/journal.hpp"
#include "store/results.hpp"
#include "store/run_folder.hpp"
#include "store/sample.hpp"
#include "store/snapshot.hpp"
#include "store/verify.hpp"

using namespace surd;
using namespace surd::store;
using namespace surd::store::test;
using Catch::Matchers::Contains;

namespace {

struct DamagedRun {
  Folder temporary;
  RunFolder folder{temporary / "run"};
  Sample sample;
  std::string good;  // results.h5

  DamagedRun() {
    folder.create();
    {
      Journal journal(folder.journal());
      for (const Record& record : sample.records) journal.append(record);
      journal.sync();
    }
    rebuild_results(folder.path());
    good = read_file(folder.results());
  }
};

// All that a reader asks of it.
std::string text_of(const Snapshot& run) {
  std::string text = to_csv(run.rows());
  const Curves curves = run.curves();
  for (const auto* column : {&curves.start, &curves.count, &curves.step})
    text += fmt::format("{}\n", fmt::join(*column, " "));
  for (const auto* column : {&curves.loss_train, &curves.loss_validation,
                             &curves.accuracy_validation, &curves.gradient_norm})
    text += fmt::format("{}\n", fmt::join(*column, " "));
  for (const AttemptRow& row : run.attempts())
    for (const auto& column : attempt_columns()) text += csv_field(column, row) + ",";
  text += to_csv(run.audit());
  text += fmt::format("{}\n{}", run.journal_records().value_or(-1), run.study());
  if (const auto fit = run.fit_settings()) text += fmt::format("{} {}", fit->tau, fit->baseline);
  return text;
}

std::string damage_at(std::string bytes, std::mt19937& random) {
  const std::size_t at = random() % bytes.size();
  const auto fill = [&](std::size_t count, auto next) {
    for (std::size_t i = at; i < std::min(bytes.size(), at + count); ++i) bytes[i] = next();
  };
  switch (random() % 5) {
    case 0: bytes[at] ^= static_cast<char>(1U << random() % 8); break;
    case 1: fill(16, [] { return '\0'; }); break;
    case 2: fill(512, [] { return '\0'; }); break;
    case 3: fill(1 + random() % 16, [&] { return static_cast<char>(random()); }); break;
    default: bytes.resize(at); break;
  }
  return bytes;
}

// "same", or what the error says.
std::string outcome_of(const std::filesystem::path& path, const std::string& expected) {
  try {
    const std::string got = text_of(*read_run(path));
    return got == expected ? "same" : "OTHER";
  } catch (const Error& error) {
    return error.what();
  }
}

}  // namespace

TEST_CASE("a damaged results.h5 gives the rows that were written or an error") {
  const DamagedRun run;
  const auto path = run.temporary / "copy.h5";
  put(path, run.good);
  const std::string expected = text_of(*read_run(path));
  const char* const wanted = std::getenv("SURD_DAMAGED_FILES");
  const int count = wanted == nullptr ? 300 : std::stoi(wanted);
  std::mt19937 random(20261130);
  int errors = 0, crashes = 0, endless = 0;
  for (int i = 0; i < count; ++i) {
    put(path, damage_at(run.good, random));
    const std::string outcome = outcome_of(path, expected);
    INFO("file " << i << ": " << outcome);
    CHECK(outcome != "OTHER");
    errors += outcome != "same";
    crashes += outcome.find("crashed") != std::string::npos;
    endless += outcome.find("did not end") != std::string::npos;
  }
  CHECK(errors > count / 10);
  if (wanted != nullptr)
    fmt::print("{} files: {} errors, of which HDF5 crashed on {} and did not end on {}\n", count,
               errors, crashes, endless);
}

TEST_CASE("a zeroed object header is found soon, by every reader") {
  const DamagedRun run;
  const auto path = run.temporary / "copy.h5";
  put(path, run.good);
  const std::string expected = text_of(*read_run(path));
  int headers = 0;
  for (std::size_t at = 0; (at = run.good.find("OHDR", at)) != std::string::npos; at += 4) {
    std::string damaged = run.good;
    damaged.replace(at, 16, 16, '\0');
    put(path, damaged);
    const std::string outcome = outcome_of(path, expected);
    INFO("header at " << at << ": " << outcome);
    CHECK(outcome != "OTHER");
    ++headers;
  }
  CHECK(headers > 50);
}

TEST_CASE("one flipped bit of an accuracy is named, and the folder is read from its journal") {
  const DamagedRun run;
  const double accuracy = read_run(run.folder.results())->rows()[0].accuracy_test;
  std::string damaged = run.good;
  const auto bits = std::bit_cast<std::array<char, 8>>(accuracy);
  int places = 0;
  for (std::size_t at = 0; (at = damaged.find(bits.data(), at, 8)) != std::string::npos; at += 8) {
    damaged[at + 7] ^= 0x40;
    ++places;
  }
  REQUIRE(places > 0);
  put(run.folder.results(), damaged);
  CHECK_THROWS_AS(read_run(run.folder.results()), Error);
  CHECK_THROWS_WITH(read_run(run.folder.results()),
                    Contains("digest does not match") && Contains("accuracy_test") &&
                        Contains("`surd results rebuild " + run.folder.path().string()));

  const auto whole = read_run(run.folder.path());
  CHECK(whole->file() == run.folder.journal());
  CHECK(whole->rows()[0].accuracy_test == accuracy);
  REQUIRE(whole->notes().size() == 1);
  CHECK_THAT(whole->notes()[0], Contains("accuracy_test") && Contains("read from the journal"));

  const Verification found = verify_run(run.folder.path());
  REQUIRE(found.damage.size() == 1);
  CHECK_THAT(found.damage[0], Contains("results.h5: damaged") && Contains("accuracy_test"));
}

TEST_CASE("who writes results.h5 anew does not read a damaged one, and keeps it") {
  const DamagedRun run;
  const std::string expected = text_of(*read_run(run.folder.results()));
  std::set<std::string> names;
  for (const std::string& bad :
       {std::string("not HDF5"), run.good.substr(0, 5000), std::string()}) {
    put(run.folder.results(), bad);
    rebuild_results(run.folder.path());
    CHECK(text_of(*read_run(run.folder.results())) == expected);
    CHECK(verify_run(run.folder.path()).damage.empty());
    bool kept = false;
    for (const auto& entry : std::filesystem::directory_iterator(run.folder.path())) {
      const std::string name = entry.path().filename().string();
      if (!name.starts_with("results.h5.damaged")) continue;
      kept = kept || read_file(entry.path()) == bad;
      names.insert(name);
    }
    CHECK(kept);
  }
  CHECK(names == std::set<std::string>{"results.h5.damaged", "results.h5.damaged-2",
                                       "results.h5.damaged-3"});
}

TEST_CASE("a FIFO in the place of any file of a run is an error, and nobody waits for it") {
  const DamagedRun run;
  const auto fifo = [](const std::filesystem::path& path) {
    std::filesystem::remove(path);
    REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  };
  fifo(run.folder.state());
  CHECK_THROWS_WITH(read_state(run.folder), Contains("it is a FIFO"));
  fifo(run.folder.study());
  CHECK_THROWS_WITH(grid::load_study(run.folder.study()), Contains("it is a FIFO"));
  const auto checkpoint = run.folder.checkpoints() / "attempt-000001.ckpt";
  fifo(checkpoint);
  CHECK_THROWS_WITH(read_checkpoint(checkpoint, {"x"}), Contains("it is a FIFO"));
  CHECK(verify_checkpoint(checkpoint).size() == 1);

  fifo(run.folder.results());
  CHECK_THROWS_WITH(read_run(run.folder.results()), Contains("it is a FIFO"));
  CHECK(read_run(run.folder.path())->file() == run.folder.journal());
  CHECK(verify_run(run.folder.path()).damage.size() == 1);
  CHECK_THROWS_WITH(rebuild_results(run.folder.path()), Contains("this is no file"));

  fifo(run.folder.journal());
  CHECK_THROWS_WITH(read_run(run.folder.path()), Contains("it is a FIFO"));
  CHECK_THROWS_AS(verify_run(run.folder.path()), Error);
  CHECK_THROWS_WITH(Journal(run.folder.journal()), Contains("it is a FIFO"));
}
