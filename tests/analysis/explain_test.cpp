#include "analysis/report/explain.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <regex>
#include <set>
#include <sstream>
#include <type_traits>

#include "analysis/input/source.hpp"
#include "analysis/report/compare_output.hpp"
#include "analysis/report/fit_output.hpp"
#include "analysis/report/next_output.hpp"
#include "analysis/report/power_output.hpp"
#include "analysis/report/steps_output.hpp"
#include "analysis/support.hpp"
#include "base/files.hpp"

namespace surd::analysis {
namespace {

using test::data;

// A column without a meaning does not compile.
static_assert(!std::is_default_constructible_v<Meaning>);
static_assert(!std::is_default_constructible_v<TableColumn>);

std::set<std::string> words_of(const std::string& text) {
  static const std::regex word("[A-Za-z0-9_.^]+");
  std::set<std::string> words;
  for (std::sregex_iterator at(text.begin(), text.end(), word), end; at != end; ++at)
    words.insert(at->str());
  return words;
}

void collect_keys(const Json& json, std::set<std::string>& keys) {
  for (const auto& [key, value] : json.items()) {
    if (json.is_object()) keys.insert(key);
    if (value.is_structured()) collect_keys(value, keys);
  }
}

// What stands in the columns of a line of an explanation.
bool has_column(const std::string& explanation, const std::string& title) {
  return explanation.find("\n  " + title + " ") != std::string::npos ||
         explanation.find("\n  " + title + ",") != std::string::npos ||
         explanation.find(", " + title + " ") != std::string::npos ||
         explanation.find(", " + title + ",") != std::string::npos;
}

TEST_CASE("every member of fit's JSON and every field of its CSV is explained") {
  const std::set<std::string> words = words_of(explain_fit());
  std::set<std::string> keys;
  for (const std::string name : {"figure1", "reference_counts", "quickstart"})
    collect_keys(Json::parse(read_file(data / (name + "_fit.json"))), keys);
  std::string header = read_file(data / "quickstart_fit.csv");
  header.resize(header.find('\n'));
  for (const std::string& field : words_of(header)) keys.insert(field);
  CHECK(keys.size() > 60);
  for (const std::string& key : keys) {
    CAPTURE(key);
    CHECK(words.contains(key));
  }
}

TEST_CASE("the members of a budget audit are explained") {
  Findings findings = fit_everything(read_input(data / "quickstart.csv"), {});
  AuditedSeries& audited = findings.audit.emplace().series.emplace_back();
  audited.series = findings.fits[0].series;
  audited.fit = findings.fits[0].fit;
  std::set<std::string> keys;
  collect_keys(to_json(findings)["sensitivity"]["audit"], keys);
  CHECK(keys.contains("seeds_audited"));
  const std::set<std::string> words = words_of(explain_fit());
  for (const std::string& key : keys) {
    CAPTURE(key);
    CHECK(words.contains(key));
  }
}

TEST_CASE("every member of the JSON of power and of next is explained") {
  Planned plan = planned({});
  law::Experiment experiment = experiment_of(plan);
  experiment.studies = 3;
  std::set<std::string> keys;
  collect_keys(power_json(plan, law::power_of(experiment), HalfWidth{0.1, 64, 20}), keys);
  CHECK(keys.size() > 25);
  const std::set<std::string> words = words_of(explain_power());
  const auto is_explained = [](const std::set<std::string>& in, const std::string& key) {
    return in.contains(key) || std::any_of(in.begin(), in.end(), [&](const std::string& word) {
             return word == "half_width." + key;
           });
  };
  for (const std::string& key : keys) {
    CAPTURE(key);
    CHECK(is_explained(words, key));
  }
  keys.clear();
  Wish wish;
  wish.architecture = "linear";
  wish.search.budget = 1e12;
  const Next next = next_seeds(read_input(data / "quickstart.csv"), {}, wish);
  REQUIRE_FALSE(next.cells.empty());
  collect_keys(to_json(next), keys);
  const std::set<std::string> of_next = words_of(explain_next());
  for (const std::string& key : keys) {
    CAPTURE(key);
    CHECK(of_next.contains(key));
  }
}

// The lines that name columns begin with "task"; titles stand two spaces apart or more.
TEST_CASE("every title of fit's tables is explained") {
  const std::string explanation = explain_fit();
  std::set<std::string> titles;
  std::istringstream text(
      to_text(fit_everything(read_input(data / "quickstart.csv"), {}), Detail::all));
  for (std::string line; std::getline(text, line);) {
    if (!line.starts_with("task  ")) continue;
    static const std::regex gap(" {2,}");
    std::sregex_token_iterator at(line.begin(), line.end(), gap, -1);
    for (; at != std::sregex_token_iterator(); ++at) {
      std::string title = std::regex_replace(at->str(), std::regex("/ standard$"), "/ baseline");
      title = std::regex_replace(title, std::regex("^tau [0-9.]+$"), "tau T");
      titles.insert(std::regex_replace(title, std::regex("^rate [0-9.]+$"), "rate R"));
    }
  }
  CHECK(titles.size() > 25);
  for (const std::string& title : titles) {
    CAPTURE(title);
    const bool is_wrapped = title == "L" || title == "sqrt(L) ln L" || title == "sqrt L";
    CHECK((is_wrapped || has_column(explanation, title)));
  }
}

TEST_CASE("an explanation says each column once, with all its names, and no line is too wide") {
  const ResultTable table = {
      .columns = {{.key = "alpha", .means = "the exponent"},
                  {.title = "alpha", .means = "the exponent"},
                  {.title = "95 %", .part = Part::details, .means = "its interval"},
                  {.key = "alpha_{}", .means = "its interval"},
                  {.heading = "&alpha;", .means = "on the page alone"}},
      .rows = {}};
  const std::string text =
      explain("surd-fit try", {{.title = "First", .machines = "fits", .table = table},
                               {.title = "Second", .table = table}});
  const auto count = [&](const std::string& words) {
    std::size_t found = 0;
    for (std::size_t at = 0; (at = text.find(words, at)) != std::string::npos; ++at) ++found;
    return found;
  };
  CHECK(text.starts_with("The tables of surd-fit try"));
  CHECK(count("First (in JSON: fits)\n") == 1);
  CHECK(count("\nSecond\n") == 1);
  CHECK(count("  alpha                   alpha                     the exponent\n") == 1);
  CHECK(count("  95 % (--verbose)        alpha_low, alpha_high     its interval\n") == 1);
  CHECK(count("on the page alone") == 0);
  for (const std::string& all :
       {explain_fit(), explain_steps(), explain_compare(), explain_power(), explain_next()}) {
    std::istringstream lines(all);
    for (std::string line; std::getline(lines, line);) {
      CAPTURE(line);
      CHECK(line.size() <= terminal_columns);
    }
  }
}

}  // namespace
}  // namespace surd::analysis
