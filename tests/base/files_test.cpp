#include <catch2/catch.hpp>
#include "base/files.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include "base/error.hpp"
#include "folder.hpp"

namespace surd {
namespace {

// A folder of its own that goes when the test ends.
struct Folder {
  std::filesystem::path path = surd::test::new_folder("surd-files-test-");
  Folder() = default;
  ~Folder() { std::filesystem::remove_all(path); }
};

TEST_CASE("write_file_atomically replaces a file whole and leaves nothing beside it") {
  const Folder folder;
  const auto file = folder.path / "data";
  const std::string bytes("one\0two\n", 8);
  write_file_atomically(file, bytes);
  CHECK(read_file(file) == bytes);
  const std::string large(3'000'000, 'x');
  write_file_atomically(file, large);
  CHECK(read_file(file) == large);
  write_file_atomically(file, "");
  CHECK(read_file(file).empty());
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path), {}) == 1);
}

TEST_CASE("when writing fails the old file still stands and the error names the file") {
  const Folder folder;
  const auto file = folder.path / "data";
  write_file_atomically(file, "old");
  std::filesystem::create_directory(folder.path /
                                    "data.tmp");  // the temporary file cannot be opened
  try {
    write_file_atomically(file, "new");
    FAIL("no error");
  } catch (const Error& error) {
    CHECK(error.report().where == (folder.path / "data.tmp").string());
    CHECK(error.exit_code() == Exit::error);
  }
  CHECK(read_file(file) == "old");
  CHECK_THROWS_AS(write_file_atomically(folder.path / "absent" / "data", "x"), Error);
}

TEST_CASE("what is no regular file is not replaced: a pipe, a folder") {
  const Folder folder;
  const auto pipe = folder.path / "pipe";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  CHECK_THROWS_WITH(write_file_atomically(pipe, "data"), Catch::Contains("no regular file"));
  CHECK(std::filesystem::is_fifo(pipe));
  CHECK_THROWS_WITH(write_file_atomically(folder.path, "data"), Catch::Contains("no regular file"));
}

TEST_CASE("read_file refuses what is no file") {
  const Folder folder;
  CHECK_THROWS_AS(read_file(folder.path / "absent"), InputError);
  CHECK_THROWS_AS(read_file(folder.path), InputError);
}

TEST_CASE("a FIFO, a device and a folder are no files to read, and nobody waits for them") {
  const Folder folder;
  REQUIRE(::mkfifo((folder.path / "fifo").c_str(), 0600) == 0);
  CHECK_THROWS_AS(read_file(folder.path / "fifo"), InputError);
  CHECK_THROWS_WITH(read_file(folder.path / "fifo"), Catch::Matchers::Contains("it is a FIFO"));
  CHECK(read_start(folder.path / "fifo", 8).empty());
  for (const char* device : {"/dev/zero", "/dev/null"})
    CHECK_THROWS_WITH(read_file(device), Catch::Matchers::Contains("it is a device"));
  CHECK_THROWS_WITH(read_file(folder.path), Catch::Matchers::Contains("it is a folder"));
  CHECK_THROWS_WITH(read_file(folder.path / "none"),
                    Catch::Matchers::Contains("No such file or directory"));
}

TEST_CASE("a pipe without a name is read to its end, and the start of a file as far as asked") {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  REQUIRE(::write(ends[1], "text", 4) == 4);
  ::close(ends[1]);
  CHECK(read_file("/dev/fd/" + std::to_string(ends[0])) == "text");
  ::close(ends[0]);
  const Folder folder;
  write_file_atomically(folder.path / "data", "0123456789");
  CHECK(read_file(folder.path / "data", 4) == "0123");
  CHECK(read_start(folder.path / "data", 4) == "0123");
  CHECK(read_start(folder.path / "data", 40) == "0123456789");
  CHECK(read_start(folder.path / "none", 4).empty());
}

}  // namespace
}  // namespace surd
