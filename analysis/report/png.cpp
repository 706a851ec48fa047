#include "analysis/report/png.hpp"

#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <sstream>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/new_file.hpp"

extern char** environ;

namespace surd::analysis {

std::filesystem::path find_rsvg_convert(const std::string& flag) {
  const char* path = std::getenv("PATH");
  std::istringstream folders(path ? path : "");
  for (std::string folder; std::getline(folders, folder, ':');) {
    const std::filesystem::path program =
        std::filesystem::path(folder.empty() ? "." : folder) / "rsvg-convert";
    std::error_code code;
    if (std::filesystem::is_regular_file(program, code) && ::access(program.c_str(), X_OK) == 0)
      return program;
  }
  throw InputError(
      {.what = "PNG and PDF files are made by rsvg-convert, which is not installed",
       .where = flag,
       .expected = "rsvg-convert in PATH",
       .advice = "Install it (Debian: apt install librsvg2-bin), or take the SVG files alone"});
}

namespace {

void convert(const std::filesystem::path& rsvg_convert, const std::filesystem::path& svg,
             const std::string& format, double zoom) {
  auto drawn = svg;
  drawn.replace_extension("." + format);
  NewFile file(drawn);  // which rsvg-convert writes as its output
  // Absolute, so that no name is taken for an option.
  std::vector<std::string> words = {rsvg_convert.string(),
                                    "--zoom",
                                    fmt::format("{}", zoom),
                                    "--format",
                                    format,
                                    std::filesystem::absolute(svg).string()};
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_t child = 0;
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, file.descriptor(), STDOUT_FILENO);
  const int failed =
      ::posix_spawn(&child, rsvg_convert.c_str(), &actions, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (failed != 0)
    throw Error(
        {.what = "cannot start", .where = rsvg_convert.string(), .got = std::strerror(failed)});
  int status = 0;
  while (::waitpid(child, &status, 0) < 0) {
    if (errno != EINTR)
      throw Error({.what = "lost", .where = rsvg_convert.string(), .got = std::strerror(errno)});
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    throw Error({.what = "rsvg-convert could not draw it",
                 .where = svg.string(),
                 .got = WIFEXITED(status) ? "exit code " + std::to_string(WEXITSTATUS(status))
                                          : "signal " + std::to_string(WTERMSIG(status)),
                 .advice = "What it said is above"});
  file.commit();
}

}  // namespace

void write_png(const std::filesystem::path& rsvg_convert, const std::filesystem::path& svg,
               double zoom) {
  convert(rsvg_convert, svg, "png", zoom);
}

void write_pdf(const std::filesystem::path& rsvg_convert, const std::filesystem::path& svg) {
  convert(rsvg_convert, svg, "pdf", 1);
}

}  // namespace surd::analysis
