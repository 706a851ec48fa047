// Sampling: a pure function of the stream's coordinates; the mixture of sizes; distributions that
// the parity data do not show.
#include <catch2/catch.hpp>
#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numeric>
#include <random>
#include <set>

#include "base/error.hpp"
#include "tasks/support.hpp"

namespace surd::tasks {
namespace {

// Pearson's statistic of counts against probabilities, in standard deviations above its mean (k -
// 1, variance 2 (k - 1)).
double excess(const std::vector<double>& counts, const std::vector<double>& probabilities) {
  double total = 0;
  for (const double count : counts) total += count;
  double statistic = 0;
  for (std::size_t i = 0; i < counts.size(); ++i)
    statistic += std::pow(counts[i] - total * probabilities[i], 2) / (total * probabilities[i]);
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
  for (const Entry& entry : entries()) {
    const TaskSettings settings = settings_of(entry, 11, default_of);
    INFO(settings.name << " " << settings.size);
    const auto task = make_task(settings);
    std::vector<RandomStream> streams{{3, Split::train, 9, 1},
                                      {4, Split::train, 9, 1},
                                      {3, Split::test, 9, 1},
                                      {3, Split::train, 10, 1},
                                      {3, Split::train, 9, 2}};
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
  for (const TaskSettings& settings :
       {TaskSettings{"arithmetic", 6, {}}, {"lis", 9, {}}, {"lookup", 1, {}}}) {
    const auto task = make_task(settings);
    RandomStream stream(11, Split::train, 0, 0);
    std::vector<double> counts(static_cast<std::size_t>(settings.size - task->min_size() + 1));
    for (int i = 0; i < 40'000; ++i) {
      const int size = task->sample_size_under(stream, settings.size);
      REQUIRE(size >= task->min_size());
      REQUIRE(size <= settings.size);
      ++counts[static_cast<std::size_t>(size - task->min_size())];
    }
    std::vector<double> probabilities;
    double total = 0;
    for (int size = task->min_size(); size <= settings.size; ++size) total += size;
    for (int size = task->min_size(); size <= settings.size; ++size)
      probabilities.push_back(size / total);
    INFO(settings.name << ", seed 11");
    if (counts.size() > 1) CHECK(std::abs(excess(counts, probabilities)) < 4);
  }
}

TEST_CASE("all prompts of a small space are drawn equally often") {
  for (const TaskSettings& settings : {TaskSettings{"lookup", 2, {{"symbols", 3}}},
                                       {"mqar", 2, {{"keys", 3}, {"values", 2}}},
                                       {"copy", 3, {{"symbols", 4}}},
                                       {"chase", 4, {}},
                                       {"recurrence", 4, {{"modulus", 2}}},
                                       {"recurrence", 4, {{"modulus", 3}, {"locality", 2}}},
                                       {"equation", 1, {}}}) {
    const auto task = make_task(settings);
    std::map<std::vector<Token>, double> counts;
    for (std::uint32_t i = 0; i < 50'000; ++i) {
      const Instance instance = draw(*task, 12, i);
      ++counts[{instance.tokens.begin(),
                instance.tokens.begin() +
                    static_cast<std::ptrdiff_t>(task->prompt_tokens(instance.tokens))}];
    }
    const double prompts = std::round(std::exp2(task->log2_instances()));
    INFO(settings.name << " " << settings.size << ", seed 12");
    REQUIRE(static_cast<double>(counts.size()) == prompts);
    std::vector<double> times;
    for (const auto& [prompt, count] : counts) times.push_back(count);
    CHECK(std::abs(excess(times, std::vector<double>(times.size(), 1 / prompts))) < 4);
  }
}

TEST_CASE("arithmetic draws a op b for one operator as the rejection says") {
  // By hand: x is uniform; of the 44 pairs (a, op), + and - always do, * with a = 0 only for x = 0,
  // / only where a and x are both non-zero, or both zero and then for the ten b of eleven that are
  // not zero.
  const auto task = make_task({"arithmetic", 1, {}});
  std::vector<double> counts(8);  // sign by whether x is zero
  for (std::uint32_t i = 0; i < 40'000; ++i) {
    const auto words = split(task->text(draw(*task, 13, i).tokens));
    ++counts[std::string("+-*/").find(words[1]) + (words[4] == "0" ? 4U : 0U)];
  }
  std::vector<double> probabilities;
  const double some = 11 + 11 + 10 + 10;
  for (const double ways : {11.0, 11.0, 10.0, 10.0})
    probabilities.push_back(10.0 / 11 * ways / some);
  const double none = 11 + 11 + 11 + 10.0 / 11;
  for (const double ways : {11.0, 11.0, 11.0, 10.0 / 11})
    probabilities.push_back(1.0 / 11 * ways / none);
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

TEST_CASE("edit distance uses 3 to 10 letters, each count equally often") {
  const auto task =
      make_task({"edit_distance", 59, {}});  // long enough for nearly every letter in use to occur
  std::map<std::size_t, int> counts;
  for (std::uint32_t i = 0; i < 2000; ++i) {
    const Instance instance = draw(*task, 16, i);
    std::set<Token> letters;
    for (const Token token :
         std::span(instance.tokens).first(task->prompt_tokens(instance.tokens))) {
      if (token >= 5) letters.insert(token);
    }
    ++counts[letters.size()];
  }
  for (const auto& [letters, times] : counts) {
    INFO(letters << " letters " << times << " times");
    CHECK(letters >= 3);
    CHECK(letters <= 10);
    CHECK(std::abs(times - 250) < 70);  // sd 15, and a few words that miss a letter
  }
  CHECK(counts.size() == 8);
}

// LIS numbers as paper and parity data describe them, drawn with the standard library.
std::vector<int> plain_lis(std::mt19937_64& engine, int size, int range) {
  const auto uniform = [&](int low, int high) {
    return std::uniform_int_distribution<int>(low, high)(engine);
  };
  const auto sorted = [&](int count, int low, int high) {
    std::vector<int> all(static_cast<std::size_t>(high - low));
    std::iota(all.begin(), all.end(), low);
    std::vector<int> chosen;
    std::sample(all.begin(), all.end(), std::back_inserter(chosen), count,
                engine);  // keeps the order
    return chosen;
  };
  std::vector<int> lengths{uniform(3, size)};
  const int runs = uniform(1, 3);
  if (runs == 2) lengths = {1 + uniform(0, lengths[0] / 2), lengths[0]};
  if (runs == 3) {
    const int a = 1 + uniform(0, lengths[0] / 3);
    lengths = {a, a + 1 + uniform(0, (lengths[0] - a) / 2), lengths[0]};  // ends of the runs
  }
  std::vector<int> values;
  for (const int end : lengths) {
    for (const int value : sorted(end - static_cast<int>(values.size()), size + 1, range))
      values.push_back(value);
  }
  std::vector<int> numbers(static_cast<std::size_t>(size));
  for (int& number : numbers) number = uniform(size + 1, range - 1);
  const auto places = sorted(static_cast<int>(values.size()), 0, size);
  for (std::size_t i = 0; i < places.size(); ++i)
    numbers[static_cast<std::size_t>(places[i])] = values[i];
  return numbers;
}

TEST_CASE("LIS agrees with a plain sampler in where its runs are cut") {
  constexpr int size = 12;
  constexpr int range = 80;
  constexpr int draws = 60'000;
  const auto task = make_task({"lis", size, {{"number_range", range}}});
  std::mt19937_64 engine(17);
  // Counts of (first descent, last descent, number of descents) of both samplers.
  std::map<std::array<int, 3>, std::array<double, 2>> counts;
  const auto shape = [&](const auto& numbers) {
    std::array<int, 3> result{size, 0, 0};
    for (int place = size - 1; place > 0; --place) {
      if (numbers[place] < numbers[place - 1])
        result = {place, std::max(place, result[1]), result[2] + 1};
    }
    return result;
  };
  for (std::uint32_t i = 0; i < draws; ++i) {
    ++counts[shape(draw(*task, 17, i).tokens)][0];
    ++counts[shape(plain_lis(engine, size, range))][1];
  }
  double statistic = 0;
  double freedom = -1;
  for (const auto& [key, both] : counts) {
    if (both[0] + both[1] < 20) continue;
    statistic += std::pow(both[0] - both[1], 2) / (both[0] + both[1]);
    ++freedom;
  }
  INFO("chi-square " << statistic << " with " << freedom << " degrees of freedom, seed 17");
  CHECK(freedom > 30);
  CHECK((statistic - freedom) / std::sqrt(2 * freedom) < 4);
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
