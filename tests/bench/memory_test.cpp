#include "bench/memory.hpp"

#include <dlfcn.h>

#include <catch2/catch.hpp>
#include <string>

#include "bench/case.hpp"
#include "model/fused_program.hpp"
#include "spec/architecture.hpp"
#include "spec/memory.hpp"

namespace surd::bench {
namespace {

// Pages, the allocator's rounding, and what a process first touches when it trains.
constexpr double slack_bytes = 2e6;

TEST_CASE("the fused program's peak memory is forecast within 15 %") {
  struct Case {
    const char* task;
    int length, hidden, layers, batch, lanes, test;
    const char* architecture;
    double dropout = 0;
  };
  for (const Case& c :
       {Case{"lis", 63, 128, 3, 4, 1, 32, "standard"}, Case{"lis", 511, 64, 2, 4, 1, 32, "linear"},
        Case{"lis", 255, 64, 3, 4, 1, 32, "sparse"},
        Case{"lookup", 64, 64, 1, 4, 32, 32, "standard"},
        Case{"edit_distance", 128, 96, 2, 16, 3, 512, "standard"},
        Case{"arithmetic", 85, 64, 2, 8, 1, 64, "standard"},
        Case{"arithmetic", 85, 64, 2, 8, 2, 64, "linear"},
        Case{"lis", 511, 64, 2, 4, 1, 32, "gated_linear"},
        Case{"lis", 511, 64, 2, 4, 1, 32, "delta"},
        Case{"lis", 255, 64, 3, 4, 1, 32, "standard", 0.1},
        Case{"arithmetic", 85, 64, 2, 8, 2, 64, "sparse", 0.1}}) {
    Cases cases{.tasks = {c.task},
                .lengths = {c.length},
                .hidden = {c.hidden},
                .architectures = {c.architecture}};
    cases.layers = c.layers;
    cases.batch_sequences = c.batch;
    cases.dropout = c.dropout;
    spec::Trial trial = make_trials(cases).front();
    trial.recipe.steps = 20;
    trial.recipe.eval_every = 10;
    trial.recipe.validation = trial.recipe.test = c.test;
    const double peak_bytes = measure_memory_apart(SURD_BENCH_PROGRAM, trial, c.lanes).peak_bytes;
    CAPTURE(c.task, c.length, c.hidden, c.layers, c.batch, c.lanes, c.architecture, c.dropout);
    CHECK(forecast_bytes(trial, c.lanes) == Approx(peak_bytes).epsilon(0.15).margin(slack_bytes));
  }
}

// What glibc's heap comes to hold beside the blocks in use cannot be forecast.
bool has_jemalloc() { return ::dlsym(RTLD_DEFAULT, "mallctl") != nullptr; }

TEST_CASE("the generic program's peak memory is forecast within 15 %") {
  if (!has_jemalloc()) {
    WARN("built without jemalloc: not tested");
    return;
  }
  struct Case {
    const char* task;
    int length, hidden, layers, batch;
    const char* architecture;
    double dropout = 0;
  };
  for (const Case& c :
       {Case{"lis", 255, 32, 3, 4, "standard"}, Case{"lis", 127, 32, 2, 16, "standard", 0.1},
        Case{"arithmetic", 85, 32, 3, 16, "linear"}, Case{"lis", 127, 96, 2, 8, "retention"},
        Case{"lis", 127, 32, 3, 16, "gated_linear"}, Case{"lis", 255, 64, 2, 4, "delta"},
        Case{"lis", 127, 64, 2, 8, "sparse"}, Case{"lis", 255, 32, 2, 8, "sparse(pattern=strided)"},
        Case{"lis", 255, 64, 2, 8, "sliding_window"}, Case{"lookup", 64, 32, 1, 64, "linear"}}) {
    Cases cases{.tasks = {c.task},
                .lengths = {c.length},
                .hidden = {c.hidden},
                .architectures = {c.architecture}};
    cases.layers = c.layers;
    cases.batch_sequences = c.batch;
    cases.precision = "fp64";
    spec::Trial trial = make_trials(cases).front();
    trial.model.dropout = c.dropout;
    trial.recipe.steps = 10;
    trial.recipe.eval_every = 5;
    trial.recipe.validation = trial.recipe.test = 32;
    const double peak_bytes = measure_memory_apart(SURD_BENCH_PROGRAM, trial, 1).peak_bytes;
    CAPTURE(c.task, c.length, c.hidden, c.layers, c.batch, c.architecture, c.dropout);
    CHECK(forecast_bytes(trial, 1) == Approx(peak_bytes).epsilon(0.15).margin(slack_bytes));
  }
}

TEST_CASE("memory stays flat over a thousand steps") {
  for (const char* precision : {"fp32", "fp64"}) {
    if (std::string(precision) == "fp64" && !has_jemalloc()) {
      WARN("built without jemalloc: fp64 is not tested");
      continue;
    }
    Cases cases{.tasks = {"edit_distance"}, .lengths = {64}, .hidden = {16}};
    cases.layers = 1;
    cases.batch_sequences = 4;
    cases.precision = precision;
    spec::Trial trial = make_trials(cases).front();
    trial.recipe.steps = 1100;
    trial.recipe.eval_every = 100;
    trial.recipe.validation = trial.recipe.test = 16;
    CAPTURE(precision);
    CHECK(std::abs(measure_memory_apart(SURD_BENCH_PROGRAM, trial, 2).growth_bytes) < 0.3e6);
  }
}

TEST_CASE("the forecast knows which program trains") {
  for (const std::string& name : spec::architecture_names()) {
    for (const double dropout : {0.0, 0.1}) {
      Cases cases{.architectures = {name}};
      cases.dropout = dropout;
      const spec::ModelShape shape = spec::shape(make_trials(cases).front());
      CAPTURE(name, dropout);
      CHECK(spec::trained_fused(shape, spec::Precision::fp32) == model::fused_supports(shape));
      CHECK_FALSE(spec::trained_fused(shape, spec::Precision::fp64));
    }
  }
}

}  // namespace
}  // namespace surd::bench
