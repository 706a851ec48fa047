#include "launch/child.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <string_view>

#include "base/clock.hpp"
#include "base/error.hpp"

namespace surd::launch {
namespace {

constexpr double again_after_s = 1;

Error system_error(const std::string& what, int number) {
  return Error(fmt::format("{}: {}", what, std::strerror(number)));
}

// argv and envp of a command, as execve wants them.
class ExecWords {
 public:
  explicit ExecWords(const Command& command) : words_(command.words) {
    for (char** entry = environ; *entry != nullptr; ++entry) {
      const std::string_view old = *entry;
      const std::string_view name = old.substr(0, old.find('=') + 1);
      const auto replaces = [&](const std::string& text) { return text.starts_with(name); };
      if (std::none_of(command.environment.begin(), command.environment.end(), replaces))
        settings_.emplace_back(old);
    }
    settings_.insert(settings_.end(), command.environment.begin(), command.environment.end());
    for (std::string& word : words_) argv_.push_back(word.data());
    for (std::string& setting : settings_) envp_.push_back(setting.data());
    argv_.push_back(nullptr);
    envp_.push_back(nullptr);
  }
  // Returns errno where it fails. Safe between fork and exec.
  int exec() const {
    ::execve(argv_.front(), argv_.data(), envp_.data());
    return errno;
  }

 private:
  std::vector<std::string> words_, settings_;
  std::vector<char*> argv_, envp_;
};

int code_of(int status) {
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

class Pipe {
 public:
  Pipe() {
    if (::pipe2(ends_.data(), O_CLOEXEC) != 0) throw system_error("no pipe", errno);
  }
  ~Pipe() { close_read(), close_write(); }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  int read_end() const { return ends_[0]; }
  int write_end() const { return ends_[1]; }
  void close_read() { close(ends_[0]); }
  void close_write() { close(ends_[1]); }
  // All that comes until the last writer has closed it.
  std::string read_all() const {
    std::string text;
    std::array<char, 4096> buffer{};
    while (true) {
      const ssize_t count = ::read(read_end(), buffer.data(), buffer.size());
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) return text;
      text.append(buffer.data(), static_cast<std::size_t>(count));
    }
  }

 private:
  static void close(int& end) {
    if (end >= 0) ::close(end);
    end = -1;
  }
  std::array<int, 2> ends_{-1, -1};
};

// Forks; the child calls `prepare` (which may do only what is safe after a fork) and becomes the
// command. Error where it could not.
template <typename Prepare>
pid_t start(const Command& command, Prepare prepare) {
  const ExecWords words(command);
  Pipe failure;  // closed by the exec; else the child's errno comes through
  const pid_t pid = ::fork();
  if (pid < 0) throw system_error("no new process", errno);
  if (pid == 0) {
    prepare();
    const int number = words.exec();
    [[maybe_unused]] const auto written = ::write(failure.write_end(), &number, sizeof number);
    ::_exit(127);
  }
  failure.close_write();
  const std::string bytes = failure.read_all();
  if (bytes.size() < sizeof(int)) return pid;
  ::waitpid(pid, nullptr, 0);
  int number = 0;
  std::memcpy(&number, bytes.data(), sizeof number);
  throw system_error(fmt::format("{} cannot be started", command.words.front()), number);
}

void use_nothing_as_stdin() {
  const int nothing = ::open("/dev/null", O_RDONLY);
  if (nothing > 0) {
    ::dup2(nothing, STDIN_FILENO);
    ::close(nothing);
  }
}

// Keeps the signals that concern a child from their usual effects, for sigtimedwait to fetch.
class WaitedSignals {
 public:
  WaitedSignals() {
    sigemptyset(&set_);
    for (const int signal : {SIGINT, SIGTERM, SIGUSR1, SIGCHLD}) sigaddset(&set_, signal);
    struct sigaction usual {};
    usual.sa_handler = SIG_DFL;
    sigemptyset(&usual.sa_mask);
    ::sigaction(SIGCHLD, &usual, &former_child_);  // where it is ignored, nobody hears of an end
    ::pthread_sigmask(SIG_BLOCK, &set_, &former_);
  }
  ~WaitedSignals() {
    restore_mask();
    ::sigaction(SIGCHLD, &former_child_, nullptr);
  }
  WaitedSignals(const WaitedSignals&) = delete;
  WaitedSignals& operator=(const WaitedSignals&) = delete;
  void restore_mask() const { ::pthread_sigmask(SIG_SETMASK, &former_, nullptr); }
  // The next of them; 0 after so many seconds without one.
  int wait(double seconds) const {
    timespec time{};
    time.tv_sec = static_cast<time_t>(seconds);
    time.tv_nsec = static_cast<long>(1e9 * (seconds - static_cast<double>(time.tv_sec)));
    const int signal = ::sigtimedwait(&set_, nullptr, &time);
    return signal < 0 ? 0 : signal;
  }

 private:
  sigset_t set_{}, former_{};
  struct sigaction former_child_ {};
};

}  // namespace

Output output_of(const Command& command) {
  Pipe output;
  const pid_t pid = start(command, [&] {
    use_nothing_as_stdin();
    ::dup2(output.write_end(), STDOUT_FILENO);
    ::dup2(output.write_end(), STDERR_FILENO);
  });
  output.close_write();
  Output result{.code = 0, .text = output.read_all()};
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  result.code = code_of(status);
  return result;
}

End run_with_signals(const Command& command, const std::function<bool()>& has_heard) {
  const WaitedSignals signals;
  const pid_t parent = ::getpid();
  const pid_t pid = start(command, [&] {
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGUSR1);
    if (::getppid() != parent) ::_exit(127);  // it died before that could be asked for
    use_nothing_as_stdin();
    signals.restore_mask();
  });
  double asked_s = 0;
  bool heard = false;
  End end;
  while (true) {
    const int signal = signals.wait(again_after_s);
    int status = 0;
    if (::waitpid(pid, &status, WNOHANG) == pid) {
      end.code = code_of(status);
      return end;
    }
    if (signal == SIGCHLD) continue;
    if (signal != 0 && !end.stop_asked) {
      end.stop_asked = true;
      asked_s = steady_time_s();
      fmt::print(stderr, "surd: stopping with checkpoints{}\n",
                 signal == SIGINT ? "; Ctrl-C once more ends it at once, without" : "");
    } else if (signal == SIGINT && steady_time_s() - asked_s >= again_after_s) {
      fmt::print(stderr, "surd: ending at once; what is not saved is lost\n");
      ::kill(pid, SIGTERM);
      heard = true;  // nothing more to say
    }
    heard = heard || (end.stop_asked && signal == 0 && has_heard());
    if (end.stop_asked && !heard) ::kill(pid, SIGUSR1);
  }
}

void become(const Command& command) {
  const int number = ExecWords(command).exec();
  throw system_error(fmt::format("{} cannot be started", command.words.front()), number);
}

}  // namespace surd::launch
