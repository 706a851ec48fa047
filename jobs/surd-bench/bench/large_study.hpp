// What surrounds training, at the size of a large study: scheduler, store and fit.
#pragma once

#include <filesystem>

#include "base/json.hpp"
#include "grid/study.hpp"

namespace surd::bench {

// lookup at as many lengths as give at least `trials` trials: ten widths, three architectures,
// eight seeds, four learning rates.
grid::Study large_study(int trials);

// Seconds on a core of the scheduler on `workers` simulated workers, the simulator included:
// {"trials", "workers", "construction_s", "events", "events_s", "messages"}; events_s is a rate,
// events a second.
Json measure_dispatch(const grid::Study& study, int workers);

// Into a new folder inside `folder`, removed at the end; seconds as a clock on the wall has them,
// since disks count: {"trials", "journal_records_s" (appends a second, an fsync every 100),
// "fsync_s" (one record, median of 20), "journal_bytes", "results_write_s", "results_read_s",
// "results_bytes"}.
Json measure_store(const grid::Study& study, const std::filesystem::path& folder);

// Seconds on a core from trials to exponents with intervals: {"trials", "series", "collect_s",
// "fit_s"}.
Json measure_fit(const grid::Study& study);

}  // namespace surd::bench
