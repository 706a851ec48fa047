#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>

#include "base/files.hpp"
#include "store/journal.hpp"
#include "store/journal_line.hpp"
#include "store/journals.hpp"
#include "store/sample.hpp"

using namespace surd;
using namespace surd::store;
using namespace surd::store::test;
using Catch::Matchers::Contains;

TEST_CASE("a tail torn at any byte is cut off and the run goes on") {
  const Folder folder;
  const auto records = one_of_each();
  write_records(folder / "whole", records);
  const std::string whole = read_file(folder / "whole");
  const std::size_t last_begin = whole.rfind('\n', whole.size() - 2) + 1;
  const std::vector<Record> kept(records.begin(), records.end() - 1);
  for (std::size_t size = last_begin; size + 1 < whole.size(); ++size) {
    put(folder / "torn", whole.substr(0, size));
    std::filesystem::remove(folder / "torn.tail");
    const JournalContent seen = read_journal(folder / "torn");
    REQUIRE(seen.records.size() == kept.size());
    REQUIRE(seen.torn_bytes == static_cast<std::int64_t>(size - last_begin));
    {
      Journal journal(folder / "torn");
      REQUIRE(journal.cut_bytes() == static_cast<std::int64_t>(size - last_begin));
      REQUIRE(journal.take_records().size() == kept.size());
      journal.append(records.back());
      journal.sync();
    }
    REQUIRE(read_file(folder / "torn") == whole);
    if (size > last_begin)
      REQUIRE(read_file(folder / "torn.tail") ==
              fmt::format("{}\n", whole.substr(last_begin, size - last_begin)));
  }
}

TEST_CASE("a last record that is whole is kept, whatever stands where its newline should be") {
  const Folder folder;
  const auto records = one_of_each();
  write_records(folder / "j", records);
  const std::string whole = read_file(folder / "j");
  const std::string body = whole.substr(0, whole.size() - 1);
  for (const std::string end : {"", "\r", "J", "\v"}) {
    put(folder / "j", body + end);
    check_same(read_journal(folder / "j").records, records);
    CHECK(survey_journal(body + end, folder / "j").faults.empty());
    {
      Journal journal(folder / "j");
      check_same(journal.take_records(), records);
      CHECK(read_file(folder / "j") == whole);
      journal.append(records.front());
      journal.sync();
    }
    CHECK(read_journal(folder / "j").records.size() == records.size() + 1);
  }
}

TEST_CASE("a tail that holds whole records is none: nothing is cut") {
  const Folder folder;
  write_records(folder / "j", one_of_each());
  const std::string whole = read_file(folder / "j");
  std::string changed = whole;  // as by an editor of another system
  std::replace(changed.begin(), changed.end(), '\n', '\r');
  const std::size_t half = whole.find('\n', whole.size() / 2) + 1;
  for (const std::string& bytes : {changed, whole.substr(0, half) + changed.substr(half)}) {
    put(folder / "j", bytes);
    CHECK_THROWS_WITH(Journal(folder / "j"),
                      Contains("whole records without line ends") && Contains("--salvage"));
    CHECK(read_file(folder / "j") == bytes);
    CHECK_FALSE(std::filesystem::exists(folder / "j.tail"));
    const JournalSurvey survey = survey_journal(bytes, folder / "j");
    CHECK(survey.records.size() == one_of_each().size());
    CHECK(survey.missing.empty());
    CHECK(survey.faults.size() == 1);
  }
  put(folder / "j", std::string(3000, 'x'));
  CHECK_THROWS_WITH(Journal(folder / "j"), Contains("this is no journal"));
  put(folder / "j", whole.substr(0, 20) + std::string(3000, 'x'));
  CHECK_THROWS_WITH(Journal(folder / "j"), Contains("this is no journal"));
  CHECK(read_file(folder / "j").size() == 3020);
}

TEST_CASE("damage says what each way to go on would lose") {
  const Folder folder;
  write_records(folder / "j",
                {opened("x"), done(1, 0.5), done(2, 0.5), done(3, 0.5), done(4, 0.5)});
  std::string bytes = read_file(folder / "j");
  bytes[bytes.find("\"id\"", bytes.find("\"id\"") + 1) + 7] ^= 1;
  put(folder / "j", bytes);
  CHECK_THROWS_WITH(read_journal(folder / "j"),
                    Contains("record 3 ") &&
                        Contains("keeps 4 records and loses 1, each a finished trial at most") &&
                        Contains("`head -n 3`") &&
                        Contains("lose 2 more records, 2 finished trials among them"));
}

