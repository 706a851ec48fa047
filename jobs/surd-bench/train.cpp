#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>

#include "base/clock.hpp"
#include "base/option.hpp"
#include "bench/case.hpp"
#include "bench/peer.hpp"
#include "bench/train.hpp"
#include "bench/train_table.hpp"
#include "cluster/devices.hpp"
#include "jobs/surd-bench/commands.hpp"
#include "sweep/machine.hpp"
#include "train/process.hpp"

namespace surd::jobs {
namespace {

struct TrainArguments {
  bench::Cases cases;
  bench::Repeats repeats;
  std::string device = "cpu";
  std::vector<int> lanes = {1};
  std::string range;  // of --lengths
  bool table = false;
  std::string python;
  std::string json;
};

void run(const TrainArguments& arguments, bool against_pytorch) {
  std::vector<spec::Trial> trials;
  if (!arguments.range.empty()) {
    trials = bench::trials_by_length(arguments.cases, arguments.range);
  } else {
    trials = arguments.table ? bench::table_trials(arguments.cases)
                             : bench::make_trials(arguments.cases);
  }
  const Device chosen = sweep::with_instructions(cluster::choose_device(arguments.device, 0));
  const at::Device device = sweep::to_torch(chosen);
  train::prepare_process(true);
  if (device.is_cpu()) bench::stay_on_this_core();
  std::optional<bench::Pytorch> peer;
  if (against_pytorch)
    peer.emplace(arguments.python.empty() ? bench::Pytorch::default_python() : arguments.python,
                 device);
  const bool watched = ::isatty(STDERR_FILENO) != 0;
  double peak_flops_s = bench::gemm_peak_flops_s(device);
  std::vector<bench::TrainMeasurement> measurements;
  const std::size_t cases = trials.size() * arguments.lanes.size();
  for (const int lanes : arguments.lanes) {
    for (const spec::Trial& trial : trials) {
      bench::TrainMeasurement measurement{
          .trial = trial, .lanes = lanes, .ours = {}, .peer_tokens_s = {}};
      const bool beside = peer && bench::Pytorch::runs(trial) &&
                          (!arguments.table || trial.architecture.name == "standard");
      if (beside) peer->load(trial, 4);
      const auto between = [&] {
        if (beside) measurement.peer_tokens_s.push_back(peer->tokens_s(arguments.repeats.seconds));
      };
      measurement.ours =
          bench::measure_training(trial, arguments.repeats, {device, lanes}, between);
      measurements.push_back(std::move(measurement));
      if (watched)
        fmt::print(stderr, "\r{} of {} measured{}", measurements.size(), cases,
                   measurements.size() < cases ? "" : "\n");
    }
  }
  peak_flops_s = std::max(peak_flops_s, bench::gemm_peak_flops_s(device));

  double core_share = 1;
  for (const bench::TrainMeasurement& each : measurements)
    core_share = std::min(core_share, each.ours.core_share);
  fmt::print("{}\n", arguments.range.empty() ? bench::markdown(measurements, peak_flops_s)
                                             : bench::markdown_by_length(measurements));
  const bool on_core = device.is_cpu();
  fmt::print(
      "Thousand tokens a second on {}, of all lanes, median (least-most) of {} repetitions, whole "
      "steps of {} layers, {} heads, batch {}{}.\n",
      on_core ? "a core" : "the GPU", arguments.repeats.repetitions, arguments.cases.layers,
      arguments.cases.heads,
      arguments.cases.batch_tokens > 0
          ? fmt::format("{} tokens", arguments.cases.batch_tokens)
          : fmt::format("{} sequences", arguments.cases.batch_sequences),
      peer ? fmt::format(", PyTorch {} eager, one model at a time", peer->version()) : "");
  fmt::print("Peak {:.0f} GFLOP/s (fp32 matrix products of LibTorch{}). {}, {}, {}\n",
             peak_flops_s / 1e9, on_core ? ", one thread" : "", to_string(chosen),
             sweep::machine_text(), iso_time(unix_time_s()));
  if (core_share < 0.9)
    fmt::print("The machine was busy: at worst {:.0f} % of the time was ours.\n", 100 * core_share);
  Json json = {{"measured", "train"},
               {"device", to_string(chosen)},
               {"gemm_peak_flops_s", peak_flops_s},
               {"pytorch", peer ? Json(peer->version()) : Json(nullptr)},
               {"cases", Json::array()}};
  for (const bench::TrainMeasurement& each : measurements)
    json["cases"].push_back(to_json(each, peak_flops_s));
  write_measurement(arguments.json, json);
}

}  // namespace

void add_bench_train_command(CLI::App& app) {
  CLI::App* command = app.add_subcommand(
      "train", "Whole training steps: tokens a second, share of the machine's peak");
  const auto arguments = std::make_shared<TrainArguments>();
  bench::Cases& cases = arguments->cases;
  const auto list = [&](const std::string& name, auto& values, const std::string& help) {
    command->add_option(name, values, help)->delimiter(',');
  };
  list("--task", cases.tasks, "tasks (default arithmetic)");
  list("--size", cases.sizes, "problem sizes");
  list("--length", cases.lengths, "or the largest size that fits into each length");
  list("--hidden", cases.hidden, "widths (default 16)");
  command->add_option("--architecture", cases.architectures,
                      "architectures, e.g. standard linear 'sparse(c=2)' (default standard)");
  command->add_option("--layers", cases.layers)->capture_default_str();
  command->add_option("--heads", cases.heads)->capture_default_str();
  command->add_option("--ffn-ratio", cases.ffn_ratio)->capture_default_str();
  command->add_option("--position", cases.position, "learned, sinusoidal")->capture_default_str();
  command->add_option("--dropout", cases.dropout, "share")->capture_default_str();
  command->add_option("--precision", cases.precision, "fp32, fp64")->capture_default_str();
  command->add_option("--batch", cases.batch_sequences, "sequences a step")->capture_default_str();
  command->add_option("--batch-tokens", cases.batch_tokens, "tokens a step instead");
  command->add_option("--seed", cases.seed)->capture_default_str();
  command->add_option("--device", arguments->device, "cpu, cuda or auto")->capture_default_str();
  command->add_option("--lanes", arguments->lanes, "models trained as one bundle, of one seed")
      ->delimiter(',')
      ->capture_default_str()
      ->check(CLI::Range(1, 100'000));
  command->add_option("--repeat", arguments->repeats.repetitions, "repetitions")
      ->capture_default_str()
      ->check(CLI::Range(1, 1000));
  command->add_option("--seconds", arguments->repeats.seconds, "of a repetition; at least one step")
      ->capture_default_str()
      ->check(positive_number);
  command->add_option("--steps", arguments->repeats.steps, "of a repetition, instead of seconds")
      ->check(positive_number);
  command->add_flag("--table", arguments->table,
                    "the table of docs/speed.md: six problems, seven widths, three architectures "
                    "(or those given)");
  command->add_option("--lengths", arguments->range,
                      "FROM..TO: time per token at each doubling, batches of equal tokens");
  CLI::Option* against =
      command
          ->add_option("--against-pytorch", arguments->python,
                       "run the predecessor's model in eager PyTorch by turns on the same device; "
                       "=PYTHON: an interpreter that has torch")
          ->expected(0, 1);
  command->add_option("--json", arguments->json, "write everything measured to this file")
      ->check(output_file);
  command->callback([arguments, against] { run(*arguments, against->count() > 0); });
}

}  // namespace surd::jobs
