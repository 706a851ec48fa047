#include "base/isolated.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <new>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"

namespace surd {
namespace {

// What the child sends ends with one of these, and then with `whole`; before an error's stand its
// parts, and before them their size.
constexpr char returned = 'r', error = 'e', input_error = 'i', no_memory = 'm', whole = '.';

// --- The child

// All but `kept`, and standard streams of its own.
void close_descriptors(int kept) {
  std::vector<int> open;
  std::error_code code;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd", code)) {
    const std::string name = entry.path().filename().string();
    int fd = -1;
    std::from_chars(name.data(), name.data() + name.size(), fd);
    open.push_back(fd);
  }
  for (const int fd : open) {
    if (fd > STDERR_FILENO && fd != kept) ::close(fd);
  }
  const int nothing = ::open("/dev/null", O_RDWR);
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::dup2(nothing, stream);
  if (nothing > STDERR_FILENO) ::close(nothing);
}

void set_signals() {
  for (const int stop : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGPIPE})
    ::signal(stop, SIG_IGN);  // it is the parent that stops, and the child dies with it
  for (const int fault : {SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGXCPU, SIGALRM})
    ::signal(fault, SIG_DFL);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

void limit(decltype(RLIMIT_CPU) what, double soft) {
  rlimit now{};
  if (::getrlimit(what, &now) != 0) return;
  const auto wanted = static_cast<rlim_t>(soft);
  now.rlim_cur = now.rlim_max == RLIM_INFINITY ? wanted : std::min(wanted, now.rlim_max);
  ::setrlimit(what, &now);
}

void set_limits(const IsolatedLimits& limits) {
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_CPU, std::ceil(limits.cpu_s));
  double pages = 0;
  if (std::ifstream("/proc/self/statm") >> pages) {
    limit(RLIMIT_AS, pages * static_cast<double>(::sysconf(_SC_PAGESIZE)) +
                         static_cast<double>(limits.memory_bytes));
  }
}

void add_text(std::string& bytes, const std::string& text) {
  const std::size_t size = text.size();
  bytes.append(reinterpret_cast<const char*>(&size), sizeof size).append(text);
}

std::string end_of(const Report& report, bool is_input) {
  std::string bytes;
  for (const auto* part :
       {&report.what, &report.where, &report.expected, &report.got, &report.advice})
    add_text(bytes, *part);
  const std::size_t size = bytes.size();
  bytes.append(reinterpret_cast<const char*>(&size), sizeof size);
  return bytes += is_input ? input_error : error;
}

// What comes after all that the body put.
std::string end_after(const std::function<void(const Put&)>& body, const Put& put) {
  try {
    body(put);
    return std::string(1, returned);
  } catch (const Error& caught) {
    return end_of(caught.report(), dynamic_cast<const InputError*>(&caught) != nullptr);
  } catch (const std::bad_alloc&) {
    return std::string(1, no_memory);
  } catch (const std::exception& caught) {
    return end_of({.what = caught.what()}, false);
  }
}

[[noreturn]] void be_child(int out, pid_t parent, const IsolatedLimits& limits,
                           const std::function<void(const Put&)>& body) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(1);  // it died before it could be told so
  set_signals();
  close_descriptors(out);
  set_limits(limits);
  const Put put = [out](std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t written = ::write(out, bytes.data(), bytes.size());
      if (written < 0 && errno != EINTR) ::_exit(1);
      if (written > 0) bytes.remove_prefix(static_cast<std::size_t>(written));
    }
  };
  put(end_after(body, put) += whole);
  ::_exit(0);
}

// --- The parent

// Grows in place where the system can move pages: a string would copy them.
class Bytes {
 public:
  ~Bytes() { std::free(data_); }
  Bytes() = default;
  Bytes(const Bytes&) = delete;
  Bytes& operator=(const Bytes&) = delete;

  // As read().
  ssize_t read_from(int fd) {
    constexpr std::size_t part = std::size_t{1} << 20U;
    if (capacity_ - size_ < part) {
      capacity_ = 2 * capacity_ + part;
      char* const larger = static_cast<char*>(std::realloc(data_, capacity_));
      if (larger == nullptr) throw std::bad_alloc();
      data_ = larger;
    }
    const ssize_t got = ::read(fd, data_ + size_, capacity_ - size_);
    if (got > 0) size_ += static_cast<std::size_t>(got);
    return got;
  }
  std::string_view view() const { return {data_, size_}; }
  std::shared_ptr<const char> release() {
    return {std::exchange(data_, nullptr),
            [](const char* data) { std::free(const_cast<char*>(data)); }};
  }