TEST_CASE("a survey names each fault once, and the numbers that are missing") {
  const Folder folder;
  std::vector<Record> records;
  for (std::uint64_t seed = 0; seed < 80; ++seed) records.push_back(done(seed, 0.5));
  write_records(folder / "j", records);
  const std::string whole = read_file(folder / "j");
  std::vector<std::size_t> begins = {0};
  for (std::size_t i = 0; i < whole.size(); ++i) {
    if (whole[i] == '\n') begins.push_back(i + 1);
  }
  const auto without = [&](std::size_t first, std::size_t last) {
    return whole.substr(0, begins[first]) + whole.substr(begins[last + 1]);
  };
  const auto survey = [&](const std::string& bytes) { return survey_journal(bytes, "j"); };
  CHECK(survey(whole).faults.empty());

  JournalSurvey one = survey(without(7, 7));
  REQUIRE(one.faults.size() == 1);
  CHECK_THAT(one.faults[0], Contains("record 7 (before line 8): missing"));
  CHECK(one.missing == std::vector<SeqRange>{{7, 7}});
  CHECK(one.records.size() == 79);
  CHECK(one.good_lines == 7);
  CHECK(survey(without(10, 19)).missing == std::vector<SeqRange>{{10, 19}});
  CHECK(survey(without(10, 19)).faults.size() == 1);
  CHECK_THAT(survey(without(0, 0)).faults.at(0), Contains("record 0"));

  std::string flipped = whole;
  flipped[begins[5] + 30] ^= 1;   // a record
  flipped[begins[12] - 1] ^= 4;   // the newline between two
  flipped[begins[80] + 30] ^= 1;  // the last one
  const JournalSurvey three = survey(flipped);
  REQUIRE(three.faults.size() == 3);
  CHECK_THAT(three.faults[0], Contains("record 5 (line 6): the checksum"));
  CHECK_THAT(three.faults[1], Contains("line 12: 2 whole records"));
  CHECK_THAT(three.faults[2], Contains("record 80 (line 80)"));
  CHECK(three.missing == std::vector<SeqRange>{{5, 5}, {80, 80}});

  std::string twice = whole;
  twice.insert(begins[9], whole.substr(begins[8], begins[9] - begins[8]));
  CHECK(survey(twice).faults.size() == 1);
  CHECK(survey(twice).missing.empty());
}

TEST_CASE("a survey of many damaged records in one line takes no longer than of whole ones") {
  constexpr std::uint64_t count = 4000;
  const std::string record = journal_line(to_json(done(1, 0.5)), 1);
  std::string bytes = journal_header();
  for (std::uint64_t i = 0; i < count; ++i) bytes += record;
  std::replace(bytes.begin(), bytes.end(), '\n', '\r');
  const auto swap_digits = [](std::string& text) {  // no checksum holds any more
    for (std::size_t at = 0; (at = text.find("\"seed\":1", at)) != std::string::npos; ++at)
      text[at + 7] = '2';
  };
  swap_digits(bytes);
  CHECK(survey_journal(bytes, "j").records.empty());  // in seconds, not hours
}

TEST_CASE("a header torn at any byte begins a new journal, another file is refused") {
  const Folder folder;
  write_records(folder / "whole", {});
  const std::string header = read_file(folder / "whole");
  for (std::size_t size = 0; size < header.size(); ++size) {
    put(folder / "torn", header.substr(0, size));
    { Journal journal(folder / "torn"); }
    REQUIRE(read_file(folder / "torn") == header);
  }
  put(folder / "other", "a letter to my mother");
  CHECK_THROWS_WITH(Journal(folder / "other"), Contains("this is no journal"));
  CHECK(read_file(folder / "other") == "a letter to my mother");
}

TEST_CASE("a flipped bit before the last line stops with the record's number") {
  const Folder folder;
  write_records(folder / "whole", one_of_each());
  const std::string whole = read_file(folder / "whole");
  for (std::size_t byte = 0; byte + 1 < whole.size(); ++byte) {
    std::string damaged = whole;
    damaged[byte] = static_cast<char>(damaged[byte] ^ (1 << byte % 8));
    const auto seq =
        std::count(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(byte), '\n');
    put(folder / "damaged", damaged);
    const std::string number = "record " + std::to_string(seq) + " ";
    if (byte % 16 == 0)
      REQUIRE_THROWS_WITH(Journal(folder / "damaged"),
                          Contains(number) && Contains("surd results verify"));  // two fsyncs
    REQUIRE_THROWS_WITH(read_journal(folder / "damaged"), Contains(number));
    REQUIRE(read_file(folder / "damaged") == damaged);
    REQUIRE(survey_journal(damaged, folder / "damaged").faults.size() == 1);
  }
}

TEST_CASE("verify goes on behind the damage and names every damaged record") {
  const Folder folder;
  write_records(folder / "j", one_of_each());
  std::string bytes = read_file(folder / "j");
  std::vector<std::size_t> begins = {0};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (bytes[i] == '\n') begins.push_back(i + 1);
  }
  bytes[begins[2] + 20] ^= 1;
  bytes[begins[5] + 20] ^= 1;
  bytes.resize(bytes.size() - 2);
  const JournalSurvey found = survey_journal(bytes, folder / "j");
  REQUIRE(found.faults.size() == 2);
  CHECK_THAT(found.faults[0], Contains("record 2 (line 3)"));
  CHECK_THAT(found.faults[1], Contains("record 5 (line 6)"));
  CHECK(found.torn_bytes > 0);
  CHECK(found.records.size() == 9);
}

TEST_CASE("a line taken out or doubled is damage") {
  const Folder folder;
  write_records(folder / "j", one_of_each());
  const std::string bytes = read_file(folder / "j");
  const std::size_t second = bytes.find('\n') + 1;
  const std::size_t third = bytes.find('\n', second) + 1;
  put(folder / "j", bytes.substr(0, second) + bytes.substr(third));
  CHECK_THROWS_WITH(read_journal(folder / "j"),
                    Contains("record 1 ") && Contains("sequence number out of order"));
  put(folder / "j", bytes.substr(0, third) + bytes.substr(second));
  CHECK_THROWS_WITH(read_journal(folder / "j"),
                    Contains("record 2 ") && Contains("sequence number out of order"));
}
