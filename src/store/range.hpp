// What a value can be in a table of trials, whatever file it comes from: a results.h5 or a CSV.
#pragma once

#include <string_view>

namespace surd::store {

struct Range {
  double low;
  double high;
  const char* words;  // "a fraction from 0 to 1"
  bool holds(double value) const { return value >= low && value <= high; }
};

// Of the column of this name; any number where nothing is known of it.
Range range_of(std::string_view column);

}  // namespace surd::store
