// Time: the wall clock for records, a steady clock for durations. Rooms that must be pure
// (schedule) take times as arguments instead.
#pragma once

#include <string>

namespace surd {

// Seconds since 1970-01-01T00:00:00Z.
double unix_time_s();
// Seconds on a clock that never jumps; only differences mean something.
double steady_time_s();
// "2026-01-31T12:00:00Z" for seconds since 1970.
std::string iso_time(double unix_s);
// "1 h 02 min", "3 min 20 s", "12 s".
std::string duration_text(double seconds);

}  // namespace surd
