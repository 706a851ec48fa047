// Files that survive a crash: whole or not at all.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace surd {

// Whole file as bytes; InputError where it cannot be read.
std::string read_file(const std::filesystem::path& path);

// Writes `path`.tmp, fsyncs it, renames it over `path` and fsyncs the folder. Error on any failure,
// and where `path` exists and is no regular file; what was there then still stands.
void write_file_atomically(const std::filesystem::path& path, std::string_view bytes);

// fsync of the file that lies at `temporary`, rename to `path`, fsync of the folder: for files
// written by a library.
void commit_file(const std::filesystem::path& temporary, const std::filesystem::path& path);

}  // namespace surd
