#include "base/log.hpp"

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <vector>

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

void open(const std::string& prefix, const std::string& file) {
  std::vector<spdlog::sink_ptr> sinks;
  sinks.push_back(std::make_shared<spdlog::sinks::stderr_sink_mt>());
  try {
    if (!file.empty()) sinks.push_back(std::make_shared<spdlog::sinks::basic_file_sink_mt>(file));
  } catch (const spdlog::spdlog_ex& error) {
    throw Error({.what = std::string("cannot open the log file: ") + error.what(), .where = file});
  }
  logger() = std::make_shared<spdlog::logger>("surd", sinks.begin(), sinks.end());
  logger()->set_pattern("%H:%M:%S %L " + (prefix.empty() ? std::string() : prefix + " ") + "%v");
  logger()->flush_on(spdlog::level::info);
}

void write_info(std::string_view text) { logger()->info("{}", text); }
void write_warning(std::string_view text) { logger()->warn("{}", text); }
void write_error(std::string_view text) { logger()->error("{}", text); }

}  // namespace surd::log
