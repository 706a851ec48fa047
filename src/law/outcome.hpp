// From trials to evidence: a seed is solved, unsolved or censored; cells count seeds. What is not
// used is named with its reason.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace surd::law {

enum class Status { finished, diverged, failed, skipped, missing };

// What sizes of models are told in: their width, or another size in its place. Of a curve ln size
// grows about as slope ln width + growth ln L; the law's limits and priors, made for widths,
// follow.
struct Unit {
  std::string_view noun = "width";  // static text: "the width needed"
  double slope = 1;                 // above 0
  double growth = 0;
};
// How the sizes of a curve's models follow from length and width, on the average.
struct SizeLaw {
  double constant = 0;  // ln size at length 1 and width 1
  Unit unit{};

  double size(double length, double width) const;
};
// The width of the models of a trial, seed or cell.
template <typename Sized>
double width_of(const Sized& one) {
  return one.width > 0 ? one.width : one.hidden;
}

// One training run as the law sees it.
struct Trial {
  std::string id;  // names it in messages
  std::string task;
  std::string architecture;
  std::string axes;  // label of any further axes, e.g. "model.layers=2"; trials of different labels
                     // are never pooled
  double length = 0;
  double hidden = 0;  // the width, or the size in another unit
  std::int64_t seed = 0;
  double learning_rate = 0;  // any one value where the input has no rates
  // Where each cell has rates of its own, chosen by a pilot: how many they are, if it is one of
  // them; 0 where it is none, or where there are no such windows; -1 of a pilot, which never
  // counts.
  int window = 0;
  double accuracy_validation = 0;
  double accuracy_test = 0;
  Status status = Status::finished;
  double width = 0;  // where `hidden` is another size; else 0
  Unit unit{};       // of `hidden`
};

// Equal but for rounding: to 1e-12 of their size.
bool same_rate(double a, double b);
// Whether `rates` has one that is the same.
bool has_rate(const std::vector<double>& rates, double rate);

// Diverged, or finished with both accuracies recorded.
bool has_result(const Trial& trial);
// On the test, as it counts: 0 where the trial diverged.
double accuracy(const Trial& trial);

enum class Outcome { solved, unsolved, censored };

// What became of one seed of a cell. Places are those in the trials that were collected.
struct Seed {
  double length = 0;
  double hidden = 0;
  std::int64_t seed = 0;
  Outcome outcome = Outcome::censored;
  std::string_view why_censored{};  // static text; empty where it is not
  std::optional<std::size_t>
      trial{};  // stands for the seed: best validation accuracy among the common learning rates, of
                // equals the lowest rate; of any rate where none of those has a result (then it is
                // censored), none where no rate has one
  std::vector<std::size_t> trials{};  // all of them, by learning rate
  double width = 0;                   // as of a trial
  std::optional<std::uint64_t>
      solved_by{};  // bit i: the i-th of the common learning rates alone solves it; none where one
                    // has no result, and of a set of one or more than 64
};

// The seeds of one point of the grid.
struct Cell {
  double length = 0;
  double hidden = 0;
  int seeds = 0;     // n, censored ones left out
  int solved = 0;    // y
  double width = 0;  // as of a trial
  Unit unit{};
};

// The cells of one curve: what one exponent is fitted to.
struct Series {
  std::string task;
  std::string architecture;
  std::string axes;
  std::vector<Cell> cells;  // by length, then hidden; n > 0
  std::vector<Seed> seeds;  // by length, hidden, seed: the cells count them; empty where seeds were
                            // counted elsewhere
  // The common set, ascending; empty where the input counts seeds only. Of windows the places in
  // them, from 1: what all cells have in common is the number of their rates.
  std::vector<double> learning_rates;
  bool windows = false;
  bool share_no_rate = false;     // there are results, but the set is empty: no seed can be used
  bool rates_by_seed = false;     // so because its seeds have learning rates of their own, as in a
                                  // random search: unsolved ones lack rates, solved ones need none
  int solved = 0;                 // solved seeds
  int solved_at_lowest_rate = 0;  // of these, how many have their best rate at that end of the set;
                                  // a set of one has no ends
  int solved_at_highest_rate = 0;
};

struct Unused {
  std::string id;  // of the trial
  std::string reason;
};

struct Evidence {
  std::vector<Series> series;  // by task, axes, architecture
  std::vector<Unused> unused;
  std::vector<std::string> notes;  // what a reader of the exponents must know, one sentence each
};

// A seed is solved (y = 1) when its trial with the best validation accuracy has test accuracy >=
// tau. Diverged counts as accuracy 0. A seed that is not solved and lacks a learning rate (failed,
// missing, skipped or not there) is censored. Architectures of one task are restricted to the
// learning rates that all their cells share; a cell whose every seed is solved needs no further
// rates. The order of the trials has no influence but on places. InputError: two trials of the same
// cell, learning rate and seed; tau outside (0, 1]. Where cells have windows of rates, the i-th
// rate of each cell's window stands for the i-th of all: windows of equal size are used, others
// refused as rates that are not common.
Evidence collect(const std::vector<Trial>& trials, double tau);

// Trials put in order once, for several such questions.
class OrderedTrials {
 public:
  // `trials` must outlive it. InputError: as collect.
  explicit OrderedTrials(const std::vector<Trial>& trials);

  Evidence collect(double tau) const;
  // Those at one learning rate alone.
  OrderedTrials at_rate(double learning_rate) const;

  struct Entry {
    const Trial* trial = nullptr;
    double learning_rate = 0;  // one spelling for all that are the same
  };

 private:
  OrderedTrials() = default;

  const Trial* first_ = nullptr;              // the first that was given: places count from it
  std::vector<const Trial*> beside_windows_;  // pilots, and what the windows of rates leave out
  std::vector<Entry> trials_;  // by task, axes, architecture, length, hidden, seed, learning rate
};

struct CountedCell {
  std::string task;
  std::string architecture;
  std::string axes;
  Cell cell;
};
// Seeds that were counted elsewhere. InputError: the same cell twice, or solved outside [0, seeds].
Evidence collect(const std::vector<CountedCell>& cells);

// "lookup linear", with the further axes where there are any.
std::string name(const Series& series);

}  // namespace surd::law
