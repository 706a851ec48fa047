#include "base/new_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cerrno>
#include <fstream>
#include <utility>

#include "base/error.hpp"
#include "base/file_calls.hpp"
#include "base/files.hpp"
#include "base/log.hpp"
#include "folder.hpp"

using namespace surd;
using Catch::Contains;
using file_calls::Call;
using file_calls::Fault;
using file_calls::Planned;

namespace {

// `fault` at the first call of a kind.
file_calls::Plan at_first(Call kind, Fault fault) {
  return [=, done = false](Call call, const file_calls::Site&) mutable {
    return call == kind && !std::exchange(done, true) ? fault : Fault{};
  };
}

bool is_link(const std::filesystem::path& path) {
  return std::filesystem::is_symlink(std::filesystem::symlink_status(path));
}

}  // namespace

TEST_CASE("an interrupted call is begun again and a short write goes on") {
  const surd::test::Folder folder;
  for (const Call call : {Call::open, Call::write, Call::fsync, Call::rename, Call::unlink}) {
    const Planned planned(at_first(call, {.error = EINTR}));
    write_file_atomically(folder / "data", "bytes");
    CHECK(read_file(folder / "data") == "bytes");
  }
  const Planned planned(at_first(Call::write, {.is_short = true}));
  write_file_atomically(folder / "data", "other bytes");
  CHECK(read_file(folder / "data") == "other bytes");
}

TEST_CASE("a new file that fails goes, and the old one stands") {
  const surd::test::Folder folder;
  write_file_atomically(folder / "data", "old");
  for (const Call call : {Call::open, Call::write, Call::fsync, Call::rename}) {
    const Planned planned(at_first(call, {.error = ENOSPC}));
    CHECK_THROWS_WITH(write_file_atomically(folder / "data", "new"),
                      Contains("No space left on device"));
    CHECK(read_file(folder / "data") == "old");
    CHECK_FALSE(std::filesystem::exists(folder / "data.tmp"));
  }
  {
    NewFile file(folder / "data");
    file.write("half");
  }
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 1);
}

TEST_CASE("a site is the line that calls") {
  std::string file;
  int line = 0;
  const Planned planned([&](Call, const file_calls::Site& site) {
    file = site.file;
    line = site.line;
    return Fault{.error = EIO};
  });
  CHECK(file_calls::unlink("nothing") == -1);
  CHECK(line == __LINE__ - 1);
  CHECK_THAT(file, Catch::EndsWith("new_file_test.cpp"));
}

TEST_CASE("a link that was planted where a new file is made is not followed") {
  const surd::test::Folder folder;
  for (const char* planted : {"victim", "nothing"}) {  // a link to a file, a link to none
    std::ofstream(folder / "victim") << "precious";
    std::filesystem::create_symlink(folder / planted, folder / "data.tmp");
    write_file_atomically(folder / "data", "bytes");
    CHECK(read_file(folder / "victim") == "precious");
    CHECK_FALSE(std::filesystem::exists(folder / "nothing"));
    CHECK(read_file(folder / "data") == "bytes");
    CHECK_FALSE(is_link(folder / "data.tmp"));
  }
}

TEST_CASE("two processes that make one file at the same time do not mix") {
  const surd::test::Folder folder;
  NewFile first(folder / "data");
  first.write("first");
  NewFile second(folder / "data");
  second.write("second");
  CHECK_THROWS_WITH(first.commit(), Contains("another process writes the same file"));
  second.commit();
  CHECK(read_file(folder / "data") == "second");
}

TEST_CASE("a log goes through no link and into no pipe, and a full disk costs lines alone") {
  const surd::test::Folder folder;
  std::ofstream(folder / "victim") << "precious";
  std::filesystem::create_symlink(folder / "victim", folder / "link.log");
  REQUIRE(::mkfifo((folder / "pipe.log").c_str(), 0600) == 0);
  const pid_t child = ::fork();  // a log stays open
  if (child == 0) {
    int wrong = 0;
    for (const char* name : {"link.log", "pipe.log"}) {
      try {
        log::open((folder / name).string());
        ++wrong;
      } catch (const Error& error) {
        wrong += std::string(error.what()).find("cannot open the log file") == std::string::npos;
      }
    }
    log::open((folder / "run.log").string());
    {
      const Planned planned(at_first(Call::write, {.error = ENOSPC}));
      log::info("not written");
      log::info("written");
    }
    ::_exit(wrong);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  CHECK(status == 0);
  CHECK(read_file(folder / "victim") == "precious");
  CHECK_THAT(read_file(folder / "run.log"), Contains(" I written") && !Contains("not written"));
}

TEST_CASE("what goes wrong again and again is said once in a while") {
  const surd::test::Folder folder;
  const pid_t child = ::fork();
  if (child == 0) {
    log::open((folder / "run.log").string());
    log::Seldom seldom;
    log::Seldom always(0);
    for (int i = 0; i < 3; ++i) {
      seldom.warning("full {}", i);
      always.warning("still {}", i);
    }
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  const std::string text = read_file(folder / "run.log");
  CHECK_THAT(text, Contains("full 0") && !Contains("full 1") && Contains("still 2"));
}
