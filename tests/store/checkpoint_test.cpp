#include "store/checkpoint.hpp"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>

#include "base/files.hpp"
#include "base/hash.hpp"
#include "store/sample.hpp"

using namespace surd;
using namespace surd::store;
using namespace surd::store::test;
using Catch::Matchers::Contains;

namespace {

std::vector<LaneState> lanes() {
  return {{{"0123456789abcdef0123456789abcdef"}, std::string("zero\0inside", 11)},
          {{"ffff"}, ""},
          {{"aaaa"}, std::string(1000, 'x')}};
}

}  // namespace

TEST_CASE("a checkpoint gives back each trial's bytes") {
  const Folder folder;
  const auto path = folder / checkpoint_name({12});
  CHECK(path.filename() == "attempt-000012.ckpt");
  write_checkpoint(path, lanes());
  for (const LaneState& lane : lanes()) CHECK(read_checkpoint(path, lane.id) == lane.bytes);
  CHECK(checkpoint_trials(path) ==
        std::vector<TrialId>{lanes()[0].id, lanes()[1].id, lanes()[2].id});
  CHECK(verify_checkpoint(path).empty());
  CHECK_FALSE(std::filesystem::exists(path.string() + ".tmp"));
  CHECK_THROWS_WITH(read_checkpoint(path, {"bbbb"}), Contains("does not hold trial bbbb"));
  CHECK_THROWS_AS(read_checkpoint(folder / "none.ckpt", {"bbbb"}), InputError);
}

TEST_CASE("any flipped bit of a checkpoint is found, and the other trials stay readable") {
  const Folder folder;
  write_checkpoint(folder / "whole", lanes());
  const std::string whole = read_file(folder / "whole");
  const std::size_t data_begin = whole.size() - 11 - 1000;
  for (std::size_t byte = 0; byte < whole.size(); ++byte) {
    std::string damaged = whole;
    damaged[byte] = static_cast<char>(damaged[byte] ^ (1 << byte % 8));
    put(folder / "damaged", damaged);
    REQUIRE(verify_checkpoint(folder / "damaged").size() == 1);
    const bool first_hurt = byte < data_begin + 11;
    const bool last_hurt = byte < data_begin || byte >= data_begin + 11;
    if (first_hurt) {
      REQUIRE_THROWS_WITH(read_checkpoint(folder / "damaged", lanes()[0].id),
                          Contains("damaged checkpoint") || Contains("newer surd"));
    } else {
      REQUIRE(read_checkpoint(folder / "damaged", lanes()[0].id) == lanes()[0].bytes);
    }
    if (last_hurt) {
      REQUIRE_THROWS_AS(read_checkpoint(folder / "damaged", lanes()[2].id), Error);
    } else {
      REQUIRE(read_checkpoint(folder / "damaged", lanes()[2].id) == lanes()[2].bytes);
    }
  }
}

TEST_CASE("a checkpoint cut off anywhere, or with bytes behind it, is damaged") {
  const Folder folder;
  write_checkpoint(folder / "whole", lanes());
  const std::string whole = read_file(folder / "whole");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    put(folder / "cut", whole.substr(0, size));
    REQUIRE_THROWS_WITH(read_checkpoint(folder / "cut", lanes()[0].id),
                        Contains("damaged checkpoint"));
  }
  put(folder / "cut", whole + "x");
  CHECK_THROWS_WITH(read_checkpoint(folder / "cut", lanes()[0].id), Contains("damaged checkpoint"));
}

TEST_CASE("an index whose checksum is right and whose content is not is damaged") {
  const Folder folder;
  const auto with_index = [](const std::string& index, const std::string& data) {
    const auto bytes_of = [](auto value) {
      return std::string(reinterpret_cast<const char*>(&value), sizeof value);
    };
    const std::string head = "SURDCKPT" + bytes_of(std::uint32_t{1}) +
                             bytes_of(static_cast<std::uint32_t>(index.size()));
    return head + bytes_of(hash64(head + index)) + index + data;
  };
  const std::string whole =
      R"({"lanes":[{"id":"a","offset":0,"bytes":2,"checksum":")" + hex(hash64("ab")) + "\"}]}";
  put(folder / "a.ckpt", with_index(whole, "ab"));
  REQUIRE(read_checkpoint(folder / "a.ckpt", {"a"}) == "ab");
  for (const char* lanes : {
           "no JSON",
           R"([])",
           R"({"lanes":7})",
           R"({"lanes":[{"id":"a","offset":0,"bytes":18446744073709551615,"checksum":"0"},
                         {"id":"b","offset":18446744073709551615,"bytes":3,"checksum":"0"}]})",
           R"({"lanes":[{"id":"a","offset":1,"bytes":2,"checksum":"0"}]})",
           R"({"lanes":[{"id":"a","offset":-1,"bytes":2,"checksum":"0"}]})",
           R"({"lanes":[{"id":5,"offset":0,"bytes":2,"checksum":"0"}]})",
       }) {
    CAPTURE(lanes);
    put(folder / "a.ckpt", with_index(lanes, "ab"));
    CHECK_THROWS_AS(read_checkpoint(folder / "a.ckpt", {"a"}), Error);
    CHECK(verify_checkpoint(folder / "a.ckpt").size() == 1);
  }
}

TEST_CASE("a checkpoint that cannot be written leaves the older one") {
  const Folder folder;
  const auto path = folder / "a.ckpt";
  write_checkpoint(path, lanes());
  const pid_t child = ::fork();
  if (child == 0) {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit small{100, 100};
    ::setrlimit(RLIMIT_FSIZE, &small);
    try {
      write_checkpoint(path, std::vector<LaneState>{{{"cccc"}, std::string(5000, 'y')}});
    } catch (const Error& error) {
      ::_exit(std::string(error.what()).find("a.ckpt.tmp: cannot write: File too large") !=
                      std::string::npos
                  ? 7
                  : 8);
    }
    ::_exit(9);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  CHECK(WEXITSTATUS(status) == 7);
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 1);
  CHECK(read_checkpoint(path, lanes()[2].id) == lanes()[2].bytes);
  CHECK_THROWS_WITH(write_checkpoint(path, std::vector<LaneState>{{{"dd"}, ""}, {{"dd"}, ""}}),
                    Contains("a trial twice"));
}

TEST_CASE("stale checkpoints and temporaries go, needed ones and other files stay") {
  const Folder folder;
  for (const char* name : {"a.ckpt", "b.ckpt", "b.ckpt.tmp", "notes.txt"}) put(folder / name, "x");
  CHECK(remove_stale_checkpoints(folder.path(), {"a.ckpt"}) == 2);
  CHECK(std::filesystem::exists(folder / "a.ckpt"));
  CHECK(std::filesystem::exists(folder / "notes.txt"));
  CHECK_FALSE(std::filesystem::exists(folder / "b.ckpt"));
}
