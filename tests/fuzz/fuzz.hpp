// What the fuzzers share. A fuzzer calls a reader on bytes: it may refuse them with an Error and do
// nothing else that is wrong; libFuzzer finds crashes, hangs and lots of memory by itself.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace surd::fuzz {

inline std::string_view view(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

// Ends the fuzzer where what it holds for certain does not hold.
inline void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

// Whether the body refused nothing. Exceptions other than Error go on: a fault. With SURD_FUZZ_SAY
// in the environment it prints what is refused, for one input by hand.
template <typename Body>
bool reads(Body body) {
  try {
    body();
    return true;
  } catch (const Error& error) {
    require(*error.what() != '\0', "an Error has words");
    if (std::getenv("SURD_FUZZ_SAY") != nullptr) std::fprintf(stderr, "%s\n", error.what());
    return false;
  }
}

// A file in memory that readers open by its path, one at a time. HDF5 wants a real one.
class MemoryFile {
 public:
  explicit MemoryFile(std::string_view bytes) {
    const int fd = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    require(fd >= 0, "there is memory for a file");
    require(::write(fd, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()),
            "the file takes all bytes");
    ::close(fd);
  }
  ~MemoryFile() { ::unlink(path_.c_str()); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_ = "/dev/shm/surd-fuzz-" + std::to_string(::getpid());
};

// Takes numbers off the front of the fuzzer's bytes; zeros when they are used up.
class Taker {
 public:
  explicit Taker(std::string_view bytes) : bytes_(bytes) {}
  bool empty() const { return bytes_.empty(); }
  std::string_view rest() const { return bytes_; }
  std::uint64_t take(std::size_t count) {
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < count && !bytes_.empty(); ++i) {
      number |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes_.front())) << 8 * i;
      bytes_.remove_prefix(1);
    }
    return number;
  }

 private:
  std::string_view bytes_;
};

}  // namespace surd::fuzz
