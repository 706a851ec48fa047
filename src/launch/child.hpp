// A program that runs as a child of this one.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace surd::launch {

struct Command {
  std::vector<std::string> words;          // the first is the path of the program
  std::vector<std::string> environment{};  // NAME=value, over what this process has
};

struct Output {
  int code = 0;      // 128 + the signal where one ended it, as a shell says it
  std::string text;  // of stdout and stderr
};

// Runs it to its end. Error where it cannot be started.
Output output_of(const Command& command);

struct End {
  int code = 0;             // as above
  bool stop_asked = false;  // SIGINT, SIGTERM or SIGUSR1 came while it ran
};

// Runs it in a process group of its own, so that a terminal's Ctrl-C comes here alone, and with no
// stdin. SIGINT, SIGTERM and SIGUSR1 go on to it as SIGUSR1, once a second until `has_heard` says
// so, since a launcher that is still starting drops them; a second SIGINT, a second or more after
// the first, goes on as SIGTERM. Where this process dies, the child gets SIGUSR1. Says on stderr
// what a signal does. Error where the program cannot be started.
End run_with_signals(const Command& command, const std::function<bool()>& has_heard);

// Puts the program in the place of this process; returns only by an Error.
[[noreturn]] void become(const Command& command);

}  // namespace surd::launch
