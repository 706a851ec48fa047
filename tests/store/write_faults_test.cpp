// Every call that changes a file fails once, in every way: what was acknowledged before stays.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <regex>
#include <set>
#include <sstream>

#include "base/file_calls.hpp"
#include "base/files.hpp"
#include "store/checkpoint.hpp"
#include "store/journal.hpp"
#include "store/merge.hpp"
#include "store/results.hpp"
#include "store/run_folder.hpp"
#include "store/salvage.hpp"
#include "store/sample.hpp"
#include "store/snapshot.hpp"
#include "store/verify.hpp"

using namespace surd;
using namespace surd::store;
using namespace surd::store::test;
using file_calls::Call;
using file_calls::Fault;
using file_calls::Site;

namespace {

using Path = std::filesystem::path;
using Sites = std::set<std::pair<std::string, int>>;  // file name, line

// What the program was told to be safe, as checks for afterwards.
using Promises = std::vector<std::function<void()>>;

// Some work on a folder that `prepare` fills. One with several tables takes long: there the two
// ways in which a disk refuses, which no code tells apart, take turns.
struct Work {
  const char* name;
  std::function<void(const Path&)> prepare;
  std::function<void(const Path&, Promises&)> act;
  bool is_long = false;
};

struct Way {
  const char* name;
  int error;
  bool is_short;
  bool must_succeed;  // a program goes on as if nothing had been
};
const std::vector<Way> ways = {{"EIO", EIO, false, false},
                               {"ENOSPC", ENOSPC, false, false},
                               {"EINTR", EINTR, false, true},
                               {"a short write", 0, true, true},
                               {"half a write and then ENOSPC", ENOSPC, true, false}};

// The n-th call goes wrong in this way; notes where each call comes from.
class Disturbance {
 public:
  Disturbance(int n, const Way& way, Sites& sites) : n_(n), way_(way), sites_(sites) {}
  Fault operator()(Call call, const Site& site) {
    sites_.emplace(Path(site.file).filename().string(), site.line);
    const int now = static_cast<int>(calls.size());
    calls.push_back(call);
    if (now == n_) {
      hit = call;
      if (way_.is_short) return call == Call::write ? Fault{.is_short = true} : Fault{};
      return {.error = way_.error};
    }
    const bool rest_fails = way_.is_short && way_.error != 0 && hit == Call::write;
    return {.error = now == n_ + 1 && rest_fails ? way_.error : 0};
  }
  std::vector<Call> calls;
  std::optional<Call> hit;

 private:
  int n_;
  const Way& way_;
  Sites& sites_;
};

void check_no_temporaries(const Path& folder) {
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    INFO(entry.path().string());
    CHECK(entry.path().extension() != ".tmp");
  }
}

void walk(const Work& work, Sites& sites) {
  const Folder prepared;
  work.prepare(prepared.path());
  const auto once = [&](int n, const Way& way) {
    const Folder folder;
    std::filesystem::copy(prepared.path(), folder.path(), std::filesystem::copy_options::recursive);
    Promises promises;
    bool failed = false;
    std::optional<Call> hit;
    std::vector<Call> calls;
    {
      const auto disturbance = std::make_shared<Disturbance>(n, way, sites);
      const file_calls::Planned planned(
          [=](Call call, const Site& site) { return (*disturbance)(call, site); });
      try {
        work.act(folder.path(), promises);
      } catch (const Error&) {
        failed = true;
      }
      hit = disturbance->hit;
      calls = disturbance->calls;
    }
    INFO(work.name << ", call " << n << ": " << way.name);
    if (hit && way.must_succeed) CHECK_FALSE(failed);
    for (const auto& promise : promises) promise();
    if (hit != Call::unlink) check_no_temporaries(folder.path());
    return calls;
  };
  const std::vector<Call> calls = once(-1, ways[0]);
  CHECK(!calls.empty());
  for (std::size_t n = 0; n < calls.size(); ++n) {
    for (const Way& way : ways) {
      if (way.is_short && calls[n] != Call::write) continue;
      if (work.is_long && !way.must_succeed && !way.is_short && (n % 2 == 0) == (way.error == EIO))
        continue;
      once(static_cast<int>(n), way);
    }
  }
}

void write_sample_journal(const Path& path, const Sample& sample) {
  Journal journal(path);
  for (const Record& record : sample.records) journal.append(record);
  journal.sync();
}

void make_run(const Path& path, const Sample& sample) {
  const RunFolder folder(path);
  folder.create();
  write_sample_journal(folder.journal(), sample);
  rebuild_results(path);
}

// At least so many records, and a run can go on.
std::function<void()> holds(const Path& journal, std::size_t records) {
  return [=] {
    CHECK(read_journal(journal).records.size() >= records);
    Journal again(journal);
    again.append(opened("again"));
    again.sync();
  };
}

