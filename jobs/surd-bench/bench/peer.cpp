#include "bench/peer.hpp"

#include <unistd.h>

#include <algorithm>
#include <vector>

#include "base/error.hpp"
#include "spec/architecture.hpp"
#include "train/data.hpp"

extern "C" const char surd_pytorch_script[];

namespace surd::bench {

Pytorch::Pytorch(const std::string& python, const at::Device& device)
    : child_({python, "-c", surd_pytorch_script, SURD_DEPS_DIR, device.str()}) {
  const InputError useless({.what = "no PyTorch to measure against",
                            .where = "--against-pytorch",
                            .expected = "a Python interpreter that imports torch",
                            .got = python,
                            .advice = "jobs/setup --cuda --tests brings one; or install torch in a "
                                      "virtual environment and give its "
                                      "bin/python as --against-pytorch=PYTHON"});
  Json hello;
  try {
    hello = Json::parse(child_.read_line(), nullptr, false);
  } catch (const Error&) {
    throw InputError(useless);
  }
  if (hello.is_object() && hello.contains("missing")) {
    Report report = useless.report();
    report.got = python + ": " + hello["missing"].dump();
    throw InputError(report);
  }
  version_ = required<std::string>(hello, "torch", python);
}

std::string Pytorch::default_python() {
  const std::string own = std::string(SURD_DEPS_DIR) + "/test-venv/bin/python";
  return ::access(own.c_str(), X_OK) == 0 ? own : "python3";
}

bool Pytorch::runs(const spec::Trial& trial) {
  const std::string& name = trial.architecture.name;
  return trial.model.dropout == 0 && (name == "standard" || name == "sparse" || name == "linear");
}

Json Pytorch::ask(const Json& question) {
  const std::string line = question.dump() + "\n";
  child_.write(line.data(), line.size());
  return Json::parse(child_.read_line());
}

void Pytorch::load(const spec::Trial& trial, int batches) {
  const auto task = tasks::make_task(trial.task);
  train::Data data(*task, trial.recipe, 0, 1);
  model::Batch packed;
  std::vector<std::int32_t>
      padded;  // a batch: inputs [S, W], then labels [S, W]; 0 where there is nothing
  Json shapes = Json::array();
  for (int step = 0; step < batches; ++step) {
    data.training_batch(trial.seed, step, packed);
    const auto S = static_cast<std::size_t>(packed.sequences());
    std::size_t W = 0;
    for (std::size_t s = 0; s < S; ++s)
      W = std::max(W, static_cast<std::size_t>(packed.starts[s + 1] - packed.starts[s]));
    const std::size_t inputs = padded.size(), labels = inputs + S * W;
    padded.resize(labels + S * W, tasks::pad);
    std::size_t m = 0;
    for (std::size_t s = 0; s < S; ++s) {
      const auto start = static_cast<std::size_t>(packed.starts[s]),
                 end = static_cast<std::size_t>(packed.starts[s + 1]);
      for (std::size_t t = start; t < end; ++t)
        padded[inputs + s * W + t - start] = packed.tokens[t];
      for (; m < packed.rows.size() && packed.rows[m] < packed.starts[s + 1]; ++m) {
        padded[labels + s * W + static_cast<std::size_t>(packed.rows[m]) - start] =
            packed.labels[m];
      }
    }
    shapes.push_back({{"sequences", S}, {"width", W}, {"tokens", packed.tokens.size()}});
  }
  const spec::ModelShape shape = spec::shape(trial);
  Json options = trial.architecture.options;
  if (trial.architecture.name == "sparse") options["block"] = spec::sparse_block(shape);
  const Json load = {{"do", "load"},
                     {"vocabulary", shape.vocabulary},
                     {"positions", shape.positions},
                     {"hidden", shape.hidden},
                     {"ffn", shape.ffn()},
                     {"layers", shape.settings.layers},
                     {"heads", shape.settings.heads},
                     {"learned_positions", shape.settings.position == spec::Position::learned},
                     {"architecture", trial.architecture.name},
                     {"options", options},
                     {"learning_rate", trial.learning_rate},
                     {"weight_decay", trial.recipe.weight_decay},
                     {"betas", {trial.recipe.beta1, trial.recipe.beta2}},
                     {"batches", shapes}};
  const std::string line = load.dump() + "\n";
  child_.write(line.data(), line.size());
  child_.write(padded.data(), padded.size() * sizeof(padded.front()));
  child_.read_line();  // it has warmed up
}

double Pytorch::tokens_s(double seconds) {
  const Json answer = ask({{"do", "train"}, {"seconds", seconds}});
  return required<double>(answer, "tokens", "pytorch.py") /
         required<double>(answer, "seconds", "pytorch.py");
}

}  // namespace surd::bench
