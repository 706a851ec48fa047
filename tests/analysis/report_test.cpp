#include "analysis/report/page.hpp"

#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <regex>

#include "analysis/input/csv.hpp"
#include "analysis/input/source.hpp"
#include "analysis/report/sensitivity_output.hpp"
#include "analysis/report/text.hpp"
#include "analysis/support.hpp"
#include "base/error.hpp"
#include "base/files.hpp"
#include "folder.hpp"
#include "grid/study.hpp"
#include "store/journal.hpp"
#include "store/results.hpp"

namespace surd::analysis {
namespace {

using test::csv;
using test::data;
using test::Folder;

std::string page_of(const Input& input, const Origin& origin = {.run = {},
                                                                .training = {},
                                                                .command = "surd-fit report",
                                                                .written = "now",
                                                                .file_time = ""}) {
  const Findings findings = fit_what_there_is(input, {});
  return page(input, findings, figures(input, findings), origin);
}

std::string without_plotly(const std::string& html) {
  const std::string open = "<script id=\"plotly\">";
  const auto start = html.find(open);
  REQUIRE(start != std::string::npos);
  const auto end = html.find("</script>", start);
  REQUIRE(end - start > 1'000'000);  // all of it: nothing inside ends the element early
  return html.substr(0, start + open.size()) + html.substr(end);
}

// The JSON that the page carries, as a browser finds it.
Json embedded(const std::string& html) {
  const std::string open = "<script type=\"application/json\" id=\"data\">";
  const auto start = html.find(open) + open.size();
  return Json::parse(html.substr(start, html.find("</script>", start) - start));
}

std::size_t count(const std::string& text, const std::string& word) {
  std::size_t found = 0;
  for (std::size_t at = 0; (at = text.find(word, at)) != std::string::npos; at += word.size())
    ++found;
  return found;
}

constexpr const char* csv_header =
    "task,architecture,length,hidden,seed,learning_rate,accuracy_validation,accuracy_test,status\n";

TEST_CASE("the report of Figure 1 has every verdict and every figure") {
  const Input input = read_input(data / "figure1.csv");
  const Findings findings = fit_what_there_is(input, {});
  const std::string html = page_of(input);
  for (const Finding& finding : findings.fits) {
    CAPTURE(law::name(finding.series));
    CHECK(html.find(escaped(finding.judgement.words)) != std::string::npos);
  }
  // 2 forests; of each of 3 tasks thresholds, 3 maps and a profile.
  const Json json = embedded(html);
  CHECK(json["figures"].size() == 2 + 3 * 5);
  CHECK(count(html, "data-figure=") == json["figures"].size());
  const Figures all = figures(input, findings);
  CHECK(json["figures"][0] == Json::array({to_json(all.exponents)}));
  CHECK(json["figures"].back() == Json::array({to_json(all.groups[2].profile)}));
}

TEST_CASE(
    "what stands beside the exponents is on the page with its numbers, and no section is empty") {
  const Input input = read_input(data / "figure1.csv");
  const Findings findings = fit_what_there_is(input, {});
  const std::string html = without_plotly(page_of(input));
  std::size_t laws = 0;
  std::size_t held_out = 0;
  for (const Finding& finding : findings.fits) {
    CAPTURE(law::name(finding.series));
    const Beside& beside = finding.beside;
    if (!beside.references.laws.empty()) {
      ++laws;
      CHECK(html.find(escaped(law::name(finding.series) + ": " + beside.references.words)) !=
            std::string::npos);
      CHECK(html.find(text3(beside.offset.offset)) != std::string::npos);
    }
    if (beside.held_out.miss) {
      ++held_out;
      CHECK(html.find(text3(beside.held_out.predicted.width) + " [") != std::string::npos);
      CHECK(html.find(text3(beside.held_out.observed.width) + " [") != std::string::npos);
    }
  }
  CHECK(laws > 0);
  CHECK(held_out > 0);
  for (const std::string& sentence : sensitivity_sentences(findings))
    CHECK(html.find(escaped(sentence)) != std::string::npos);
  CHECK(html.find("Laws without a free exponent") != std::string::npos);
  CHECK(html.find("Does the law carry on?") != std::string::npos);
  const std::string bare =
      page_of(csv(std::string(csv_header) + "lookup,standard,16,4,1,0.1,0.2,0.2,finished\n"));
  for (const char* title : {"Laws without", "Does the law", "Does it save", "How much rests",
                            "Forecast and cost", "Budget audit"}) {
    CAPTURE(title);
    CHECK(bare.find(title) == std::string::npos);
  }
}

TEST_CASE("the page asks for nothing outside itself") {
  const std::string html = without_plotly(page_of(read_input(data / "figure1.csv")));
  CHECK(html.find("default-src 'none'") != std::string::npos);
  CHECK(html.find("connect-src") == std::string::npos);
  CHECK_FALSE(std::regex_search(
      html,
      std::regex(
          "https?:|//"
          "[a-z0-9.-]+\\.(com|org|net|io)|@import|url\\(|\\bimport\\b|fetch\\(|XMLHttpRequest")));
  CHECK_FALSE(std::regex_search(html, std::regex("\\bsrc\\s*=|href\\s*=\\s*[\"'](?!#)")));
  CHECK(count(html, "<script") == 3);
  CHECK(count(html, "</script>") == 3);
}

TEST_CASE("hostile names stay text") {
  const std::string evil = "</script><script>alert(1)</script><!--<script>'\"&\xE2\x80\xA8\xFF\x01";
  Input input = csv(std::string(csv_header) +
                    "t,a,16,4,1,0.1,0.2,0.2,finished\nt,a,16,8,1,0.1,1,1,finished\n" +
                    "t,a,32,4,1,0.1,0.2,0.2,finished\nt,a,32,8,1,0.1,1,1,finished\n");
  for (law::Trial& trial : input.trials)
    trial.task = trial.architecture =
        evil;  // a CSV that is not UTF-8 is refused, results.h5 may hold anything
  store::Provenance run;
  run.study_name = run.question = run.study = run.machine = run.program_version = run.revision =
      evil;
  run.hosts = run.devices = {evil};
  const std::string html = without_plotly(page_of(
      input, {.run = run, .training = {}, .command = evil, .written = evil, .file_time = evil}));
  CHECK(html.find("alert(1)</script>") == std::string::npos);
  CHECK(html.find("<!--<script>") == std::string::npos);
  CHECK(html.find("<!--") == std::string::npos);
  CHECK(count(html, "<script") == 3);
  CHECK(html.find('\xFF') == std::string::npos);
  CHECK(html.find('\x01') == std::string::npos);
  CHECK(embedded(html)["figures"][0][0]["task"] ==
        "</script><script>alert(1)</script><!--<script>'\"&\xE2\x80\xA8\xEF\xBF\xBD\x01");
}

TEST_CASE("escaped: markup, quotes, broken UTF-8 and control characters") {
  CHECK(escaped("<a href='x'>\"&</a>") == "&lt;a href=&#39;x&#39;&gt;&quot;&amp;&lt;/a&gt;");
  CHECK(escaped("na\xC3\xAFve \xE6\x97\xA5\n\t") == "na\xC3\xAFve \xE6\x97\xA5\n\t");
  CHECK(escaped("\xC3(\x1B") == "\xEF\xBF\xBD(\xEF\xBF\xBD");
  CHECK(escaped("") == "");
}

TEST_CASE("an input that cannot be fitted gives sentences") {
  for (const char* rows : {"lookup,standard,16,4,1,0.1,0,0,missing\n",       // nothing has run
                           "lookup,standard,16,4,1,0.1,0.2,0.2,finished\n",  // one cell
                           "lookup,standard,16,4,1,0.1,0.2,0.2,finished\nlookup,standard,16,8,1,0."
                           "1,1,1,finished\n",  // one length
                           "lookup,standard,16,4,1,0.1,1,1,finished\nlookup,standard,32,4,1,0.1,1,"
                           "1,finished\n",  // all solved
                           "lookup,standard,16,4,1,0.1,0,0,diverged\nlookup,standard,32,4,1,0.1,0,"
                           "0,diverged\n"}) {  // none solved
    CAPTURE(rows);
    const Input input = csv(std::string(csv_header) + rows);
    const Findings findings = fit_what_there_is(input, {});
    REQUIRE(findings.fits.size() == 1);
    const std::string html = page_of(input);
    CHECK(html.find("no exponent: " + escaped(findings.fits[0].fit.reason)) != std::string::npos);
  }
}

TEST_CASE(
    "the report of a run says where its data come from, from results.h5 and from the journal "
    "alike") {
  const Folder folder;
  const grid::Study study = grid::parse_study(
      "study: small\nquestion: Is it <so>?\ngrid: {task: [lookup], length: [16], hidden: [4, 8], "
      "architecture: [standard]}\ntrials: {seeds: 1, learning_rates: [1e-2]}\n",
      "small.yaml");
  store::History history;
  history.apply(store::StudyOpened{.program_version = "9.8.7",
                                   .revision = "abc123",
                                   .numerics_version = spec::numerics_version,
                                   .machine = "two abaci",
                                   .host = "node1",
                                   .study = study.text_frozen,
                                   .time_s = 5});
  history.apply(store::AttemptStarted{.attempt = AttemptId{1},
                                      .trials = {study.trials[0].id},
                                      .ranks = {1},
                                      .host = "node7",
                                      .device = "cpu avx2",
                                      .slurm_job = "",
                                      .data_parallel = 1,
                                      .time_s = 86400});
  store::write_results(folder.path() / "results.h5", study, history);
  std::filesystem::create_directories(folder.path() / "run");
  {
    store::Journal journal(folder.path() / "run" / "journal.jsonl");
    journal.append(*history.opened);
    journal.append(history.attempts.begin()->second.start);
    journal.sync();
  }
  store::Provenance run;
  for (const char* name : {"run", "results.h5"}) {
    CAPTURE(name);
    run = store::read_run(folder.path() / name)->provenance();
    CHECK(run.question == "Is it <so>?");
    CHECK(run.study_name == "small");
    CHECK(run.study == study.text_frozen);
    CHECK(run.numerics_version == spec::numerics_version);
    CHECK(run.attempts == 1);
    CHECK(run.start_s == 86400);
    CHECK_FALSE(run.end_s);
  }
  const std::string html =
      page_of(read_input(folder.path() / "results.h5"),
              {.run = run, .training = {}, .command = "", .written = "", .file_time = ""});
  for (const char* words :
       {"Is it &lt;so&gt;?", "9.8.7", "abc123", "two abaci", "node7", "cpu avx2",
        "1970-01-02T00:00:00Z", "2 trials: 2 missing", "learning_rates: [0.01]"}) {
    CAPTURE(words);
    CHECK(html.find(words) != std::string::npos);
  }
}

TEST_CASE("the questions of merged studies are told one after the other") {
  const Folder folder;
  const auto named = [](const std::string& name, int hidden) {
    return grid::parse_study("study: " + name + "\nquestion: Why " + name +
                                 "?\ngrid: {task: [lookup], length: [16], hidden: [" +
                                 std::to_string(hidden) + "], architecture: [standard]}\n",
                             name + ".yaml");
  };
  const std::vector<grid::Study> studies = {named("first", 4), named("second", 8)};
  store::write_results(folder.path() / "results.h5", studies, store::History{});
  const store::Provenance run = store::read_run(folder.path() / "results.h5")->provenance();
  CHECK(run.question == "Why first? Why second?");
  CHECK(run.study_name == "first, second");
}

}  // namespace
}  // namespace surd::analysis