void journal_work(const Path& folder, Promises& promises) {
  Journal journal(folder / "journal.jsonl");
  for (std::size_t i = 1; i <= 3; ++i) {
    journal.append(done(i, 0.5));
    journal.flush();
    journal.append(done(100 + i, 0.5));
    journal.sync();
    promises = {holds(folder / "journal.jsonl", 2 * i)};
  }
}

const std::vector<Work>& works() {
  static const Sample sample;
  const auto nothing = [](const Path&) {};
  const auto sample_run = [](const Path& folder) { make_run(folder / "run", sample); };
  static const std::vector<Work> all = {
      {"a journal", nothing, journal_work},
      {"a journal with a torn tail",
       [](const Path& folder) {
         write_sample_journal(folder / "journal.jsonl", sample);
         std::ofstream(folder / "journal.jsonl", std::ios::app) << "{\"attempt\":12";
       },
       [](const Path& folder, Promises& promises) {
         promises = {holds(folder / "journal.jsonl", sample.records.size())};
         journal_work(folder, promises);
         promises.push_back(
             [=] { CHECK(read_file(folder / "journal.tail").starts_with("{\"attempt\":12\n")); });
       }},
      {"a journal without its last newline",
       [](const Path& folder) {
         write_sample_journal(folder / "journal.jsonl", sample);
         const std::string bytes = read_file(folder / "journal.jsonl");
         put(folder / "journal.jsonl", bytes.substr(0, bytes.size() - 1) + "J");
       },
       [](const Path& folder, Promises& promises) {
         promises = {holds(folder / "journal.jsonl", sample.records.size())};
         Journal journal(folder / "journal.jsonl");
       }},
      {"a journal whose file system has no locks", nothing,
       [](const Path& folder, Promises& promises) {
         const Path side_file = folder / "journal.lock.json";  // of a host that is silent
         put(side_file, "{\"host\":\"elsewhere\",\"pid\":1,\"since\":\"\"}");
         std::filesystem::last_write_time(
             side_file, std::filesystem::file_time_type::clock::now() - std::chrono::hours(1));
         for (int i = 0; i < 2; ++i) {  // a second time: there is no such file
           Journal journal(folder / "journal.jsonl", LockKind::heartbeat);
           journal.append(done(1, 0.5));
           journal.sync();
           promises = {holds(folder / "journal.jsonl", 1)};
           journal.beat();
         }
       }},
      {"a journal that is removed", [](const Path& folder) { RunFolder(folder / "run").create(); },
       [](const Path& folder, Promises&) {
         const Path path = RunFolder(folder / "run").journal();
         Journal journal(path);
         journal.append(done(1, 0.5));
         journal.sync();
         std::filesystem::remove(path);
         journal.append(done(2, 0.5));
         try {
           journal.sync();
           FAIL("a journal that is not there takes records");
         } catch (const Error& error) {
           const Path rescued = path.parent_path() / "journal.rescued-1.jsonl";
           const std::string text = error.what();
           if (text.find("puts it back") != std::string::npos)
             CHECK(read_journal(rescued).records.size() == 2);
         }
       }},
      {"a checkpoint",
       [](const Path& folder) {
         write_checkpoint(folder / "a.ckpt", std::vector<LaneState>{{{"aa"}, "old"}});
       },
       [](const Path& folder, Promises& promises) {
         promises = {[=] {
           const std::string state = read_checkpoint(folder / "a.ckpt", {"aa"});
           CHECK((state == "old" || state == "new"));
         }};
         write_checkpoint(folder / "a.ckpt", std::vector<LaneState>{{{"aa"}, "new"}});
         promises = {[=] { CHECK(read_checkpoint(folder / "a.ckpt", {"aa"}) == "new"); }};
       }},
      {"what a dead run left",
       [](const Path& folder) {
         const RunFolder run(folder);
         run.create();
         for (const char* name : {"state.json.tmp", "checkpoints/a.ckpt.tmp", "checkpoints/b.ckpt",
                                  "log/attempt-000001.log.tmp"})
           put(folder / name, "x");
       },
       [](const Path& folder, Promises&) {
         remove_stale_checkpoints(folder / "checkpoints", {});
         RunFolder(folder).remove_temporaries();
       }},
      {"state and results", sample_run,
       [](const Path& folder, Promises& promises) {
         const RunFolder run(folder / "run");
         promises = {[=] { CHECK(verify_run(run.path()).damage.empty()); }};
         RunState state;
         state.study = "x";
         write_state(run, state);
         promises.push_back([=] { CHECK(read_state(run).study == "x"); });
         write_results(run.results(), sample.study, replay(sample.records));
         rebuild_results(run.path());
       },
       true},
      {"a table that cannot be read",
       [sample_run](const Path& folder) {
         sample_run(folder);
         put(RunFolder(folder / "run").results(), "no table");
       },
       [](const Path& folder, Promises& promises) {
         const RunFolder run(folder / "run");
         promises = {[=] {
           const Path aside = run.path() / "results.h5.damaged";
           const bool is_aside = std::filesystem::exists(aside);
           CHECK(read_file(is_aside ? aside : run.results()) == "no table");
           rebuild_results(run.path());
           CHECK(verify_run(run.path()).damage.empty());
         }};
         rebuild_results(run.path());
       },
       true},
      {"a merge",
       [](const Path& folder) {
         make_run(folder / "a", sample);
         make_run(folder / "b", sample);
       },
       [](const Path& folder, Promises& promises) {
         promises = {[=] {
           CHECK(verify_run(folder / "a").damage.empty());
           CHECK(verify_run(folder / "b").damage.empty());
         }};
         const std::vector<Path> runs = {folder / "a", folder / "b"};
         merge_runs(runs, folder / "c");
         promises.push_back([=] { CHECK(verify_run(folder / "c").trials_done == 29); });
       },
       true},
      {"a salvage",
       [sample_run](const Path& folder) {
         sample_run(folder);
         const Path journal = RunFolder(folder / "run").journal();
         std::string bytes = read_file(journal);
         bytes[bytes.size() / 2] ^= 1;
         put(journal, bytes);
       },
       [](const Path& folder, Promises& promises) {
         const RunFolder run(folder / "run");
         const std::string damaged = read_file(run.journal());
         promises = {[=] {
           if (read_file(run.journal()) == damaged) {
             salvage_run(run.path());
           } else {
             CHECK(read_file(run.path() / "journal.damaged-1.jsonl") == damaged);
           }
           CHECK(read_run(run.results())->rows().size() == sample.study.trials.size());
           holds(run.journal(), sample.records.size() - 1)();
         }};
         salvage_run(run.path());
       },
       true},
  };
  return all;
}

