#include "store/lock.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/file_calls.hpp"
#include "base/files.hpp"
#include "base/json.hpp"
#include "base/log.hpp"

namespace surd::store {
namespace {

enum class Answer { taken, held, unsupported };

// An open-file-description lock: unlike a process lock it is not lost when this process reads the
// journal and closes it again.
Answer try_lock(int fd, const std::filesystem::path& path) {
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  if (::fcntl(fd, F_OFD_SETLK, &lock) == 0) return Answer::taken;
  switch (errno) {
    case EAGAIN:
    case EACCES: return Answer::held;
    case ENOLCK:
    case ENOSYS:
    case EINVAL:
    case EOPNOTSUPP: return Answer::unsupported;
    default:
      throw Error(
          {.what = std::string("cannot lock: ") + std::strerror(errno), .where = path.string()});
  }
}

struct Holder {
  std::string host;
  long pid = 0;
  std::string since;
};

Holder read_holder(const std::filesystem::path& side_file) {
  try {
    const Json json = Json::parse(read_file(side_file));
    return {json.value("host", ""), json.value("pid", 0L), json.value("since", "")};
  } catch (const std::exception&) {
    return {};  // being written just now, or lost: it serves the message only
  }
}

[[noreturn]] void refuse(const std::filesystem::path& side_file, const std::string& advice) {
  const Holder holder = read_holder(side_file);
  const std::string who = holder.host.empty() ? "another process (its name is not written yet)"
                                              : fmt::format("process {} on host {} since {}",
                                                            holder.pid, holder.host, holder.since);
  throw InputError({.what = "this run folder is being written by " + who,
                    .where = side_file.parent_path().string(),
                    .advice = advice.empty()
                                  ? "Wait for it, or stop it, or choose another folder with --out"
                                  : advice});
}

// Seconds since the last beat, by the clock of the file server: clocks of nodes differ.
double silence_s(const std::filesystem::path& side_file, const std::filesystem::path& probe) {
  write_file_atomically(probe, "");
  struct stat now {};
  struct stat then {};
  const bool known = ::stat(probe.c_str(), &now) == 0 && ::stat(side_file.c_str(), &then) == 0;
  file_calls::unlink(probe);
  return known ? static_cast<double>(now.st_mtim.tv_sec - then.st_mtim.tv_sec) : 0;
}

bool dead_here(const Holder& holder) {
  return holder.host == host_name() && holder.pid > 0 &&
         ::kill(static_cast<pid_t>(holder.pid), 0) != 0 && errno == ESRCH;
}

void take_heartbeat(const std::filesystem::path& side_file, const std::string& content) {
  const int fd = file_calls::open(side_file, O_WRONLY | O_CREAT | O_EXCL);
  if (fd >= 0) {
    ::close(fd);
  } else if (errno != EEXIST) {
    throw Error({.what = std::string("cannot create: ") + std::strerror(errno),
                 .where = side_file.string()});
  } else if (!dead_here(read_holder(side_file))) {
    auto probe = side_file;
    probe += fmt::format(".{}.probe", ::getpid());
    const double silent_s = silence_s(side_file, probe);
    if (silent_s < heartbeat_stale_s) {
      refuse(side_file,
             fmt::format(
                 "This file system has no locks. If that process is dead, try again in {:.0f} s",
                 heartbeat_stale_s - silent_s));
    }
  }
  write_file_atomically(side_file, content);
}

}  // namespace

std::string host_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return "unknown";
  return name.data();
}

std::filesystem::path lock_file_of(std::filesystem::path journal) {
  return journal.replace_extension(".lock.json");
}

WriterLock::WriterLock(int fd, std::filesystem::path side_file, LockKind kind)
    : side_file_(std::move(side_file)),
      content_(Json{{"host", host_name()},
                    {"pid", static_cast<long>(::getpid())},
                    {"since", iso_time(unix_time_s())}}
                   .dump() +
               "\n") {
  const Answer answer =
      kind == LockKind::heartbeat ? Answer::unsupported : try_lock(fd, side_file_);
  if (answer == Answer::held) refuse(side_file_, "");
  heartbeat_ = answer == Answer::unsupported;
  if (heartbeat_) {
    take_heartbeat(side_file_, content_);
    return;
  }
  try {
    write_file_atomically(side_file_, content_);
  } catch (const Error& error) {  // it only serves the message to a second process
    log::warning("{}", error.what());
  }
}

WriterLock::~WriterLock() {
  // A true lock goes with its descriptor; its side file may stay: whoever locks next overwrites it.
  if (!heartbeat_) return;
  file_calls::unlink(side_file_);
}

void WriterLock::beat() {
  if (!heartbeat_) return;
  if (read_file(side_file_) != content_) {
    heartbeat_ = false;  // the file is the other's now
    refuse(side_file_,
           "It took over because this process was silent for too long; stop one of them");
  }
  // By its time alone, which takes no room on a full disk; the clock is the file server's.
  if (::utimensat(AT_FDCWD, side_file_.c_str(), nullptr, 0) != 0)
    throw Error({.what = fmt::format("cannot renew the heartbeat: {}", std::strerror(errno)),
                 .where = side_file_.string()});
}

}  // namespace surd::store
