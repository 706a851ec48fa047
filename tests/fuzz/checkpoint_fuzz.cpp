// Checkpoints: the bytes as they are, and as an index (up to a zero byte) and states behind a head
// whose checksum is right.
#include "base/hash.hpp"
#include "fuzz/fuzz.hpp"
#include "store/checkpoint.hpp"

namespace {

using namespace surd;

template <typename Integer>
void put(std::string& bytes, Integer value) {
  bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

std::string signed_checkpoint(std::string_view bytes) {
  const std::string index(bytes.substr(0, bytes.find('\0')));
  std::string file = "SURDCKPT";
  put(file, std::uint32_t{1});
  put(file, static_cast<std::uint32_t>(index.size()));
  put(file, hash64(file + index));
  file += index;
  return file.append(bytes.substr(std::min(index.size() + 1, bytes.size())));
}

void check_checkpoint(std::string_view bytes) {
  const fuzz::MemoryFile file(bytes);
  const bool whole = store::verify_checkpoint(file.path()).empty();
  for (const TrialId& id : store::checkpoint_trials(file.path())) {
    const bool read = fuzz::reads([&] { store::read_checkpoint(file.path(), id); });
    fuzz::require(read || !whole, "what is whole is read");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes = fuzz::view(data, size);
  fuzz::reads([&] { check_checkpoint(bytes); });
  fuzz::reads([&] { check_checkpoint(signed_checkpoint(bytes)); });
  return 0;
}
