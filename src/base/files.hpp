// Files that survive a crash: whole or not at all.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace surd {

// A descriptor for reading, which the caller closes: of a regular file, or of a pipe without a name
// (cat FILE | surd plan /dev/stdin). InputError for what cannot be opened, and for a FIFO, a device
// or a folder: they may keep a reader waiting for ever.
int open_to_read(const std::filesystem::path& path);
// Whole file as bytes, or its first `most`; InputError where it cannot be read.
std::string read_file(const std::filesystem::path& path, std::size_t most = std::string::npos);
// The same of a regular file; nothing of anything else, whose bytes would be lost.
std::string read_start(const std::filesystem::path& path, std::size_t most);

// Makes it aside, as a NewFile. Error on any failure, and where `path` exists and is no regular
// file; what was there then still stands.
void write_file_atomically(const std::filesystem::path& path, std::string_view bytes);

}  // namespace surd
