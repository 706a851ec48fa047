#include "analysis/input/csv.hpp"

#include <catch2/catch.hpp>

#include "base/error.hpp"

namespace surd::analysis {
namespace {

std::string message_of(const std::string& text) {
  try {
    input_from_csv(parse_csv(text, "a.csv"));
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

const std::string head =
    "task,architecture,length,hidden,seed,learning_rate,accuracy_validation,accuracy_test\n";

TEST_CASE(
    "fields: quotes, doubled quotes, commas and line ends inside, CR LF, blank lines, a byte order "
    "mark, no last line end") {
  const Table table = parse_csv(
      "\xEF\xBB\xBF"
      "a, b ,c\r\n\"x, y\",\"say \"\"hi\"\"\",\"two\nlines\"\r\n\r\n1,,3",
      "a.csv");
  REQUIRE(table.header.size() == 3);
  CHECK(table.header[1].text == "b");
  CHECK(table.header[1].column == 4);
  REQUIRE(table.rows.size() == 2);
  CHECK(table.rows[0][0].text == "x, y");
  CHECK(table.rows[0][1].text == "say \"hi\"");
  CHECK(table.rows[0][2].text == "two\nlines");
  CHECK(table.rows[1][0].line == 5);
  CHECK(table.rows[1][1].text.empty());
  CHECK(table.rows[1][2].column == 4);
}

TEST_CASE(
    "columns in any order; id, status and rates are read; other columns are noted with the nearest "
    "word") {
  const Input input =
      input_from_csv(parse_csv("accuracy_test,hidden,extra,learning_rat,task,status,seed,length,"
                               "architecture,accuracy_validation,id\n"
                               "0.5,8,q,1,lookup,finished,3,16,linear,0.625,t1\n"
                               ",8,q,1,lookup,skipped,4,16,linear,,t2\n",
                               "a.csv"));
  REQUIRE(input.trials.size() == 2);
  const law::Trial& trial = input.trials[0];
  CHECK(trial.id == "t1");
  CHECK(trial.task == "lookup");
  CHECK(trial.architecture == "linear");
  CHECK(trial.length == 16);
  CHECK(trial.hidden == 8);
  CHECK(trial.seed == 3);
  CHECK(trial.accuracy_test == 0.5);
  CHECK(trial.accuracy_validation == 0.625);
  CHECK(input.trials[1].status == law::Status::skipped);
  REQUIRE(input.notes.size() == 1);
  CHECK(input.notes[0] ==
        "a.csv: columns that are not used: extra, learning_rat (did you mean learning_rate?)");
}

TEST_CASE("columns named model.* and recipe.* are further axes") {
  const Input input =
      input_from_csv(parse_csv("task,architecture,length,hidden,seed,accuracy,recipe.steps,model."
                               "layers\nl,s,16,8,1,0.5,100,1\nl,s,16,8,1,0.5,100,2\n",
                               "a.csv"));
  REQUIRE(input.trials.size() == 2);
  CHECK(input.trials[1].axes == "model.layers=2, recipe.steps=100");
}

TEST_CASE("one accuracy column serves as both and is warned of") {
  const Input input = input_from_csv(
      parse_csv("task,architecture,length,hidden,seed,accuracy\nl,s,16,8,1,0.75\n", "a.csv"));
  CHECK(input.trials[0].accuracy_validation == 0.75);
  CHECK(input.trials[0].accuracy_test == 0.75);
  REQUIRE(input.notes.size() == 1);
  CHECK(has(input.notes[0], "selected on what it is tested with"));
}

TEST_CASE(
    "an accuracy that is no number is a divergence, an empty one a missing trial, and both are "
    "noted") {
  const Input input =
      input_from_csv(parse_csv(head + "l,s,16,8,1,0.01,0.5,nan\nl,s,16,8,2,0.01,NaN,\nl,s,16,8,3,0."
                                      "01,0.5,\nl,s,16,8,4,0.01,,0.5\n",
                               "a.csv"));
  REQUIRE(input.trials.size() == 4);
  CHECK(input.trials[0].status == law::Status::diverged);
  CHECK(input.trials[1].status == law::Status::diverged);
  CHECK(input.trials[2].status == law::Status::missing);
  CHECK(input.trials[3].status == law::Status::missing);
  CHECK(input.notes == std::vector<std::string>{
                           "a.csv: trials with accuracy nan, taken as diverged (accuracy 0): 2",
                           "a.csv: trials with no accuracy, taken as missing: 2"});
  CHECK(has(message_of(head + "l,s,16,8,1,0.01,0.5,inf\n"), "a.csv:2:21"));
}

TEST_CASE("counted seeds") {
  const Input input = input_from_csv(
      parse_csv("task,architecture,length,hidden,seeds,solved\nl,s,16,8,3,2\n", "a.csv"));
  REQUIRE(input.counted.size() == 1);
  CHECK(input.counted[0].cell.seeds == 3);
  CHECK(input.counted[0].cell.solved == 2);
}

TEST_CASE("faults are shown with file, line, column and what was expected") {
  CHECK(message_of("") ==
        "a.csv:1:1: the file is empty (expected a header line with the names of the columns)");
  CHECK(has(message_of(head), "a.csv:1:1: there is a header but no row"));
  CHECK(has(message_of("task,architecture,length,hiden,seed,accuracy\nl,s,16,8,1,0.5\n"),
            "a.csv:1:26: there is no column 'hidden' (got 'hiden')"));
  CHECK(has(message_of("task,architecture,length,hidden,seed\nl,s,16,8,1\n"),
            "a.csv:1:1: there is no column 'accuracy_test' (or accuracy)"));
  CHECK(has(message_of("task,task\n1,2\n"), "a.csv:1:6: the column 'task' is there twice"));
  CHECK(message_of(head + "l,s,16,8,1,0.01,0.5\n") ==
        "a.csv:2:17: a row does not have the header's columns (expected 8 fields, got 7)");
  CHECK(message_of(head + "l,s,16,8,1,0.01,0.5,x\n") ==
        "a.csv:2:21: 'accuracy_test' has an impossible value (expected a fraction from 0 to 1, got "
        "'x')");
  CHECK(has(message_of(head + "l,s,16,8,1,0.01,0.5,94.2\n"),
            "got '94.2'). Percentages: divide them by 100"));
  CHECK(has(message_of(head + "l,s,0,8,1,0.01,0.5,0.5\n"),
            "a.csv:2:5: 'length' has an impossible value (expected a positive number, got '0')"));
  CHECK(has(message_of(head + "l,s,16,8,1.5,0.01,0.5,0.5\n"),
            "a.csv:2:10: 'seed' has an impossible value (expected a whole number, got '1.5')"));
  CHECK(has(message_of(head + ",s,16,8,1,0.01,0.5,0.5\n"), "a.csv:2:1: 'task' is empty"));
  CHECK(has(message_of(head + "l,s,16,8,1,0.01,0.5,0.5\n\nl,s,16,8,1,0.010,0.6,0.6\n"),
            "a.csv:4:1: the same cell, seed and learning rate as in line 2"));
  CHECK(has(
      message_of("task,architecture,length,hidden,seed,accuracy,status\nl,s,16,8,1,0.5,finishd\n"),
      "Did you mean 'finished'?"));
  CHECK(has(message_of("task,architecture,length,hidden,seeds,solved\nl,s,16,8,3,4\n"),
            "a.csv:2:12: 'solved' has an impossible value (expected a count from 0 to seeds (3), "
            "got '4')"));
  CHECK(has(message_of("task,\"archi\n"), "a.csv:1:6: a quote is opened and never closed"));
  CHECK(has(message_of("\"task\"x,b\n"), "a.csv:1:7: text follows a closing quote"));
}

TEST_CASE(
    "names are UTF-8, whatever the script; a byte that is not is shown with its place and what to "
    "do") {
  const Input input = input_from_csv(parse_csv(
      head + "r\xC3\xA9p\xC3\xA9ter,\xE6\xB3\xA8\xE6\x84\x8F,16,8,1,0.01,0.5,0.5\n", "a.csv"));
  CHECK(input.trials[0].task == "r\xC3\xA9p\xC3\xA9ter");
  CHECK(message_of(head + "l,s,16,8,1,0.01,0.5,0.5\nr\xE9p\xE9ter,s,16,8,1,0.01,0.5,0.5\n") ==
        "a.csv:3:2: not UTF-8 (got byte 0xe9). Save the file as UTF-8");
  CHECK(
      has(message_of(head + "caf\xE9"), "a.csv:2:4: not UTF-8"));  // cut off at the end of the file
  CHECK(has(message_of(head + "\xED\xA0\x80,"), "a.csv:2:1: not UTF-8"));  // half a surrogate pair
  CHECK(has(message_of(head + "l,\xC0\xAF,"), "a.csv:2:3: not UTF-8"));    // longer than need be
  CHECK(has(message_of(head + "\xF4\x90\x80\x80,"),
            "a.csv:2:1: not UTF-8"));  // beyond the last character
  CHECK(has(message_of("\xEF\xBB\xBF\xFF"), "a.csv:1:1: not UTF-8"));
}

}  // namespace
}  // namespace surd::analysis
