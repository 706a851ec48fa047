#include "base/option.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "folder.hpp"

namespace surd {
namespace {

TEST_CASE("a positive number is one that is finite and above 0, and nothing but a number") {
  for (const char* text : {"1", "0.5", "+3", "1e12", "1e-300", ".5"})
    CHECK(positive_number(text).empty());
  for (const char* text :
       {"0", "-1", "-0.0", "nan", "inf", "1e999", "", "x", "1x", "+", "++1", "1 "}) {
    CHECK(positive_number(text) == "expected a number above 0, got '" + std::string(text) + "'");
  }
}

TEST_CASE(
    "a file that cannot be written is refused by the name that was given, with what is missing and "
    "what to do") {
  const surd::test::Folder folder;
  const std::string path = folder.path().string();
  CHECK(output_file(path + "/new.csv").empty());
  CHECK(output_file("new.csv").empty());
  std::ofstream(folder / "old.csv") << "1\n";
  CHECK(output_file(path + "/old.csv").empty());
  CHECK(output_file(path + "/absent/x.csv") ==
        path + "/absent/x.csv cannot be written: the folder " + path +
            "/absent does not exist. Make it first, or name a file elsewhere");
  CHECK(output_file(path) == path + " cannot be written: it is a folder. Name a file in it");
  CHECK(output_file(path + "/old.csv/x") == path + "/old.csv/x cannot be written: " + path +
                                                "/old.csv is no folder. Name a file elsewhere");
  CHECK(output_file("/dev/null") ==
        "/dev/null cannot be written: it exists and is no regular file. Name a new one");
  CHECK(output_file("") == "expected the name of a file, got nothing");
  if (::geteuid() != 0) {  // root may write everywhere
    ::chmod(path.c_str(), 0500);
    CHECK(output_file(path + "/new.csv") == path + "/new.csv cannot be written: the folder " +
                                                path +
                                                ": Permission denied. Name a file elsewhere");
    ::chmod(path.c_str(), 0700);
  }
}

}  // namespace
}  // namespace surd
