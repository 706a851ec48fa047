// How an attempt (one execution of a bundle) ended.
#pragma once

#include <string>

namespace surd::spec {

enum class AttemptEnd {
  finished,  // every trial of it has a result
  stopped,   // by a signal or the time limit; the rest is in a checkpoint
  failed,    // an error that the worker could report
  lost       // its process went away: known only when the run starts again
};

// The words of the journal and of /attempts: "finished", "stopped", "failed", "lost".
std::string to_string(AttemptEnd value);
AttemptEnd attempt_end_from(const std::string& word);  // Error for another word

}  // namespace surd::spec
