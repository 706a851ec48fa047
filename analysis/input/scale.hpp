// The unit in which an input's models are sized: their width, or another column of its cells.
#pragma once

#include <string>

#include "analysis/input/input.hpp"

namespace surd::analysis {

struct ScaleWords {
  const char* key;      // the column, and the word of --scale
  const char* unit;     // "state bytes"; stands in headings, "1230 state bytes"
  const char* heading;  // the same with a capital
  const char* noun;     // "the state size needed": singular
};
const ScaleWords& words_of(SizeScale scale);

// Sizes in place of widths: `hidden` of trials, counted cells and prices, and their unit; the width
// is kept beside it. A note says of each curve how its sizes follow from width and length. As it
// was for SizeScale::hidden. InputError: the input does not know the sizes, or not of a cell that
// has a result, or knows two; they do not grow with the width.
Input in_scale(Input input, SizeScale scale);

// How the sizes of one curve of an input that was not rescaled follow from width and length. Errors
// as in_scale.
law::SizeLaw size_law(const Input& input, const std::string& task, const std::string& axes,
                      const std::string& architecture, SizeScale scale);

}  // namespace surd::analysis
