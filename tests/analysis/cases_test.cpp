// Files as spreadsheets, pandas and R write them (tests/data/cases): each is read as the same data
// in plain spelling, or refused with the cause.
#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "analysis/findings/findings.hpp"
#include "analysis/input/csv.hpp"
#include "analysis/input/source.hpp"
#include "analysis/support.hpp"
#include "base/error.hpp"
#include "base/files.hpp"

namespace surd::analysis {
namespace {

const std::filesystem::path cases = test::data / "cases";

std::string text_of(const std::string& name) { return read_file(cases / name); }

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
  return text;
}

// Only in lines from the second on.
std::string replaced_in_rows(const std::string& text, const std::string& from,
                             const std::string& to) {
  const std::size_t rows = text.find('\n') + 1;
  return text.substr(0, rows) + replaced(text.substr(rows), from, to);
}

std::string line_of(const law::Trial& trial) {
  return fmt::format("{}|{}|{}|{}|{}|{}|{}|{}|{}|{}", trial.task, trial.architecture, trial.axes,
                     trial.length, trial.hidden, trial.seed, trial.learning_rate,
                     trial.accuracy_validation, trial.accuracy_test,
                     static_cast<int>(trial.status));
}

// All that an input says, as lines that can be compared.
std::vector<std::string> lines_of(const Input& input) {
  std::vector<std::string> lines;
  for (const law::Trial& trial : input.trials) lines.push_back(line_of(trial));
  for (const law::CountedCell& one : input.counted)
    lines.push_back(fmt::format("{}|{}|{}|{}|{}|{}|{}", one.task, one.architecture, one.axes,
                                one.cell.length, one.cell.hidden, one.cell.seeds, one.cell.solved));
  return lines;
}

std::vector<std::optional<double>> alphas_of(const Input& input) {
  std::vector<std::optional<double>> alphas;
  for (const Finding& finding : fit_what_there_is(input, {}).fits)
    alphas.push_back(finding.fit.alpha);
  return alphas;
}

std::string refusal_of(const std::string& text) {
  try {
    input_from_csv(parse_csv(text, "a.csv"));
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

std::string verdict_of(const std::string& name) {
  return fit_what_there_is(read_input(cases / name), {}).fits.front().judgement.words;
}

struct Case {
  std::string name;
  std::function<std::string(const std::string&)> plain;  // the same in plain spelling
  std::string note;                                      // a part of one; empty: there is none
};

const std::vector<Case>& read_cases() {
  using Text = std::string;
  static const std::vector<Case> all = {
      {"seed_float.csv", [](const Text& text) { return replaced(text, ".0,", ","); }, ""},
      {"counts_float.csv", [](const Text& text) { return replaced(text, ".0", ""); }, ""},
      {"semicolon.csv", [](const Text& text) { return replaced(text, ";", ","); },
       "separated by ';'"},
      {"semicolon_deccomma.csv",
       [](const Text& text) { return replaced(replaced(text, ",", "."), ";", ","); },
       "numbers have decimal commas"},
      {"tab.tsv", [](const Text& text) { return replaced(text, "\t", ","); }, "separated by a tab"},
      {"sep_line.csv",
       [](const Text& text) { return replaced(replaced(text, "sep=;\r\n", ""), ";", ","); },
       "separated by ';'"},
      {"sep_line_comma.csv", [](const Text& text) { return replaced(text, "sep=,\r\n", ""); }, ""},
      {"trailing_blank_rows.csv",
       [](const Text& text) { return replaced(text, ",,,,,,,\r\n", ""); }, ""},
      {"trailing_two_commas.csv", [](const Text& text) { return replaced(text, ",,\n", "\n"); },
       ""},
      {"hole_NA.csv", [](const Text& text) { return replaced(text, "NA", ""); },
       "taken as missing: 3"},
      {"hole_None.csv", [](const Text& text) { return replaced(text, "None", ""); },
       "taken as missing: 3"},
      {"NA.csv", [](const Text& text) { return replaced(text, "NA", ""); },
       "taken as missing: 105"},
      {"over_one.csv", [](const Text& text) { return replaced(text, "1.0000001192092896", "1"); },
       ""},
      {"quoted_trailing_space.csv",
       [](const Text& text) { return replaced(text, "\"standard \"", "standard"); },
       "blanks inside quotes are left out"},
      {"space_after_comma_quoted.csv",
       [](const Text& text) { return replaced(replaced(text, " \"", ""), "\"", ""); }, ""},
      {"cat_twice_header.csv",
       [](const Text& text) {
         return replaced_in_rows(text, text.substr(0, text.find('\n') + 1), "");
       },
       "line 92 repeats the header"},
      {"caps.csv",
       [](const Text& text) {
         const std::size_t end = text.find('\n');
         return lower_case(text.substr(0, end)) + text.substr(end);
       },
       ""},
      {"f32.csv", [](const Text& text) { return replaced(text, "0.8999999761581421", "0.9"); }, ""},
  };
  return all;
}

TEST_CASE("files as spreadsheets and pandas write them are read as the same in plain spelling") {
  for (const Case& one : read_cases()) {
    CAPTURE(one.name);
    const std::string text = text_of(one.name);
    const std::string plain_text = one.plain(text);
    REQUIRE(plain_text != text);
    const Input input = input_from_csv(parse_csv(text, "a.csv"));
    const Input plain = input_from_csv(parse_csv(plain_text, "a.csv"));
    if (one.name != "f32.csv") CHECK(lines_of(input) == lines_of(plain));
    CHECK(alphas_of(input) == alphas_of(plain));
    std::string notes;
    for (const std::string& note : input.notes) notes += note + "\n";
    CHECK(notes.find(one.note) != std::string::npos);
    if (one.note.empty()) CHECK(input.notes == plain.notes);
  }
}

TEST_CASE("accuracies in single precision are solved at tau .9 as they would be in double") {
  const law::Evidence found = evidence_of(read_input(cases / "f32.csv"), 0.9);
  REQUIRE(found.series.size() == 1);
  CHECK(found.series[0].solved > 0);
}

TEST_CASE("a column solved of 0 and 1 beside seed counts as the same seeds counted by cell") {
  const Input input = read_input(cases / "solved_01_seed.csv");
  REQUIRE(input.trials.size() == 12);
  REQUIRE(input.notes.size() == 1);
  CHECK(input.notes[0].find("tau says nothing") != std::string::npos);
  std::map<std::pair<double, double>, std::pair<int, int>> cells;
  for (const law::Trial& trial : input.trials) {
    auto& [seeds, solved] = cells[{trial.length, trial.hidden}];
    ++seeds;
    solved += trial.accuracy_test == 1 ? 1 : 0;
  }
  std::string counted = "task,architecture,length,hidden,seeds,solved\n";
  for (const auto& [cell, count] : cells)
    counted += fmt::format("lookup,standard,{},{},{},{}\n", cell.first, cell.second, count.first,
                           count.second);
  const law::Evidence expected =
      evidence_of(input_from_csv(parse_csv(counted, "counted.csv")), 0.9);
  const law::Evidence found = evidence_of(input, 0.9);
  REQUIRE(found.series.size() == 1);
  REQUIRE(found.series[0].cells.size() == expected.series[0].cells.size());
  for (std::size_t i = 0; i < found.series[0].cells.size(); ++i) {
    CHECK(found.series[0].cells[i].hidden == expected.series[0].cells[i].hidden);
    CHECK(found.series[0].cells[i].seeds == expected.series[0].cells[i].seeds);
    CHECK(found.series[0].cells[i].solved == expected.series[0].cells[i].solved);
  }
}

TEST_CASE("an infinite accuracy is refused as that and not as a percentage") {
  CHECK(refusal_of(text_of("hole_inf.csv")) ==
        "a.csv:2:33: 'accuracy_test' is infinite (expected a fraction from 0 to 1, got 'inf'). "
        "Write nan where training diverged, nothing where it is missing");
}

TEST_CASE("empty accuracies are missing and not diverged, and the verdict says so") {
  const std::string words = "trials have no accuracy and are taken as missing";
  CHECK(verdict_of("div_empty.csv").find(words) != std::string::npos);
  CHECK(verdict_of("div_nan.csv").find(words) == std::string::npos);
  CHECK(verdict_of("NA.csv").find("105 of 105 trials have no accuracy") != std::string::npos);
  CHECK(alphas_of(read_input(cases / "div_empty.csv")) !=
        alphas_of(read_input(cases / "div_nan.csv")));
  // Of 39 trials one, or two: 5 % lies between.
  const auto with = [](int missing) {
    std::string text = "task,architecture,length,hidden,seed,accuracy\n";
    for (int seed = 1; seed <= 39; ++seed)
      text += fmt::format("t,a,16,8,{},{}\n", seed, seed <= missing ? "" : "0.5");
    const Findings findings = fit_what_there_is(test::csv(text), {});
    return findings.fits.front().doubts.size();
  };
  CHECK(with(0) == 0);
  CHECK(with(1) == 0);
  CHECK(with(2) == 1);
}

TEST_CASE("every file of the cases is in a test") {
  // What these say of success that falls again, and of rates, is another test's.
  std::set<std::string> names = {"min_rates.csv",      "lr_per_seed.csv", "min_decreasing.csv",
                                 "min_hump.csv",       "nonmono2.csv",    "div_empty.csv",
                                 "solved_01_seed.csv", "div_nan.csv",     "hole_inf.csv"};
  for (const std::string& name : names) {
    if (name != "hole_inf.csv") CHECK_FALSE(lines_of(read_input(cases / name)).empty());
  }
  for (const Case& one : read_cases()) names.insert(one.name);
  for (const auto& file : std::filesystem::directory_iterator(cases)) {
    CAPTURE(file.path().filename().string());
    CHECK((file.path().extension() == ".yaml" || names.contains(file.path().filename().string())));
  }
}

// A small study, written in a spelling drawn at random.
class Writer {
 public:
  explicit Writer(std::uint64_t seed) : random_(seed) {
    separator_ = ",;\t|"[draw(4)];
    decimal_comma_ = separator_ != ',' && draw(2) == 1;
    line_end_ = std::vector<std::string>{"\n", "\r\n", "\r"}[draw(3)];
    index_ = draw(3) == 0;
    empty_columns_ = static_cast<std::size_t>(draw(3));
    shuffle_ = draw(2) == 1;
  }

  std::string write(const std::vector<law::Trial>& trials) {
    std::vector<std::size_t> order = {0, 1, 2, 3, 4, 5, 6, 7, 8};
    if (shuffle_) std::shuffle(order.begin(), order.end(), random_);
    std::string text = draw(4) == 0 ? "\xEF\xBB\xBF" : "";
    if (draw(4) == 0) text += fmt::format("{}={}", cased("sep"), separator_) + line_end_;
    if (draw(5) == 0) text += line_end_;
    static const std::vector<std::string> names = {
        "task",          "architecture",        "length",        "hidden",      "seed",
        "learning_rate", "accuracy_validation", "accuracy_test", "model.layers"};
    const auto header = [&] {
      std::vector<std::string> fields;
      for (const std::size_t i : order) fields.push_back(quoted(cased(names[i])));
      add_row(text, fields, "");
    };
    header();
    int row = 0;
    for (const law::Trial& trial : trials) {
      if (draw(30) == 0) header();
      if (draw(30) == 0)
        text += std::string(static_cast<std::size_t>(draw(12)), separator_) + line_end_;
      const bool gone = trial.status == law::Status::missing;
      const bool diverged = trial.status == law::Status::diverged;
      const auto accuracy = [&](double value) {
        if (gone) return pick({"", "NA", "None", "null", "#N/A", "<NA>", "na"});
        if (diverged) return pick({"nan", "NaN", "NAN", "-nan"});
        return number(value);
      };
      const std::vector<std::string> values = {
          quoted(draw(2) ? trial.task : " " + trial.task + " "),
          quoted(draw(20) ? trial.architecture : cased(trial.architecture)),
          whole(static_cast<int>(trial.length)),
          whole(static_cast<int>(trial.hidden)),
          whole(static_cast<int>(trial.seed)),
          number(trial.learning_rate),
          accuracy(trial.accuracy_validation),
          accuracy(trial.accuracy_test),
          whole(trial.axes == "model.layers=1" ? 1 : 2)};
      std::vector<std::string> fields;
      for (const std::size_t i : order) fields.push_back(values[i]);
      add_row(text, fields, std::to_string(row++));
    }
    return text;
  }

 private:
  int draw(int below) { return static_cast<int>(random_() % static_cast<unsigned>(below)); }

  std::string pick(const std::vector<std::string>& words) {
    return words[static_cast<std::size_t>(draw(static_cast<int>(words.size())))];
  }

  std::string cased(std::string word) {
    const int how = draw(3);
    for (std::size_t i = 0; i < word.size(); ++i) {
      if (how == 1 || (how == 2 && i == 0))
        word[i] = static_cast<char>(std::toupper(static_cast<unsigned char>(word[i])));
    }
    return word;
  }

  std::string quoted(const std::string& text) {
    const std::string blank = draw(4) == 0 ? "  " : "";
    if (draw(3) != 0) return blank + text + blank;
    return blank + '"' + text + '"' + blank;
  }

  std::string number(double value) {
    std::string text = draw(2) ? fmt::format("{}", value) : fmt::format("{:.17g}", value);
    if (decimal_comma_) text = replaced(text, ".", ",");
    return quoted(text);
  }

  std::string whole(int value) {
    std::string text = std::to_string(value);
    if (draw(2)) text += decimal_comma_ ? ",0" : ".0";
    return quoted(text);
  }

  void add_row(std::string& text, const std::vector<std::string>& fields,
               const std::string& number) {
    if (index_) text += number + separator_;
    for (std::size_t i = 0; i < fields.size(); ++i)
      text += (i ? std::string(1, separator_) : "") + fields[i];
    text += std::string(empty_columns_, separator_) + line_end_;
  }

  std::mt19937_64 random_;
  char separator_;
  bool decimal_comma_;
  std::string line_end_;
  bool index_;
  std::size_t empty_columns_;
  bool shuffle_;
};

std::vector<law::Trial> some_trials(std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<law::Trial> trials;
  for (const int length : {16, 32}) {
    for (const int hidden : {8, 64}) {
      for (const char* architecture : {"linear", "standard"}) {
        for (const char* axes : {"model.layers=1", "model.layers=2"}) {
          law::Trial trial;
          trial.task = "lookup";
          trial.architecture = architecture;
          trial.axes = axes;
          trial.length = length;
          trial.hidden = hidden;
          trial.seed = static_cast<std::int64_t>(random() % 1000);
          trial.learning_rate = 0.01 / static_cast<double>(1 + random() % 3);
          const int fate = static_cast<int>(random() % 8);
          if (fate == 0) trial.status = law::Status::missing;
          if (fate == 1) trial.status = law::Status::diverged;
          if (fate > 1) {
            trial.accuracy_validation = static_cast<double>(random() % 1001) / 1000;
            trial.accuracy_test = static_cast<double>(random() % 1001) / 1000;
          }
          trials.push_back(trial);
        }
      }
    }
  }
  return trials;
}

TEST_CASE("a study in any of a thousand spellings is read as it is") {
  for (std::uint64_t seed = 1; seed <= 1000; ++seed) {
    const std::vector<law::Trial> trials = some_trials(seed);
    const std::string text = Writer(seed).write(trials);
    CAPTURE(seed, text);
    std::vector<std::string> expected;
    for (const law::Trial& trial : trials) expected.push_back(lower_case(line_of(trial)));
    std::vector<std::string> found;
    try {
      for (const std::string& line : lines_of(input_from_csv(parse_csv(text, "a.csv"))))
        found.push_back(lower_case(line));
    } catch (const InputError& error) {
      FAIL(error.what());
    }
    REQUIRE(found == expected);
  }
}

// Numbers alone: a stroke may fall into a name, or into the value of an axis.
std::vector<std::string> numbers_of(const Input& input) {
  std::vector<std::string> lines;
  for (law::Trial trial : input.trials) {
    trial.task.clear();
    trial.architecture.clear();
    trial.axes.clear();
    lines.push_back(line_of(trial));
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}

TEST_CASE("a stroke too many is refused or noted where it would change a number") {
  const std::vector<std::string> strokes = {",",    ";", "\t",   "|",   "\"",       "\n",
                                            "\r",   " ", "#",    "\\",  "\xC2\xA0", "\xEF\xBB\xBF",
                                            "\xFF", "'", "\"\"", "\r\n"};
  std::mt19937_64 random(13);
  int read = 0, refused = 0;
  for (int round = 0; round < 3000; ++round) {
    const std::vector<law::Trial> trials = some_trials(static_cast<std::uint64_t>(round));
    std::string plain =
        "task,architecture,length,hidden,seed,learning_rate,accuracy_validation,accuracy_test,"
        "model.layers\n";
    for (const law::Trial& trial : trials) {
      const bool diverged = trial.status == law::Status::diverged;
      const auto accuracy = [&](double value) {
        return trial.status == law::Status::missing ? ""
               : diverged                           ? "nan"
                                                    : fmt::format("{}", value);
      };
      plain += fmt::format("{},{},{},{},{},{},{},{},{}\n", trial.task, trial.architecture,
                           trial.length, trial.hidden, trial.seed, trial.learning_rate,
                           accuracy(trial.accuracy_validation), accuracy(trial.accuracy_test),
                           trial.axes.back());
    }
    std::string text = plain;
    const std::string& stroke = strokes[random() % strokes.size()];
    text.insert(random() % (text.size() + 1), stroke);
    CAPTURE(text, stroke);
    const Input before = input_from_csv(parse_csv(plain, "a.csv"));
    try {
      const Input after = input_from_csv(parse_csv(text, "a.csv"));
      ++read;
      if (after.notes == before.notes) REQUIRE(numbers_of(after) == numbers_of(before));
    } catch (const InputError& error) {
      ++refused;
      REQUIRE(std::string(error.what()).starts_with("a.csv:"));
    }
  }
  CHECK(read > 100);
  CHECK(refused > 1000);
}

}  // namespace
}  // namespace surd::analysis
