#include "base/log.hpp"

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>

#include "base/error.hpp"

namespace surd::log {
namespace {

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
  try {
    auto sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(file);
    sink->set_pattern("%Y-%m-%d %H:%M:%S %L %v");
    logger()->sinks().push_back(std::move(sink));
    logger()->flush_on(spdlog::level::info);
  } catch (const spdlog::spdlog_ex& error) {
    throw Error({.what = std::string("cannot open the log file: ") + error.what(), .where = file});
  }
}

void write_info(std::string_view text) { logger()->info("{}", text); }
void write_warning(std::string_view text) { logger()->warn("{}", text); }
void write_error(std::string_view text) { logger()->error("{}", text); }

}  // namespace surd::log
