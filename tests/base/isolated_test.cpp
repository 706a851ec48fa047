#include "base/isolated.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <filesystem>
#include <vector>

#include "base/error.hpp"
#include "base/files.hpp"
#include "folder.hpp"

using namespace surd;
using Catch::Matchers::Contains;

namespace {

// So that no compiler sees that the loop has no end.
volatile bool endless = true;

using Body = std::function<std::string()>;

Isolated isolate(const Body& body, IsolatedLimits limits = {}) {
  return isolated(limits, [&](const Put& put) { put(body()); });
}

std::string death(const Body& body, IsolatedLimits limits = {}) {
  return isolate(body, limits).death;
}

}  // namespace

TEST_CASE("an isolated body gives back its bytes, however many, and its errors") {
  std::string large(10'000'000, 'x');
  large[5'000'000] = '\0';
  const Isolated got = isolate([&] { return large; });
  CHECK(got.bytes == large);
  CHECK(got.death.empty());
  CHECK(isolate([] { return std::string(); }).bytes.empty());
  const Isolated parts = isolated({}, [](const Put& put) {
    for (const char* part : {"a", "", "bc"}) put(part);
  });
  CHECK(parts.bytes == "abc");

  const Report report{
      .what = "what", .where = "where", .expected = "more", .got = "less", .advice = "Do it"};
  CHECK_THROWS_AS(isolate([&]() -> std::string { throw InputError(report); }), InputError);
  CHECK_THROWS_WITH(isolate([&]() -> std::string { throw Error(report); }), to_string(report));
  try {
    isolate([&]() -> std::string { throw Error(report); });
  } catch (const InputError&) {
    FAIL("an Error came back as one of input");
  } catch (const Error&) {
  }
  CHECK_THROWS_WITH(isolate([]() -> std::string { throw std::runtime_error("odd"); }), "odd");
  CHECK_THROWS_WITH(isolated({},
                             [&](const Put& put) {
                               put(large);
                               throw Error(report);
                             }),
                    to_string(report));
}

TEST_CASE("what ends an isolated body is told in words") {
  CHECK_THAT(death([]() -> std::string {
               ::raise(SIGSEGV);
               return "";
             }),
             Contains("crashed (signal 11)"));
  CHECK_THAT(death([]() -> std::string { ::abort(); }), Contains("crashed (signal 6)"));
  CHECK_THAT(death([]() -> std::string { ::_exit(0); }), Contains("without an answer"));
  CHECK_THAT(death(
                 []() -> std::string {
                   while (endless) {
                   }
                   return "";
                 },
                 {.cpu_s = 1}),
             Contains("within 1 s of processor time"));
  CHECK_THAT(death(
                 []() -> std::string {
                   ::pause();
                   return "";
                 },
                 {.wall_s = 0.2}),
             Contains("did not end within"));
#ifndef __SANITIZE_ADDRESS__  // whose allocator ends the process itself
  CHECK_THAT(death(
                 [] {
                   const std::vector<char> much(std::size_t{1} << 32U);
                   return std::string(1, much[endless ? 7 : 8]);
                 },
                 {.memory_bytes = std::size_t{1} << 28U}),
             Contains("more memory"));
#endif
}

TEST_CASE("an isolated body keeps no descriptor, writes to no stream and is deaf to a stop") {
  const test::Folder folder;
  const int held = ::open((folder / "lock").c_str(), O_RDWR | O_CREAT, 0644);
  REQUIRE(held >= 0);
  const Isolated got = isolate([&] {
    std::printf("not to be seen");
    std::fflush(stdout);
    ::raise(SIGTERM);
    ::raise(SIGINT);
    return std::to_string(::fcntl(held, F_GETFD));
  });
  CHECK(got.bytes == "-1");
  ::close(held);
}

TEST_CASE("an isolated body dies with the process that waits for it") {
  const test::Folder folder;
  const pid_t middle = ::fork();
  REQUIRE(middle >= 0);
  if (middle == 0) {
    isolate([&]() -> std::string {
      write_file_atomically(folder / "pid", std::to_string(::getpid()));
      ::pause();
      return "";
    });
    ::_exit(0);
  }
  for (int i = 0; i < 1000 && !std::filesystem::exists(folder / "pid"); ++i) ::usleep(10'000);
  const std::string stat = fmt::format("/proc/{}/stat", read_file(folder / "pid"));
  ::kill(middle, SIGKILL);
  int status = 0;
  REQUIRE(::waitpid(middle, &status, 0) == middle);
  const auto is_gone = [&] {
    try {
      const std::string text = read_file(stat);
      return text[text.rfind(") ") + 2] == 'Z';  // that nobody has collected yet
    } catch (const Error&) {
      return true;
    }
  };
  for (int i = 0; i < 1000 && !is_gone(); ++i) ::usleep(10'000);
  CHECK(is_gone());
}
