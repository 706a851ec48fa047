#include "analysis/source.hpp"

#include <fmt/format.h>

#include <fstream>
#include <string>

#include "analysis/csv.hpp"
#include "base/error.hpp"
#include "base/files.hpp"

namespace surd::analysis {
namespace {

bool is_hdf5(const std::filesystem::path& path) {
  constexpr std::string_view signature = "\x89HDF\r\n\x1a\n";
  std::ifstream file(path, std::ios::binary);
  std::string start(signature.size(), '\0');
  file.read(start.data(), static_cast<std::streamsize>(start.size()));
  return file && start == signature;
}

Input input_from_results(const std::filesystem::path& path) {
  throw Error({.what = "results.h5 cannot be read by this build", .where = path.string(), .advice = "Export it: surd results export RUN"});
}

}  // namespace

Input read_input(const std::filesystem::path& path) {
  std::error_code code;
  if (!std::filesystem::exists(path, code)) {
    throw InputError({.what = "there is no such file or folder", .where = path.string(), .expected = "a run folder, a results.h5 or a CSV file"});
  }
  if (std::filesystem::is_directory(path, code)) {
    const auto results = path / "results.h5";
    if (std::filesystem::exists(results, code)) return input_from_results(results);
    const bool has_journal = std::filesystem::exists(path / "journal.jsonl", code);
    throw InputError({.what = "the folder has no results.h5", .where = path.string(),
                      .advice = has_journal ? "Make it from the journal: surd results rebuild " + path.string() : "Give the folder of a run, e.g. runs/NAME"});
  }
  if (is_hdf5(path)) return input_from_results(path);
  return input_from_csv(parse_csv(read_file(path), path.string()));
}

}  // namespace surd::analysis
