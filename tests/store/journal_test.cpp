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
#include "store/journals.hpp"
#include "store/sample.hpp"

using namespace surd;
using namespace surd::store;
using namespace surd::store::test;
using Catch::Matchers::Contains;

namespace {

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
  CHECK(seq == 13);
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
