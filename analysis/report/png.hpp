// PNG files of drawings, by rsvg-convert (Debian: librsvg2-bin).
#pragma once

#include <filesystem>

namespace surd::analysis {

// rsvg-convert as PATH has it. InputError, with what to install, where it has none.
std::filesystem::path find_rsvg_convert();

// Writes x.png beside x.svg, at twice its size in pixels. Error where the program fails; then no
// file of that name is new.
void write_png(const std::filesystem::path& rsvg_convert, const std::filesystem::path& svg);

}  // namespace surd::analysis
