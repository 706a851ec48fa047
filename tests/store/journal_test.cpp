#include "store/journal.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <thread>

#include "base/files.hpp"
#include "base/hash.hpp"
#include "store/journal_line.hpp"
#include "store/sample.hpp"

using namespace surd;
using namespace surd::store;
using namespace surd::store::test;
using Catch::Matchers::Contains;

namespace {

std::vector<Record> one_of_each() {
  const TrialDone first = done(1, 0.5);
  StudyOpened asked = opened("study: x\n\"quoted\" ü\n");
  asked.request = {"configs/x.yaml", {"grid.length=[16, 24]", "study=\"ü\""}};
  return {
      asked,
      started(1, {first.id}),
      CheckpointWritten{{1}, "attempt-000001.ckpt", {first.id}, 1.7e9 + 30, {450}},
      first,
      ended(1, spec::AttemptEnd::failed),
      Quarantined{{first.id}, "failed on node1 and node2", "line\nline", 1.7e9 + 61},
      AuditDrawn{
          0.05, {{first.id, {"0123456789abcdef"}}, {{"fedcba9876543210"}, {"00"}}}, 1.7e9 + 61.5},
      Merged{{"study: a", "study: b"}, {"runs/a", "runs/b"}, 1.7e9 + 62},
      RunEnded{3, "stopped by SIGTERM with 4 trials left", 1.7e9 + 63}};
}

void write_records(const std::filesystem::path& path, const std::vector<Record>& records) {
  Journal journal(path);
  for (const Record& record : records) journal.append(record);
  journal.sync();
}

void check_same(const std::vector<Record>& got, const std::vector<Record>& expected) {
  REQUIRE(got.size() == expected.size());
  for (std::size_t i = 0; i < got.size(); ++i) CHECK(to_json(got[i]) == to_json(expected[i]));
}

// Runs `body` in a child process and gives its exit status.
template <typename Body>
int in_child(Body body) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(body());
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

TEST_CASE("a journal gives back every kind of record") {
  const Folder folder;
  write_records(folder / "journal.jsonl", one_of_each());
  check_same(read_journal(folder / "journal.jsonl").records, one_of_each());
  Journal again(folder / "journal.jsonl");
  CHECK(again.cut_bytes() == 0);
  check_same(again.take_records(), one_of_each());
}

TEST_CASE("numbers and NaN come back bit for bit") {
  const Folder folder;
  TrialDone record = done(7, 0.1 + 0.2);
  record.result.loss_validation = std::numeric_limits<double>::quiet_NaN();
  record.result.curve[0].loss_train = -std::numeric_limits<double>::infinity();
  record.result.curve[1].gradient_norm = 4.9e-324;
  record.seed = std::numeric_limits<std::uint64_t>::max();
  write_records(folder / "j", {record});
  const auto back = std::get<TrialDone>(read_journal(folder / "j").records.at(0));
  CHECK(back.result.accuracy_validation == 0.1 + 0.2);
  CHECK(std::isnan(back.result.loss_validation));
  CHECK(back.result.curve[0].loss_train == -std::numeric_limits<double>::infinity());
  CHECK(back.result.curve[1].gradient_norm == 4.9e-324);
  CHECK(back.trial() == record.trial());
  CHECK(same_result(back.result, record.result));
}

TEST_CASE("lines are numbered JSON with a checksum over the rest") {
  const Folder folder;
  write_records(folder / "j", one_of_each());
  std::istringstream lines(read_file(folder / "j"));
  std::int64_t seq = 0;
  for (std::string line; std::getline(lines, line); ++seq) {
    Json json = Json::parse(line);
    CHECK(json.at("seq") == seq);
    const auto checksum = json.at("checksum").get<std::string>();
    json.erase("checksum");
    CHECK(checksum == hex(hash64(json.dump())));
    if (seq == 0) CHECK(json.at("format_version") == "1.0");
  }
  CHECK(seq == 10);
}

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

TEST_CASE("a journal that is removed, replaced or cut under its writer stops it and is saved") {
  const Folder folder;
  const auto run = folder / "run";
  const auto path = run / "journal.jsonl";
  const auto stops = [&](const std::string& how, auto disturb) {
    std::filesystem::remove_all(run);
    std::filesystem::create_directory(run);
    Journal journal(path);
    for (const Record& record : one_of_each()) journal.append(record);
    journal.sync();
    disturb();
    journal.append(opened("after"));
    CHECK_THROWS_WITH(journal.sync(), Contains(how));
    CHECK_THROWS_WITH(journal.append(opened("more")), Contains("takes no more records"));
  };
  const auto is_saved = [&] {
    CHECK(read_journal(run / "journal.rescued-1.jsonl").records.size() == one_of_each().size() + 1);
  };
  stops("was removed while the run went on", [&] { std::filesystem::remove(path); });
  is_saved();
  stops("journal.rescued-1.jsonl", [&] { std::filesystem::remove_all(run); });
  is_saved();
  stops("was replaced by another file", [&] {
    std::filesystem::copy_file(path, run / "copy");
    std::filesystem::rename(run / "copy", path);
  });
  is_saved();
  stops("changed by another program", [&] { std::filesystem::resize_file(path, 100); });
  std::filesystem::remove_all(run);
  std::filesystem::create_directory(run);
  Journal journal(path);
  std::filesystem::create_hard_link(path, run / "second name");  // no harm
  journal.append(opened("x"));
  journal.sync();
}

TEST_CASE("a journal is not made through a link that leads nowhere, and no pipe is one") {
  const Folder folder;
  std::filesystem::create_symlink(folder / "victim", folder / "j");
  CHECK_THROWS_AS(Journal(folder / "j"), Error);
  CHECK_FALSE(std::filesystem::exists(folder / "victim"));
  REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
  CHECK_THROWS_WITH(Journal(folder / "pipe"), Contains("FIFO"));
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
  CHECK(found.records.size() == 6);
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

TEST_CASE(
    "a newer major version is refused, unknown records of a newer minor one are kept and counted") {
  const Folder folder;
  const auto line = [](const Json& json) {
    std::string text = json.dump();
    const std::string checksum = hex(hash64(text));
    text.pop_back();
    return text + ",\"checksum\":\"" + checksum + "\"}\n";
  };
  put(folder / "newer", line({{"type", "header"}, {"seq", 0}, {"format_version", "2.0"}}));
  CHECK_THROWS_AS(Journal(folder / "newer"), InputError);
  CHECK_THROWS_WITH(Journal(folder / "newer"), Contains("newer surd"));

  const std::string minor = line({{"type", "header"}, {"seq", 0}, {"format_version", "1.9"}}) +
                            line({{"type", "weather"}, {"seq", 1}, {"sky", "blue"}});
  put(folder / "minor", minor);
  {
    Journal journal(folder / "minor");
    CHECK(journal.unknown_records() == 1);
    journal.append(done(1, 0.5));
    journal.sync();
  }
  CHECK(read_file(folder / "minor").starts_with(minor));
  CHECK(read_journal(folder / "minor").records.size() == 2);
}

TEST_CASE("a second writer is refused with host and pid, and the lock is free at death") {
  for (const LockKind kind : {LockKind::automatic, LockKind::heartbeat}) {
    const Folder folder;
    const auto path = folder / "journal.jsonl";
    {
      Journal journal(path, kind);
      // Reading and closing the journal in this process must not lose the lock.
      CHECK(read_journal(path).records.empty());
      const int status = in_child([&] {
        try {
          Journal second(path, kind);
        } catch (const InputError& error) {
          const std::string text = error.what();
          return text.find(std::to_string(::getppid())) != std::string::npos &&
                         text.find(host_name()) != std::string::npos
                     ? 7
                     : 8;
        }
        return 9;
      });
      CHECK(status == 7);
      CHECK_THROWS_AS(Journal(path, kind), InputError);
      journal.beat();
    }
    CHECK(in_child([&] {
            auto* leaked = new Journal(path, kind);  // dies without a destructor, as with kill -9
            leaked->append(opened("x"));
            leaked->sync();
            return 5;
          }) == 5);
    Journal after(path, kind);
    CHECK(after.take_records().size() == 1);
  }
}

TEST_CASE("a plain fcntl lock of another program is respected") {
  const Folder folder;
  const auto path = folder / "journal.jsonl";
  { Journal journal(path); }
  int ready[2];
  REQUIRE(::pipe(ready) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const int fd = ::open(path.c_str(), O_RDWR);
    struct flock lock {};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    const char answer = ::fcntl(fd, F_SETLK, &lock) == 0 ? 'y' : 'n';
    if (::write(ready[1], &answer, 1) != 1) ::_exit(1);
    ::pause();
  }
  char answer = 0;
  REQUIRE(::read(ready[0], &answer, 1) == 1);
  CHECK(answer == 'y');
  CHECK_THROWS_AS(Journal(path), InputError);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  CHECK_NOTHROW(Journal(path));
}

TEST_CASE("a reader beside a writer sees a growing prefix") {
  const Folder folder;
  const auto path = folder / "journal.jsonl";
  { Journal journal(path); }
  constexpr std::size_t count = 400;
  const pid_t writer = ::fork();
  if (writer == 0) {
    Journal journal(path);
    for (std::size_t i = 0; i < count; ++i) {
      journal.append(done(i, 0.5));
      if (i % 3 == 0) journal.sync();
    }
    journal.sync();
    ::_exit(0);
  }
  std::size_t seen = 0;
  int status = 0;
  bool over = false;
  while (!over) {
    over = ::waitpid(writer, &status, WNOHANG) == writer;
    const auto records = read_journal(path).records;
    REQUIRE(records.size() >= seen);
    seen = records.size();
    for (std::size_t i = 0; i < seen; ++i) REQUIRE(std::get<TrialDone>(records[i]).seed == i);
  }
  CHECK(seen == count);
}

TEST_CASE("what is flushed outlives the process, and is not synced yet") {
  const Folder folder;
  const auto path = folder / "journal.jsonl";
  const int code = in_child([&] {
    Journal journal(path);
    journal.append(opened("study"));
    journal.flush();
    if (journal.synced()) return 1;
    journal.append(ended(1, spec::AttemptEnd::finished));
    ::_exit(journal.synced() ? 1 : 0);  // as if killed
  });
  CHECK(code == 0);
  CHECK(read_journal(path).records.size() == 1);
  Journal journal(path);
  journal.append(opened("study"));
  journal.flush();
  journal.sync();
  CHECK(journal.synced());
  CHECK(read_journal(path).records.size() == 2);
}

TEST_CASE("what is not synced is not written") {
  const Folder folder;
  {
    Journal journal(folder / "j");
    journal.append(opened("x"));
    CHECK_FALSE(journal.synced());
    CHECK(read_journal(folder / "j").records.empty());
    journal.sync();
    CHECK(journal.synced());
    journal.append(opened("y"));
  }
  CHECK(read_journal(folder / "j").records.size() == 1);
}

TEST_CASE("a full disk is an error, fatal for the journal, and costs only the tail") {
  const Folder folder;
  const auto path = folder / "j";
  { Journal journal(path); }
  const auto limit = static_cast<rlim_t>(std::filesystem::file_size(path) + 100);
  const int status = in_child([&] {
    ::signal(SIGXFSZ, SIG_IGN);
    Journal journal(path);
    const rlimit small{limit, limit};
    ::setrlimit(RLIMIT_FSIZE, &small);
    journal.append(done(1, 0.5));
    try {
      journal.sync();
      return 1;
    } catch (const Error& error) {
      const std::string text = error.what();
      if (text.find("cannot write the journal") == std::string::npos ||
          text.find("File too large") == std::string::npos)
        return 2;
    }
    try {
      journal.append(done(2, 0.5));
      return 3;
    } catch (const Error&) {
      return 7;
    }
  });
  CHECK(status == 7);
  Journal after(path);
  CHECK(after.cut_bytes() == 100);
  CHECK(after.take_records().empty());
}
