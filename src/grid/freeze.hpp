// The study as YAML with all defaults and overrides written out: what a run folder keeps.
#pragma once

#include "grid/source.hpp"

namespace surd::grid {

// Reads back as the same study: same cells, same trial ids, and the same frozen text.
std::string freeze(const Source& source);

}  // namespace surd::grid
