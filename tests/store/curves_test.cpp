#include "store/curves.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "store/journal.hpp"
#include "store/results.hpp"
#include "store/snapshot.hpp"
#include "store/sample.hpp"

using namespace surd;
using namespace surd::store;
using namespace surd::store::test;

namespace {

bool same(const std::vector<double>& a, const std::vector<double>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](double x, double y) { return x == y || (std::isnan(x) && std::isnan(y)); });
}

void check_equal(const Curves& a, const Curves& b) {
  CHECK(a.start == b.start);
  CHECK(a.count == b.count);
  CHECK(a.step == b.step);
  CHECK(same(a.loss_train, b.loss_train));
  CHECK(same(a.loss_validation, b.loss_validation));
  CHECK(same(a.accuracy_validation, b.accuracy_validation));
  CHECK(same(a.gradient_norm, b.gradient_norm));
}

void write_journal(const std::filesystem::path& run, const std::vector<Record>& records) {
  std::filesystem::create_directories(run);
  Journal journal(run / "journal.jsonl");
  for (const Record& record : records) journal.append(record);
  journal.sync();
}

}  // namespace

TEST_CASE(
    "curves are the points of each row's result, from results.h5 and from the journal alike") {
  const Folder folder;
  const Sample sample;
  const History history = replay(sample.records);
  write_results(folder / "results.h5", sample.study, history);
  write_journal(folder / "run", sample.records);
  const auto rows = read_run(folder / "results.h5")->rows();
  const Curves curves = read_run(folder / "results.h5")->curves();
  check_equal(curves, curves_of(rows, history));
  check_equal(curves, read_run(folder / "run")->curves());
  REQUIRE(curves.count.size() == rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    CAPTURE(i);
    const auto done = history.done.find({rows[i].id});
    if (done == history.done.end()) {
      CHECK(curves.count[i] == 0);
      continue;
    }
    const auto& points = done->second.result.curve;
    REQUIRE(curves.count[i] == static_cast<std::int64_t>(points.size()));
    for (std::size_t j = 0; j < points.size(); ++j) {
      const auto at = static_cast<std::size_t>(curves.start[i]) + j;
      CHECK(curves.step[at] == points[j].step);
      CHECK(curves.loss_train[at] == points[j].loss_train);
    }
  }
}

TEST_CASE("planned FLOPs are those of the last step, whether a trial ran or not") {
  const Folder folder;
  const Sample sample;
  write_results(folder / "results.h5", sample.study, replay(sample.records));
  write_journal(folder / "run", sample.records);
  const auto rows = read_run(folder / "results.h5")->rows();
  const auto planned = read_run(folder / "results.h5")->planned_flops();
  CHECK(read_run(folder / "run")->planned_flops() == planned);
  REQUIRE(planned.size() == rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const grid::Cell& cell = sample.study.cells[sample.study.trials[i].cell];
    const double sequences = static_cast<double>(cell.recipe.steps) * cell.recipe.batch_sequences;
    CHECK(planned[i] == Approx(sequences * spec::training_flops(spec::shape(cell), cell.mean.tokens,
                                                                cell.mean.supervised)));
  }
  CHECK(rows[0].flops == Approx(planned[0] * static_cast<double>(rows[0].tokens) /
                                (1000 * 96 * rows[0].mean_tokens)));
  CHECK(rows[5].status == "missing");
  CHECK(planned[5] > 0);
}
