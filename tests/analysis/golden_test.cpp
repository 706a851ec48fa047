// What surd-fit fit prints of the published figure, of a small file and of the trials of the
// quickstart study: to the letter as text, and as JSON and CSV with every member, field and word;
// numbers there have all their digits, of which the last depend on the processor.
#include <catch2/catch.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "analysis/findings/findings.hpp"
#include "analysis/input/source.hpp"
#include "analysis/report/fit_output.hpp"
#include "analysis/report/text.hpp"
#include "analysis/support.hpp"
#include "base/files.hpp"

namespace surd::analysis {
namespace {

using test::data;

bool near(double a, double b) { return a == Approx(b).epsilon(1e-5).margin(1e-6); }

// The first place where they differ; empty where they agree.
std::string difference(const Json& got, const Json& expected, const std::string& where = "") {
  std::string here = where + ": " + got.dump() + " instead of " + expected.dump();
  if (got.is_number() && expected.is_number() &&
      got.is_number_float() == expected.is_number_float()) {
    return near(got.get<double>(), expected.get<double>()) ? "" : here;
  }
  if (got.type() != expected.type() || got.size() != expected.size()) return here;
  if (!expected.is_structured()) return got == expected ? "" : here;
  for (const auto& [key, value] : expected.items()) {
    if (expected.is_object() && !got.contains(key)) return where + ": no " + key;
    const Json& other = expected.is_object() ? got[key] : got[std::stoul(key)];
    if (std::string found = difference(other, value, where + "/" + key); !found.empty())
      return found;
  }
  return "";
}

// As JSON: numbers as numbers, all else as words.
Json fields_of(const std::string& csv) {
  Json lines = Json::array();
  std::istringstream stream(csv);
  for (std::string line; std::getline(stream, line);) {
    Json fields = Json::array();
    std::istringstream parts(line);
    for (std::string field; std::getline(parts, field, ',');) {
      const Json number = Json::parse(field, nullptr, false);
      fields.push_back(number.is_number() ? number : Json(field));
    }
    lines.push_back(std::move(fields));
  }
  return lines;
}

TEST_CASE("text, JSON and CSV of fit are these") {
  for (const std::string name : {"figure1", "reference_counts", "quickstart"}) {
    CAPTURE(name);
    const Findings findings = fit_everything(
        read_input(name == "figure1" ? std::filesystem::path(name) : data / (name + ".csv")), {});
    const std::string all = to_text(findings, Detail::all);
    CHECK(to_text(findings, Detail::main) == read_file(data / (name + "_fit.txt")));
    CHECK(all == read_file(data / (name + "_fit_verbose.txt")));
    std::istringstream lines(all);
    for (std::string line; std::getline(lines, line);) {
      CAPTURE(line);
      CHECK(line.size() <= terminal_columns);
    }
    CHECK(difference(to_json(findings), Json::parse(read_file(data / (name + "_fit.json")))) == "");
    CHECK(difference(fields_of(to_csv(findings)),
                     fields_of(read_file(data / (name + "_fit.csv")))) == "");
  }
}

TEST_CASE("the page on reading the fit shows what is printed, table by table") {
  const std::string page = read_file(std::string(SURD_SOURCE_DIR) + "/docs/reading-the-fit.md");
  const std::string fence = "```text\n";
  std::string shown;
  for (std::size_t at = 0; (at = page.find(fence, at)) != std::string::npos;) {
    at += fence.size();
    const std::size_t end = page.find("```", at);
    REQUIRE(end != std::string::npos);
    shown.append(shown.empty() ? "" : "\n").append(page, at, end - at);
    at = end + 3;
  }
  CHECK(shown == read_file(data / "quickstart_fit_verbose.txt"));
}

}  // namespace
}  // namespace surd::analysis
