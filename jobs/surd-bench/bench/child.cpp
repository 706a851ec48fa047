#include "bench/child.hpp"

#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/error.hpp"

namespace surd::bench {
namespace {

Error failed_call(const char* call) {
  return Error({.what = std::string(call) + " failed", .where = {}, .got = std::strerror(errno)});
}

}  // namespace

Child::Child(const std::vector<std::string>& command) : name_(command.front()) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
    throw failed_call("socketpair");
  std::vector<char*> arguments;
  for (const std::string& argument : command)
    arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  pid_ = ::fork();
  if (pid_ == 0) {
    ::dup2(ends[1], STDIN_FILENO);
    ::dup2(ends[1], STDOUT_FILENO);
    ::execvp(arguments.front(), arguments.data());
    ::_exit(127);
  }
  ::close(ends[1]);
  socket_ = ends[0];
  if (pid_ < 0) {
    ::close(socket_);
    throw failed_call("fork");
  }
}

Child::~Child() {
  ::close(socket_);
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

void Child::throw_ended() {
  int status = 0;
  ::waitpid(pid_, &status, 0);
  pid_ = -1;
  const bool signalled = WIFSIGNALED(status);
  throw Error({.what = "a process that was asked something has ended",
               .where = name_,
               .expected = "an answer",
               .got = (signalled ? "signal " : "exit code ") +
                      std::to_string(signalled ? WTERMSIG(status) : WEXITSTATUS(status)),
               .advice = "What it said is above"});
}

void Child::write(const void* bytes, std::size_t size) {
  const char* next = static_cast<const char*>(bytes);
  while (size > 0) {
    const ssize_t sent = ::send(socket_, next, size, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) throw_ended();
    next += sent;
    size -= static_cast<std::size_t>(sent);
  }
}

std::string Child::read_line() {
  std::size_t end = std::string::npos;
  while ((end = unread_.find('\n')) == std::string::npos) {
    std::array<char, 4096> part{};
    const ssize_t got = ::recv(socket_, part.data(), part.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) throw_ended();
    unread_.append(part.data(), static_cast<std::size_t>(got));
  }
  std::string line = unread_.substr(0, end);
  unread_.erase(0, end + 1);
  return line;
}

}  // namespace surd::bench
