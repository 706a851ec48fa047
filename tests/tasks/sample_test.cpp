// Sampling: a pure function of the stream's coordinates; the mixture of sizes; distributions that the parity data do not show.
#include <catch2/catch.hpp>
#include <algorithm>
#include <cmath>
#include <map>

#include "base/error.hpp"
#include "tasks/support.hpp"

namespace surd::tasks {
namespace {

// Pearson's statistic of counts against probabilities, in standard deviations above its mean (k - 1, variance 2 (k - 1)).
double excess(const std::vector<double>& counts, const std::vector<double>& probabilities) {
  double total = 0;
  for (const double count : counts) total += count;
  double statistic = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) statistic += std::pow(counts[i] - total * probabilities[i], 2) / (total * probabilities[i]);
  const double freedom = static_cast<double>(counts.size()) - 1;
  return (statistic - freedom) / std::sqrt(2 * freedom);
}

TEST_CASE("an instance is a pure function of seed, split, step and index") {
  for (const TaskSettings& settings : all_settings()) {
    INFO(settings.name << " " << settings.size);
    const auto task = make_task(settings);
    Instance used = draw(*task, 77, 5);  // what a buffer held before must not show
    Instance instance;
    for (std::uint32_t index = 0; index < 20; ++index) {
      RandomStream first(3, Split::validation, 9, index);
      RandomStream second(3, Split::validation, 9, index);
      task->sample(first, settings.size, used);
      task->sample(second, settings.size, instance);
      CHECK(used.tokens == instance.tokens);
      CHECK(used.labels == instance.labels);
      CHECK(first.bits64() == second.bits64());
    }
  }
}

TEST_CASE("another seed, split, step or index gives another instance") {
  for (const TaskSettings& settings : {TaskSettings{"lookup", 12, {}}, {"arithmetic", 16, {}}, {"edit_distance", 20, {}}, {"lis", 40, {}}}) {
    const auto task = make_task(settings);
    std::vector<RandomStream> streams{{3, Split::train, 9, 1}, {4, Split::train, 9, 1}, {3, Split::test, 9, 1}, {3, Split::train, 10, 1}, {3, Split::train, 9, 2}};
    std::vector<std::vector<Token>> seen;
    for (RandomStream& stream : streams) {
      Instance instance;
      task->sample(stream, settings.size, instance);
      CHECK(std::find(seen.begin(), seen.end(), instance.tokens) == seen.end());
      seen.push_back(instance.tokens);
    }
  }
}

TEST_CASE("the mixture draws size i in proportion to i") {
  for (const TaskSettings& settings : {TaskSettings{"arithmetic", 6, {}}, {"lis", 9, {}}, {"lookup", 1, {}}}) {
    const auto task = make_task(settings);
    RandomStream stream(11, Split::train, 0, 0);
    std::vector<double> counts(static_cast<std::size_t>(settings.size - task->min_size() + 1));
    for (int i = 0; i < 40'000; ++i) {
      const int size = task->sample_size_under(stream);
      REQUIRE(size >= task->min_size());
      REQUIRE(size <= settings.size);
      ++counts[static_cast<std::size_t>(size - task->min_size())];
    }
    std::vector<double> probabilities;
    double total = 0;
    for (int size = task->min_size(); size <= settings.size; ++size) total += size;
    for (int size = task->min_size(); size <= settings.size; ++size) probabilities.push_back(size / total);
    INFO(settings.name << ", seed 11");
    if (counts.size() > 1) CHECK(std::abs(excess(counts, probabilities)) < 4);
  }
}

TEST_CASE("lookup draws symbols and indices uniformly") {
  const auto task = make_task({"lookup", 5, {}});
  std::vector<double> symbols(8);
  std::vector<double> indices(5);
  for (std::uint32_t i = 0; i < 10'000; ++i) {
    const Instance instance = draw(*task, 12, i);
    for (std::size_t k = 0; k < 5; ++k) {
      ++symbols[static_cast<std::size_t>(instance.tokens[k] - 1)];
      ++indices[static_cast<std::size_t>(instance.tokens[5 + k] - 9)];
    }
  }
  CHECK(std::abs(excess(symbols, std::vector<double>(8, 1 / 8.0))) < 4);
  CHECK(std::abs(excess(indices, std::vector<double>(5, 1 / 5.0))) < 4);
}

TEST_CASE("arithmetic draws a op b for one operator as the rejection says") {
  // By hand: x is uniform; of the 44 pairs (a, op), + and - always do, * with a = 0 only for x = 0, / only where a and x are both non-zero, or both zero
  // and then for the ten b of eleven that are not zero.
  const auto task = make_task({"arithmetic", 1, {}});
  std::vector<double> counts(8);  // sign by whether x is zero
  for (std::uint32_t i = 0; i < 40'000; ++i) {
    const auto words = split(task->text(draw(*task, 13, i).tokens));
    ++counts[std::string("+-*/").find(words[1]) + (words[4] == "0" ? 4U : 0U)];
  }
  std::vector<double> probabilities;
  const double some = 11 + 11 + 10 + 10;
  for (const double ways : {11.0, 11.0, 10.0, 10.0}) probabilities.push_back(10.0 / 11 * ways / some);
  const double none = 11 + 11 + 11 + 10.0 / 11;
  for (const double ways : {11.0, 11.0, 11.0, 10.0 / 11}) probabilities.push_back(1.0 / 11 * ways / none);
  CHECK(std::abs(excess(counts, probabilities)) < 4);
}

TEST_CASE("edit distance pairs differ, the first is not longer, and lengths keep their bounds") {
  for (const int size : {1, 2, 3, 4, 6, 20, 59}) {
    const auto task = make_task({"edit_distance", size, {}});
    std::map<std::size_t, int> lengths;
    for (std::uint32_t i = 0; i < 2000; ++i) {
      const auto words = split(task->text(draw(*task, 14, i).tokens));
      const auto bar = std::find(words.begin(), words.end(), "|");
      const std::vector<std::string> s1(words.begin(), bar);
      const std::vector<std::string> s2(bar + 1, std::find(bar, words.end(), "<sep>"));
      REQUIRE(s1 != s2);
      REQUIRE(s1.size() <= s2.size());
      REQUIRE(static_cast<int>(s1.size()) >= std::max(1, size - 3));
      REQUIRE(static_cast<int>(s1.size()) <= size);
      REQUIRE(static_cast<int>(s2.size()) >= size);
      REQUIRE(static_cast<int>(s2.size()) <= size + 2);
      ++lengths[s2.size()];
    }
    CHECK(lengths.size() == 3);
  }
}

TEST_CASE("LIS numbers lie in (n, range) and reach both ends") {
  const auto task = make_task({"lis", 10, {{"number_range", 21}}});
  std::map<int, int> seen;
  for (std::uint32_t i = 0; i < 2000; ++i) {
    for (const std::string& word : split(task->text(draw(*task, 15, i).tokens))) {
      if (word == "<sep>") break;
      ++seen[std::stoi(word)];
    }
  }
  CHECK(seen.begin()->first == 11);
  CHECK(seen.rbegin()->first == 20);
}

TEST_CASE("sizes outside the range are refused by sample") {
  for (const TaskSettings& settings : all_settings()) {
    const auto task = make_task(settings);
    CHECK_THROWS_AS(draw(*task, 1, 0, task->min_size() - 1), Error);
    CHECK_THROWS_AS(draw(*task, 1, 0, settings.size + 1), Error);
  }
}

}  // namespace
}  // namespace surd::tasks
