// Another process, told what to do line by line.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace surd::bench {

// A child process whose standard input and output are ours to write and read; its errors go where
// ours go. Killed when the object ends.
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

}  // namespace surd::bench
