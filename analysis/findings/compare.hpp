// surd-fit compare: two results, cell by cell and exponent by exponent. One may be the published
// Figure 1.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "analysis/input/input.hpp"
#include "base/error.hpp"
#include "law/contrast.hpp"
#include "law/fit.hpp"
#include "law/share.hpp"

namespace surd::analysis {

// One of the two results throughout: [0] is A, [1] is B.
template <typename T>
using Both = std::array<T, 2>;
inline constexpr Both<const char*> letters = {"A", "B"};

struct CellResult {
  int seeds = 0;  // counted as in the fit
  int solved = 0;
  std::vector<double> accuracies{};  // on the test, of each of these seeds at its best learning
                                     // rate, ascending; empty where seeds were counted elsewhere
  std::optional<double> median() const;
  bool half_solved() const;
};

// A cell that both have.
struct ComparedCell {
  double length = 0;
  double hidden = 0;  // the width, whatever the scale
  Both<CellResult> results;
  std::optional<law::Fisher> test{};  // where both have several seeds
  // Its p is below .05; without a test: half the seeds or more of one are solved, and less of the
  // other.
  bool differs() const;
};

// A task, architecture and further axes that both have.
struct ComparedSeries {
  std::string task;
  std::string architecture;
  std::string axes;
  bool share_no_rate = false;  // both were trained with known learning rates, of which none is in
                               // both: nothing of it is compared
  std::vector<ComparedCell> cells;  // by length, then hidden
  Both<law::Fit> fits;              // of all cells that each has
  law::Contrast difference;         // alpha of A less alpha of B, at the lengths that both bracket
};

// What only one of them has.
struct Surplus {
  std::string name;  // law::name
  std::string task;
  std::string architecture;
  std::string axes;
  bool whole = false;            // the other lacks the series, not only some cells
  std::vector<law::Cell> cells;  // by length, then hidden
};

struct Compared {
  Both<std::string> paths;
  double tau = 0.9;
  SizeScale scale = SizeScale::hidden;  // of the exponents
  std::vector<ComparedSeries> series;   // by task, axes, architecture
  Both<std::vector<Surplus>> surplus;
  int cells = 0;         // that both have
  int tests = 0;         // of cells with several seeds in both
  int below = 0;         // p below .05
  double by_chance = 0;  // how many p below .05 would be expected where the two are alike: the sum
                         // of the tests' levels
  std::vector<std::string> notes;
};

// Where both have learning rates for a task, only those that both have are used: the best of three
// has more luck than the best of one. The notes name both sets. tau of counted input has no
// influence. InputError, with what each has, where they have no task, architecture and axes in
// common. Both inputs have one scale.
Compared compare(const Both<Input>& inputs, double tau, const law::Options& options = {});
// Why neither gives an exponent; nothing where one of them does.
std::optional<Report> undetermined(const Compared& compared);

}  // namespace surd::analysis
