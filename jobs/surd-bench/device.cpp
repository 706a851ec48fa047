#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "base/error.hpp"
#include "base/option.hpp"
#include "bench/device.hpp"
#include "cluster/devices.hpp"
#include "cluster/world.hpp"
#include "jobs/surd-bench/commands.hpp"
#include "sweep/machine.hpp"

namespace surd::jobs {
namespace {

struct DeviceArguments {
  std::string device = "auto";
  std::string json;
};

void run(const DeviceArguments& arguments) {
  const Device device = sweep::with_instructions(cluster::choose_device(arguments.device, 0));
  fmt::print("{} on {}\n{}", to_string(device), sweep::machine_text(), bench::check_head());
  const auto told = [](const bench::Check& check) {
    fmt::print("{}", bench::check_row(check));
    std::fflush(stdout);
  };
  std::vector<bench::Check> checks;
  const int code = cluster::run(0, nullptr, [&](const cluster::World& world) {
    checks = bench::check_device(world, sweep::to_torch(device), "/proc/self/exe", told);
    return 0;
  });
  if (code != 0) throw Error("the checks could not be run to their end");
  Json measured = {
      {"measured", "device"}, {"device", to_string(device)}, {"checks", Json::array()}};
  for (const bench::Check& check : checks) measured["checks"].push_back(to_json(check));
  write_measurement(arguments.json, measured);
  const auto failed = std::count_if(checks.begin(), checks.end(),
                                    [](const bench::Check& check) { return !check.passed(); });
  if (failed > 0) throw Error(fmt::format("{} of {} checks failed", failed, checks.size()));
  fmt::print("all {} checks passed\n", checks.size());
}

}  // namespace

void add_bench_device_command(CLI::App& app) {
  CLI::App* command = app.add_subcommand(
      "device",
      "Checks what a device computes: losses and gradients against fp64 on the CPU, resuming, "
      "memory, a group of one");
  const auto arguments = std::make_shared<DeviceArguments>();
  command->add_option("--device", arguments->device, "cpu, cuda or auto")->capture_default_str();
  command->add_option("--json", arguments->json, "write everything measured to this file")
      ->check(output_file);
  command->callback([arguments] { run(*arguments); });
}

}  // namespace surd::jobs
