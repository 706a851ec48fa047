// Another program that is measured beside ours: a Python script in a process of its own, told what to do line by line.
#pragma once

#include <memory>
#include <string>

#include "base/json.hpp"
#include "spec/trial.hpp"

namespace surd::bench {

// A child process whose standard input and output are ours to write and read; its errors go where ours go. Killed when the object ends.
class Child {
 public:
  // command: program (searched in PATH) and arguments. Error where it cannot be started.
  explicit Child(const std::vector<std::string>& command);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  // Error where the child has ended.
  void write(const void* bytes, std::size_t size);
  // The next line without its end. Error where the child ends before.
  std::string read_line();

 private:
  [[noreturn]] void throw_ended();

  std::string name_;
  int pid_ = -1;
  int socket_ = -1;
  std::string unread_;
};

// The predecessor's model in eager PyTorch (pytorch.py): padded batches, attention as masked matrices, torch.optim.AdamW, one thread.
class Pytorch {
 public:
  // python: an interpreter with torch. InputError, with what is missing, where it cannot be used.
  explicit Pytorch(const std::string& python);

  // The one of jobs/setup --tests where it is there, else python3.
  static std::string default_python();
  const std::string& version() const { return version_; }
  static bool runs(const spec::Trial& trial);  // standard, sparse and linear attention
  // Builds the trial's model and hands over the first `batches` batches of its training, the very instances that ours trains on; warms up.
  void load(const spec::Trial& trial, int batches);
  // Trains for so many seconds on a core, at least one step: input tokens without padding a second on a core.
  double tokens_s(double seconds);

 private:
  Json ask(const Json& question);

  Child child_;
  std::string version_;
};

}  // namespace surd::bench