 private:
  char* data_ = nullptr;
  std::size_t size_ = 0, capacity_ = 0;
};

// All that comes before the end or the time limit; whether the end came.
bool receive(int in, double wall_s, Bytes& bytes) {
  using Clock = std::chrono::steady_clock;
  const auto end = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                      std::chrono::duration<double>(wall_s));
  while (true) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now()).count();
    if (left <= 0) return false;
    pollfd wait{.fd = in, .events = POLLIN, .revents = 0};
    if (::poll(&wait, 1, static_cast<int>(std::min<long>(left, 1'000'000))) <= 0) continue;
    const ssize_t got = bytes.read_from(in);
    if (got == 0 || (got < 0 && errno != EINTR)) return true;
  }
}

std::string death_of(int status, const IsolatedLimits& limits, bool in_time) {
  if (!in_time) return fmt::format("it did not end within {:.0f} s", limits.wall_s);
  if (!WIFSIGNALED(status)) return "it ended without an answer";
  switch (WTERMSIG(status)) {
    case SIGXCPU:
      return fmt::format("it did not end within {:.0f} s of processor time",
                         std::ceil(limits.cpu_s));
    case SIGKILL: return "it was killed (signal 9)";
    default: return fmt::format("it crashed (signal {})", WTERMSIG(status));
  }
}

// Of bytes that end with a report and its size.
Report report_in(std::string_view bytes) {
  const auto size_at = [&](std::size_t at) {
    std::size_t size = 0;
    if (at + sizeof size <= bytes.size()) std::memcpy(&size, bytes.data() + at, sizeof size);
    return size;
  };
  if (bytes.size() < sizeof(std::size_t)) return {};
  const std::size_t whole_size = size_at(bytes.size() - sizeof(std::size_t));
  bytes.remove_suffix(sizeof(std::size_t));
  bytes.remove_prefix(bytes.size() - std::min(whole_size, bytes.size()));
  Report report;
  for (auto* part : {&report.what, &report.where, &report.expected, &report.got, &report.advice}) {
    const std::size_t size = size_at(0);
    bytes.remove_prefix(std::min(sizeof size, bytes.size()));
    *part = bytes.substr(0, size);
    bytes.remove_prefix(std::min(size, bytes.size()));
  }
  return report;
}

// The child's number; `in`: where to read what it sends.
pid_t start(const IsolatedLimits& limits, const std::function<void(const Put&)>& body, int& in) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0)
    throw Error(fmt::format("cannot make a pipe: {}", std::strerror(errno)));
  ::fcntl(ends[0], F_SETPIPE_SZ, 1 << 20);  // fewer turns; a smaller one serves too
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child == 0) be_child(ends[1], parent, limits, body);
  const int reason = errno;
  ::close(ends[1]);
  in = ends[0];
  if (child > 0) return child;
  ::close(in);
  throw Error(fmt::format("cannot fork: {}", std::strerror(reason)));
}

}  // namespace

Isolated isolated(const IsolatedLimits& limits, const std::function<void(const Put&)>& body) {
  int in = -1;
  const pid_t child = start(limits, body, in);
  Bytes sent;
  const bool in_time = receive(in, limits.wall_s, sent);
  ::close(in);
  if (!in_time) ::kill(child, SIGKILL);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  std::string_view bytes = sent.view();
  if (bytes.size() < 2 || bytes.back() != whole || !in_time || WIFSIGNALED(status))
    return {.memory = {}, .bytes = {}, .death = death_of(status, limits, in_time)};
  const char kind = bytes[bytes.size() - 2];
  bytes.remove_suffix(2);
  switch (kind) {
    case returned: return {.memory = sent.release(), .bytes = bytes, .death = {}};
    case input_error: throw InputError(report_in(bytes));
    case error: throw Error(report_in(bytes));
    default:
      return {.memory = {}, .bytes = {}, .death = "it asked for more memory than it can need"};
  }
}

}  // namespace surd
