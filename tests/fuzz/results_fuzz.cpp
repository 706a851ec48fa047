// results.h5: the bytes say what is changed in a good one. HDF5 itself may do anything on such a
// file; whoever reads it gets rows or an Error.
#include <algorithm>
#include <array>

#include "base/files.hpp"
#include "fuzz/fuzz.hpp"
#include "fuzz/read_all.hpp"
#include "store/results.hpp"
#include "store/sample.hpp"
#include "store/snapshot.hpp"

namespace {

using namespace surd;

std::string good_results() {
  const store::test::Folder folder;
  const store::test::Sample sample;
  store::write_results(folder / "results.h5", sample.study, store::replay(sample.records));
  return read_file(folder / "results.h5");
}

void change(std::string& bytes, fuzz::Taker& taker) {
  constexpr std::array sizes = {1, 2, 4, 8, 16, 32};
  const std::uint64_t kind = taker.take(1);
  const std::size_t at = taker.take(4) % bytes.size();
  if (kind == 255) return bytes.resize(at);
  const std::size_t size = std::min<std::size_t>(sizes[kind % sizes.size()], bytes.size() - at);
  switch (kind / sizes.size() % 4) {
    case 0: return static_cast<void>(bytes.replace(at, size, size, '\0'));
    case 1: return static_cast<void>(bytes.replace(at, size, size, '\xff'));
    case 2: bytes[at] = static_cast<char>(bytes[at] ^ (1 << taker.take(1) % 8)); return;
    default:
      for (std::size_t i = 0; i < size; ++i) bytes[at + i] = static_cast<char>(taker.take(1));
  }
}

void check_results(std::string_view changes) {
  static const std::string good = good_results();
  fuzz::Taker taker(changes);
  std::string bytes = good;
  while (!taker.empty() && !bytes.empty()) change(bytes, taker);
  const fuzz::MemoryFile file(bytes);
  const auto run = store::read_run(file.path());
  for (const store::ResultRow& row : run->rows()) {
    fuzz::require(!(row.accuracy_test < 0) && !(row.accuracy_test > 1), "accuracies are shares");
    fuzz::require(row.length > 0 && row.hidden > 0, "sizes are positive");
  }
  fuzz::read_all(*run);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const bool read = fuzz::reads([&] { check_results(fuzz::view(data, size)); });
  fuzz::require(read || size > 0, "what is not changed is read");
  return 0;
}
