#include "store/journal.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <thread>

#include "base/files.hpp"
#include "base/hash.hpp"
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
  for (std::size_t size = last_begin; size < whole.size(); ++size) {
    put(folder / "torn", whole.substr(0, size));
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
  }
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
    JournalContent content;
    REQUIRE(verify_journal(folder / "damaged", content).size() >= 1);
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
  bytes.pop_back();
  put(folder / "j", bytes);
  JournalContent content;
  const auto findings = verify_journal(folder / "j", content);
  REQUIRE(findings.size() == 2);
  CHECK_THAT(findings[0], Contains("record 2 (line 3)"));
  CHECK_THAT(findings[1], Contains("record 5 (line 6)"));
  CHECK(content.torn_bytes > 0);
  CHECK(content.records.size() == 6);
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
