// Names for files that are kept beside a newer one.
#pragma once

#include <filesystem>
#include <string>

namespace surd::store {

// "journal.damaged-1.jsonl" for journal.jsonl and "damaged": the first number that is free.
std::filesystem::path spare_name(const std::filesystem::path& path, const std::string& kind);

// Keeps the file that lies at `path` under a spare name as well, for when another takes its place:
// by a link, or a copy where the file system has none. Error where that fails.
std::filesystem::path keep_beside(const std::filesystem::path& path, const std::string& kind);

}  // namespace surd::store
