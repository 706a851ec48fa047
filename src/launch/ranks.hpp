// How many processes a run gets where nobody says.
#pragma once

#include <optional>
#include <string>

namespace surd::launch {

// What there is to compute on.
struct Resources {
  int cores = 1;               // that this process may use
  int gpus = 0;                // that a run may use; 0: it computes on cores
  std::optional<int> tasks{};  // that Slurm gives the job, where there is one
};

// The coordinator, which mostly sleeps, and a worker a GPU, else a worker a core: as many as make
// whole teams, at least one team. In a Slurm job of more than one task: its tasks.
int default_ranks(const Resources& resources, int team_size);

// The tasks of a Slurm job; nothing outside of one. Reads the environment.
std::optional<int> slurm_tasks();

// The number in what `surd-run --devices` prints; 0 where there is none.
int gpus_in(const std::string& devices_text);

}  // namespace surd::launch
