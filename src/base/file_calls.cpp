#include "base/file_calls.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <utility>

namespace surd::file_calls {
namespace {

Plan current_plan;  // empty but in tests

Fault fault_of(Call call, const Site& site) {
  return current_plan ? current_plan(call, site) : Fault{};
}

// Calls `body` until it is not interrupted.
template <typename Body>
int called(Call call, const Site& site, Body body) {
  while (true) {
    const Fault fault = fault_of(call, site);
    const int got = fault.error == 0 ? body() : -1;
    if (fault.error != 0) errno = fault.error;
    if (got >= 0 || errno != EINTR) return got;
  }
}

}  // namespace

Planned::Planned(Plan plan) { current_plan = std::move(plan); }
Planned::~Planned() { current_plan = nullptr; }

int open(const std::filesystem::path& path, int flags, Site site) {
  return called(Call::open, site, [&] { return ::open(path.c_str(), flags | O_CLOEXEC, 0644); });
}

int write(int fd, std::string_view bytes, Site site) {
  while (!bytes.empty()) {
    const Fault fault = fault_of(Call::write, site);
    const std::size_t part = fault.is_short ? (bytes.size() + 1) / 2 : bytes.size();
    const ssize_t written = fault.error == 0 ? ::write(fd, bytes.data(), part) : -1;
    if (fault.error != 0) errno = fault.error;
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return -1;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

int fsync(int fd, Site site) {
  return called(Call::fsync, site, [&] { return ::fsync(fd); });
}

int rename(const std::filesystem::path& from, const std::filesystem::path& to, Site site) {
  return called(Call::rename, site, [&] { return ::rename(from.c_str(), to.c_str()); });
}

int link(const std::filesystem::path& from, const std::filesystem::path& to, Site site) {
  return called(Call::link, site, [&] { return ::link(from.c_str(), to.c_str()); });
}

int truncate(int fd, std::int64_t size_bytes, Site site) {
  return called(Call::truncate, site, [&] { return ::ftruncate(fd, size_bytes); });
}

int unlink(const std::filesystem::path& path, Site site) {
  return called(Call::unlink, site, [&] { return ::unlink(path.c_str()); });
}

}  // namespace surd::file_calls
