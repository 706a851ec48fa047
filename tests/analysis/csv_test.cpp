#include "analysis/input/csv.hpp"

#include <fmt/format.h>

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

TEST_CASE("more widths than any study has are refused") {
  std::string rows;
  for (int width = 1; width <= 1000; ++width)
    rows += fmt::format("l,s,16,{},1,0.1,0.5,0.5\n", width);
  CHECK(input_from_csv(parse_csv(head + rows, "a.csv")).trials.size() == 1000);
  CHECK(has(message_of(head + rows + "l,s,16,1001,1,0.1,0.5,0.5\n"),
            "a.csv:1002:8: there are too many widths (expected at most 1000 values of 'hidden')"));
  CHECK(has(message_of(head + "l,s,133143986200,8,1,0.01,0.5,0.5\n"),
            "expected a positive number up to 2147483647, got '133143986200'"));
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
            "a.csv:2:5: 'length' has an impossible value (expected a positive number up to "
            "2147483647, got '0')"));
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

Input read(const std::string& text) { return input_from_csv(parse_csv(text, "a.csv")); }

const std::string counted_head = "task,architecture,length,hidden,seeds,solved\n";

TEST_CASE("the separator is what the header has most of, or what the line sep= says") {
  CHECK(parse_csv("a;b,c;d\n1;2;3\n", "a.csv").header.size() == 3);
  CHECK(parse_csv("\"a;b;c\",d\n1,2\n", "a.csv").header.size() == 2);
  CHECK(parse_csv("SEP=|\r\na|b\r\n", "a.csv").header.size() == 2);
  CHECK(parse_csv("\"sep=\t\"\na\tb\n", "a.csv").header.size() == 2);
  CHECK(parse_csv("a\rb\r\"c\r\nd\"", "a.csv").rows.size() == 2);  // old line ends
  CHECK(parse_csv("a\rb\rc", "a.csv").rows[1][0].line == 3);
  CHECK(message_of("sep=x\ntaskxlength\n") ==
        "a.csv:1:1: the line sep= names what cannot part columns (expected sep= and one of , ; | "
        "and a tab, got 'sep=x')");
  CHECK(message_of("sep=;\n" + head + "l,s,16,8,1,0.01,0.5,0.5\n") ==
        "a.csv:2:1: the header has one column (expected columns separated by ';', got columns "
        "separated by ','). Mend the line sep=");
  CHECK(has(message_of("task architecture length hidden\nl s 16 8\n"),
            "got words with blanks between them). Write the table with commas"));
}

TEST_CASE("a comma in a number is decimal where the file leaves no other meaning") {
  const std::string semicolons = "task;architecture;length;hidden;seed;accuracy\n";
  CHECK(read(semicolons + "l;s;16,0;8;1,0;0,5\n").trials[0].accuracy_test == 0.5);
  CHECK(read(semicolons + "l;s;16;8;1;1,000\n").trials[0].accuracy_test == 1);
  CHECK(read("task,architecture,length,hidden,seed,accuracy\nl,s,16,8,1,\"0,5\"\n")
            .trials[0]
            .accuracy_test == 0.5);
  CHECK(
      message_of(semicolons + "l;s;16,5;8;1;0.5\n") ==
      "a.csv:2:5: numbers with a decimal comma and with a decimal point in one file (expected one "
      "of the two, got '16,5', and '0.5' in line 2)");
  CHECK(message_of(semicolons + "l;s;1,024;8;1;0,5\n") ==
        "a.csv:2:5: 'length' has an impossible value (expected a number without commas between its "
        "digits, got '1,024'). The comma may be a decimal one or part thousands");
  CHECK(has(message_of(semicolons + "l;s;1,024,000;8;1;0,5\n"), "'length' has an impossible"));
  CHECK(has(message_of(head + "l,s,16,8,1,0,01,0,5,0,5\n"),
            "a.csv:2:19: a row does not have the header's columns (expected 8 fields, got 11). "
            "Numbers with a decimal comma: separate the columns by ';'"));
}

TEST_CASE("a column without a name is left out, and noted where there is something in it") {
  CHECK(read(",task,architecture,length,hidden,seeds,solved,,\n0,l,s,16,8,3,2,,\n").notes ==
        std::vector<std::string>{"a.csv: columns without a name, which are not used: 1"});
  CHECK(read(",task,architecture,length,hidden,seeds,solved\n,l,s,16,8,3,2\n").notes.empty());
  CHECK(read(counted_head + "l,s,16,8,3,2,,,\n").counted.size() == 1);
  CHECK(has(message_of(counted_head.substr(0, counted_head.size() - 1) + "\n1,l,s,16,8,3,2\n"),
            "expected 6 fields, got 7"));
  CHECK(has(message_of("task;architecture;length;hidden;seeds;solved\n1;l;s;16;8;3;2\n"),
            "A column of row names has no header"));
}

TEST_CASE("a header that comes again is left out, and refused in another order") {
  const Input input = read(counted_head + "l,s,16,8,3,2\n" + "\xEF\xBB\xBFTask" +
                           counted_head.substr(4) + "l,s,32,8,3,2\n");
  CHECK(input.counted.size() == 2);
  CHECK(input.notes ==
        std::vector<std::string>{"a.csv: line 3 repeats the header, and is read as no row"});
  CHECK(
      has(message_of(counted_head + "l,s,16,8,3,2\narchitecture,task,length,hidden,seeds,solved\n"),
          "a.csv:3:1: line 3 is a header with its columns in another order than in line 1"));
}