// The lines of `file` that call.
Sites calls_in(const Path& file) {
  static const std::regex call("file_calls::(open|write|fsync|rename|link|truncate|unlink)\\(");
  Sites sites;
  std::istringstream lines(read_file(file));
  int number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    const auto first = std::sregex_iterator(line.begin(), line.end(), call);
    if (first != std::sregex_iterator()) sites.emplace(file.filename().string(), number);
  }
  return sites;
}

std::vector<Path> writing_sources() {
  const Path source = SURD_SOURCE_DIR;
  std::vector<Path> files = {source / "src/base/new_file.cpp"};
  for (const auto& entry : std::filesystem::directory_iterator(source / "src/store")) {
    if (entry.path().extension() == ".cpp") files.push_back(entry.path());
  }
  return files;
}

}  // namespace

TEST_CASE("whatever call of the store fails nothing that was acknowledged is lost") {
  Sites hit;
  for (const Work& work : works()) walk(work, hit);
  int expected = 0;
  for (const Path& file : writing_sources()) {
    for (const auto& [name, line] : calls_in(file)) {
      ++expected;
      INFO(name << ":" << line << " is in no work above");
      CHECK(std::any_of(hit.begin(), hit.end(), [&, &name = name, &line = line](const auto& site) {
        return site.first == name && std::abs(site.second - line) <= 1;
      }));
    }
  }
  CHECK(expected >= 15);
}

TEST_CASE("the store changes files through the calls that tests can disturb alone") {
  const std::regex other(
      "::(fsync|fdatasync|rename|ftruncate|unlink|link)\\(|O_CREAT|ofstream|fopen|"
      "filesystem::(remove|rename|resize_file|copy|create_hard_link|create_symlink)");
  for (const Path& file : writing_sources()) {
    std::istringstream lines(read_file(file));
    for (std::string line; std::getline(lines, line);) {
      if (line.find("file_calls::") != std::string::npos) continue;
      INFO(file.string() << ": " << line);
      const bool is_flag_of_seam = line.find("constexpr int flags") != std::string::npos;
      CHECK((is_flag_of_seam || !std::regex_search(line, other)));
    }
  }
}

TEST_CASE("links that were planted at the names of temporaries are not followed") {
  const Folder folder;
  const Sample sample;
  const RunFolder run(folder / "run");
  run.create();
  put(folder / "victim", "precious");
  for (const char* name : {"state.json", "results.h5", "study.yaml", "journal.lock.json",
                           "journal.jsonl", "checkpoints/a.ckpt", "log/attempt-000001.log"})
    std::filesystem::create_symlink(folder / "victim", run.path() / (std::string(name) + ".tmp"));
  write_state(run, {});
  make_run(run.path(), sample);
  write_checkpoint(run.checkpoints() / "a.ckpt", std::vector<LaneState>{{{"aa"}, "state"}});
  run.remove_temporaries();
  CHECK(read_file(folder / "victim") == "precious");
  CHECK(std::distance(std::filesystem::directory_iterator(run.log()), {}) == 0);
  std::filesystem::create_symlink(folder / "victim", run.path() / "journal.tail");
  std::ofstream(run.journal(), std::ios::app) << "torn";
  CHECK_THROWS_WITH(Journal(run.journal()), Catch::Contains("Nothing was cut"));
  CHECK(read_file(folder / "victim") == "precious");
}
