// PNG and PDF files of drawings, by rsvg-convert (Debian: librsvg2-bin).
#pragma once

#include <filesystem>
#include <string>

namespace surd::analysis {

// rsvg-convert as PATH has it. InputError at the flag that asks for it, with what to install, where
// it has none.
std::filesystem::path find_rsvg_convert(const std::string& flag);

// Writes x.png or x.pdf beside x.svg: an image at `zoom` times the 96 pixels an inch of a screen,
// or a drawing. Error where the program fails; then no file of that name is new.
void write_png(const std::filesystem::path& rsvg_convert, const std::filesystem::path& svg,
               double zoom);
void write_pdf(const std::filesystem::path& rsvg_convert, const std::filesystem::path& svg);

}  // namespace surd::analysis