TEST_CASE("columns that differ by case only are refused where they mean something") {
  CHECK(message_of("task,Task\n1,2\n") ==
        "a.csv:1:6: the columns 'task' and 'Task' differ by case only. Keep one of them");
  CHECK(read("x,X," + counted_head + "1,2,l,s,16,8,3,2\n").counted.size() == 1);
}

TEST_CASE(
    "names that differ by case or by the number of blanks are one, the first, which is noted") {
  const Input input =
      read(head + "l,Gated linear,16,8,1,0.01,0.5,0.5\n" + "L,gated  LINEAR,16,8,2,0.01,0.5,0.5\n");
  CHECK(input.trials[1].task == "l");
  CHECK(input.trials[1].architecture == "Gated linear");
  REQUIRE(input.notes.size() == 1);
  CHECK(input.notes[0] ==
        "a.csv: names that differ by blanks or case only are taken as one: 'L' as 'l' (1), 'gated  "
        "LINEAR' as 'Gated linear' (1)");
  CHECK(
      has(message_of(head + "l,a,16,8,1,0.01,0.5,0.5\nl,A,16,8,1,0.01,0.5,0.5\n"),
          "the same cell, seed and learning rate as in line 2. Names that differ by blanks or case "
          "only are one: 'A' as 'a' (1)"));
  CHECK(read(head + "l,1 1,16,8,1,0.01,0.5,0.5\nl,11,16,8,1,0.01,0.5,0.5\n").notes.empty());
}

TEST_CASE("further axes have one spelling of a number, and none where the value is missing") {
  const Input input = read(
      "task,architecture,length,hidden,seed,accuracy,Model.Layers,recipe.x\nl,s,16,8,1,0.5,2.0,"
      "1e-3\nl,s,16,8,2,0.5,NaN,0.001\nl,s,16,8,3,0.5,,None\n");
  CHECK(input.trials[0].axes == "model.layers=2, recipe.x=0.001");
  CHECK(input.trials[1].axes == "recipe.x=0.001");
  CHECK(input.trials[2].axes == "recipe.x=None");  // none is a word of model.position
}

TEST_CASE("a file that is no text says what it is") {
  CHECK(message_of("\xFF\xFEt") ==
        "a.csv:1:1: UTF-16, not UTF-8. Save the file as UTF-8 (Excel: 'CSV UTF-8')");
  CHECK(has(message_of(std::string("t\0a\0s\0", 6)), "a.csv:1:2: UTF-16, not UTF-8"));
  CHECK(has(message_of(std::string("\0t\0a\0s", 6)), "a.csv:1:1: UTF-16, not UTF-8"));
  CHECK(has(message_of(std::string("PK\x03\x04\0", 5)), "a workbook or another zip archive"));
  CHECK(has(message_of("\x1F\x8B"), "compressed by gzip, not CSV. Unpack it first: gunzip"));
}

TEST_CASE("counts, rates and states that are missing") {
  const Input counted = read(counted_head + "l,s,16,8,3.0,NA\nl,s,16,16,,\nl,s,16,32,3.0,2.0\n");
  REQUIRE(counted.counted.size() == 3);
  CHECK(counted.counted[0].cell.seeds == 0);
  CHECK(counted.counted[2].cell.solved == 2);
  CHECK(counted.notes ==
        std::vector<std::string>{"a.csv: cells with no count, taken as missing: 2"});
  CHECK(read(head + "l,s,16,8,1,,0.5,0.5\nl,s,16,8,2,,0.5,0.5\n").trials[1].learning_rate == 0);
  CHECK(has(message_of(head + "l,s,16,8,1,0.1,0.5,0.5\nl,s,16,8,2,,0.5,0.5\n"),
            "a.csv:3:12: 'learning_rate' has an impossible value"));
  const Input states = read(
      "task,architecture,length,hidden,seed,accuracy,status\nl,s,16,8,1,0.5,Finished\n"
      "l,s,16,8,2,0.5,\nl,s,16,8,3,,SKIPPED\n");
  CHECK(states.trials[1].status == law::Status::finished);
  CHECK(states.trials[2].status == law::Status::skipped);
  CHECK(has(message_of(head + "NA,s,16,8,1,0.01,0.5,0.5\n"), "a.csv:2:1: 'task' is missing"));
  CHECK(has(message_of(head + "l,s,16,8,1,0.01,0.5,94.2%\n"), "Percentages: divide them by 100"));
  CHECK(has(message_of("task,architecture,length,hidden,seed,solved\nl,s,16,8,1,2\n"),
            "'solved' has an impossible value (expected 0 or 1, as there is a column 'seed', got "
            "'2')"));
}

TEST_CASE("rounding takes accuracies no further than 1e-6 beyond 0 and 1") {
  CHECK(read(head + "l,s,16,8,1,0.01,-1e-7,1.0000009\n").trials[0].accuracy_test == 1);
  CHECK(read(head + "l,s,16,8,1,0.01,-1e-7,1.0000009\n").trials[0].accuracy_validation == 0);
  CHECK(
      has(message_of(head + "l,s,16,8,1,0.01,0.5,1.00001\n"), "'accuracy_test' has an impossible"));
  CHECK(has(message_of(head + "l,s,16,8,1,0.01,0.5,-inf\n"), "'accuracy_test' is infinite"));
}

}  // namespace
}  // namespace surd::analysis
