#include "base/log.hpp"

#include <fcntl.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <mutex>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/file_calls.hpp"

namespace surd::log {
namespace {

// Appends each line at once. Never through a link that was planted at its name, and without a word
// where the disk is full: the lines go to stderr too.
class FileSink : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit FileSink(const std::string& path)
      : fd_(file_calls::open(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK)) {
    struct stat file {};
    if (fd_ >= 0 && ::fstat(fd_, &file) == 0 && S_ISREG(file.st_mode)) return;
    const char* why = fd_ >= 0         ? "it is no regular file"
                      : errno == ELOOP ? "it is a symbolic link"
                                       : std::strerror(errno);
    if (fd_ >= 0) ::close(fd_);
    throw Error({.what = fmt::format("cannot open the log file: {}", why),
                 .where = path,
                 .advice = "Move it away, or choose another run folder"});
  }
  ~FileSink() override { ::close(fd_); }
  FileSink(const FileSink&) = delete;
  FileSink& operator=(const FileSink&) = delete;

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    file_calls::write(fd_, {line.data(), line.size()});
  }
  void flush_() override {}

  int fd_;
};

std::shared_ptr<spdlog::logger>& logger() {
  static auto instance = [] {
    auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    sink->set_pattern("%v");
    return std::make_shared<spdlog::logger>("surd", sink);
  }();
  return instance;
}

}  // namespace

void open(const std::string& file) {
  auto sink = std::make_shared<FileSink>(file);
  sink->set_pattern("%Y-%m-%d %H:%M:%S %L %v");
  logger()->sinks().push_back(std::move(sink));
}

void write_info(std::string_view text) { logger()->info("{}", text); }
void write_warning(std::string_view text) { logger()->warn("{}", text); }
void write_error(std::string_view text) { logger()->error("{}", text); }

bool Seldom::is_due() {
  const double now_s = steady_time_s();
  if (told_s_ && now_s - *told_s_ < every_s_) return false;
  told_s_ = now_s;
  return true;
}

}  // namespace surd::log
