#include "bench/peer.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <vector>

#include "base/error.hpp"
#include "spec/architecture.hpp"
#include "train/data.hpp"

extern "C" const char surd_pytorch_script[];

namespace surd::bench {
namespace {

Error failed_call(const char* call) { return Error({.what = std::string(call) + " failed", .where = {}, .got = std::strerror(errno)}); }

}  // namespace

Child::Child(const std::vector<std::string>& command) : name_(command.front()) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) throw failed_call("socketpair");
  std::vector<char*> arguments;
  for (const std::string& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  pid_ = ::fork();
  if (pid_ == 0) {
    ::dup2(ends[1], STDIN_FILENO);
    ::dup2(ends[1], STDOUT_FILENO);
    ::execvp(arguments.front(), arguments.data());
    ::_exit(127);
  }
  ::close(ends[1]);
  socket_ = ends[0];
  if (pid_ < 0) {
    ::close(socket_);
    throw failed_call("fork");
  }
}

Child::~Child() {
  ::close(socket_);
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

void Child::throw_ended() {
  int status = 0;
  ::waitpid(pid_, &status, 0);
  pid_ = -1;
  const bool signalled = WIFSIGNALED(status);
  throw Error({.what = "the program that is measured beside this one has ended",
               .where = name_,
               .expected = "an answer",
               .got = (signalled ? "signal " : "exit code ") + std::to_string(signalled ? WTERMSIG(status) : WEXITSTATUS(status)),
               .advice = "What it said of it is above"});
}

void Child::write(const void* bytes, std::size_t size) {
  const char* next = static_cast<const char*>(bytes);
  while (size > 0) {
    const ssize_t sent = ::send(socket_, next, size, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) throw_ended();
    next += sent;
    size -= static_cast<std::size_t>(sent);
  }
}

std::string Child::read_line() {
  std::size_t end = std::string::npos;
  while ((end = unread_.find('\n')) == std::string::npos) {
    std::array<char, 4096> part{};
    const ssize_t got = ::recv(socket_, part.data(), part.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) throw_ended();
    unread_.append(part.data(), static_cast<std::size_t>(got));
  }
  std::string line = unread_.substr(0, end);
  unread_.erase(0, end + 1);
  return line;
}

Pytorch::Pytorch(const std::string& python) : child_({python, "-c", surd_pytorch_script, SURD_DEPS_DIR}) {
  const InputError useless({.what = "no PyTorch to measure against",
                            .where = "--against-pytorch",
                            .expected = "a Python interpreter that imports torch",
                            .got = python,
                            .advice = "jobs/setup --cuda --tests brings one; or install torch in a virtual environment and give its "
                                      "bin/python as --against-pytorch=PYTHON"});
  Json hello;
  try {
    hello = Json::parse(child_.read_line(), nullptr, false);
  } catch (const Error&) {
    throw useless;
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
  return name == "standard" || name == "sparse" || name == "linear";
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
  std::vector<std::int32_t> padded;  // a batch: inputs [S, W], then labels [S, W]; 0 where there is nothing
  Json shapes = Json::array();
  for (int step = 0; step < batches; ++step) {
    data.training_batch(trial.seed, step, packed);
    const auto S = static_cast<std::size_t>(packed.sequences());
    std::size_t W = 0;
    for (std::size_t s = 0; s < S; ++s) W = std::max(W, static_cast<std::size_t>(packed.starts[s + 1] - packed.starts[s]));
    const std::size_t inputs = padded.size(), labels = inputs + S * W;
    padded.resize(labels + S * W, tasks::pad);
    std::size_t m = 0;
    for (std::size_t s = 0; s < S; ++s) {
      const auto start = static_cast<std::size_t>(packed.starts[s]), end = static_cast<std::size_t>(packed.starts[s + 1]);
      for (std::size_t t = start; t < end; ++t) padded[inputs + s * W + t - start] = packed.tokens[t];
      for (; m < packed.rows.size() && packed.rows[m] < packed.starts[s + 1]; ++m) {
        padded[labels + s * W + static_cast<std::size_t>(packed.rows[m]) - start] = packed.labels[m];
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
  return required<double>(answer, "tokens", "pytorch.py") / required<double>(answer, "seconds", "pytorch.py");
}

}  // namespace surd::bench
