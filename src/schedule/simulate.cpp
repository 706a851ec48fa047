#include "schedule/simulate.hpp"

#include <algorithm>
#include <optional>
#include <queue>

#include "design/search.hpp"

namespace surd::schedule {

namespace {

enum class Kind { join, lane_done, end, fail, stop, tick };

struct Event {
  double at_s = 0;
  std::int64_t order = 0;  // ties: first scheduled, first served
  Kind kind = Kind::join;
  std::size_t worker = 0;
  AttemptId attempt{};
  TrialIndex trial;
  bool operator>(const Event& other) const {
    return at_s != other.at_s ? at_s > other.at_s : order > other.order;
  }
};

class World final : public Outbox {
 public:
  World(const grid::Study& study, const Scene& scene)
      : study_(study), scene_(scene), scheduler_(study, scene.past, options(scene), *this) {
    seats_.resize(scene.workers.size());
    for (std::size_t i = 0; i < scene.workers.size(); ++i) {
      if (!place_of_.try_emplace(scene.workers[i].rank, i).second)
        throw Error("two workers of one rank");
      push(0, Kind::join, i);
    }
    if (scene.stop_at_s) push(*scene.stop_at_s, Kind::stop, 0);
    if (scene.options.deadline_s)
      push(std::max(0.0, *scene.options.deadline_s - scene.options.stop_lead_s), Kind::tick, 0);
    past_ = scene.past;
    past_.resize(study.trials.size());
    if (study.run.design == grid::Design::boundary) {
      search_.emplace(study);
      go_on_searching();
    }
  }

  Simulation run() {
    while (!events_.empty() && !scheduler_.over()) {
      const Event event = events_.top();
      events_.pop();
      now_s_ = event.at_s;
      ++out_.events;
      serve(event);
      go_on_searching();
      deliver_stops();
    }
    if (!scheduler_.over())
      throw Error("the simulation came to rest with work left and nothing on its way");
    for (const Seat& seat : seats_) {
      if (seat.joined && !seat.dismissed) throw Error("a worker was not dismissed");
    }
    for (const TrialIndex trial : past_.places()) {
      const TrialStatus& status = scheduler_.trials()[trial];
      out_.states.push_back(status.state);
      if (status.state == TrialState::quarantined) past_[trial].kind = Past::Kind::quarantined;
      if (past_[trial].kind == Past::Kind::unknown) past_[trial].saved_step = status.step;
    }
    std::sort(out_.ran.begin(), out_.ran.end());
    double busy_s = 0;
    for (const Simulation::Interval& interval : out_.intervals) {
      busy_s += interval.end_s - interval.start_s;
      out_.makespan_s = std::max(out_.makespan_s, interval.end_s);
    }
    if (out_.makespan_s > 0)
      out_.busy = busy_s / (out_.makespan_s * static_cast<double>(seats_.size()));
    out_.past = std::move(past_);
    out_.outcome = scheduler_.outcome();
    out_.why = scheduler_.why();
    return std::move(out_);
  }

  void assign(Rank rank, const Assignment& assignment) override {
    ++out_.messages;
    Seat& seat = seats_[place_of_.at(rank)];
    if (seat.assignment || seat.dismissed || !seat.joined)
      throw Error("work was sent to a worker that is not free");
    if (assignment.trials.empty()) throw Error("an empty bundle was sent");
    seat.assignment = assignment;
    seat.start_s = now_s_;
    seat.lanes.clear();
    const std::size_t place = place_of_.at(rank);
    if (scene_.fails && scene_.fails(assignment, scene_.workers[place])) {
      push(now_s_ + scene_.step_s(assignment.trials.front(), assignment.trials.size(),
                                  scene_.workers[place]),
           Kind::fail, place, assignment.attempt);
      return;
    }
    // Lanes in the order in which they stop; each stretch between two stops runs with the lanes
    // that are left.
    for (const TrialIndex trial : assignment.trials) {
      const int from = scheduler_.trials()[trial].step;
      seat.lanes.push_back({trial, from, std::max(scene_.result(trial).steps, from)});
    }
    std::stable_sort(seat.lanes.begin(), seat.lanes.end(),
                     [](const Lane& a, const Lane& b) { return a.to - a.from < b.to - b.from; });
    double at_s = now_s_;
    int done = 0;
    for (std::size_t i = 0; i < seat.lanes.size(); ++i) {
      Lane& lane = seat.lanes[i];
      lane.step_s = scene_.step_s(lane.trial, seat.lanes.size() - i, scene_.workers[place]);
      lane.stretch_start_s = at_s;
      lane.stretch_start = done;
      at_s += lane.step_s * (lane.to - lane.from - done);
      done = lane.to - lane.from;
      push(at_s, Kind::lane_done, place, assignment.attempt, lane.trial);
    }
    push(at_s, Kind::end, place, assignment.attempt);
  }
  void stop(Rank rank) override {
    ++out_.messages;
    Seat& seat = seats_[place_of_.at(rank)];
    if (!seat.assignment || seat.stop_asked)
      throw Error("a stop was sent to a worker that does not run, or twice");
    seat.stop_asked = true;
    stops_.push_back(place_of_.at(rank));
  }
  void dismiss(Rank rank) override {
    ++out_.messages;
    Seat& seat = seats_[place_of_.at(rank)];
    if (seat.assignment || seat.dismissed) throw Error("a busy worker was dismissed, or one twice");
    seat.dismissed = true;
  }
  void quarantine(std::span<const TrialIndex> trials, const std::string& reason) override {
    ++out_.messages;
    out_.notes.push_back("quarantine " + std::to_string(trials.size()) + ": " + reason);
    if (!search_) return;
    for (const TrialIndex trial : trials) search_->settle(trial, nullptr);
  }
  void drain(const std::string& host, const std::string& reason) override {
    ++out_.messages;
    out_.notes.push_back("drain " + host + ": " + reason);
  }

 private:
  struct Lane {
    TrialIndex trial;
    int from = 0;       // steps in its checkpoint
    int to = 0;         // steps at its stop
    double step_s = 0;  // of the whole bundle in the stretch that this lane ends
    double stretch_start_s = 0;
    int stretch_start = 0;  // steps of this attempt before the stretch
  };
  struct Seat {
    bool joined = false;
    bool dismissed = false;
    bool stop_asked = false;
    std::optional<Assignment> assignment;
    std::vector<Lane> lanes;  // not done yet, next to stop first
    double start_s = 0;
  };

  static Options options(const Scene& scene) {
    Options options = scene.options;
    if (options.workers == 0) options.workers = scene.workers.size();
    return options;
  }

  void push(double at_s, Kind kind, std::size_t worker, AttemptId attempt = {},
            TrialIndex trial = {}) {
    events_.push({at_s, order_++, kind, worker, attempt, trial});
  }

  void serve(const Event& event) {
    Seat& seat = seats_.at(event.worker);
    const Worker& worker = scene_.workers.at(event.worker);
    const bool stale = !seat.assignment || seat.assignment->attempt != event.attempt;
    switch (event.kind) {
      case Kind::join:
        seat.joined = true;
        scheduler_.worker_joined(worker, now_s_);
        break;
      case Kind::tick: scheduler_.tick(now_s_); break;
      case Kind::stop: scheduler_.stop_asked(now_s_); break;
      case Kind::lane_done: {
        if (stale) break;
        const spec::TrialResult result = scene_.result(event.trial);
        std::erase_if(seat.lanes, [&](const Lane& lane) { return lane.trial == event.trial; });
        out_.ran.push_back(event.trial);
        past_[event.trial].kind = Past::Kind::done;
        past_[event.trial].accuracy = design::judged_accuracy(result);
        if (search_) search_->settle(event.trial, &result);
        scheduler_.trial_done(worker.rank, event.attempt, event.trial, result, now_s_);
        break;
      }
      case Kind::end:
        if (!stale) end(event.worker, spec::AttemptEnd::finished, "");
        break;
      case Kind::fail:
        if (stale) break;
        for (const TrialIndex trial : seat.assignment->trials)
          past_[trial].failed_hosts.push_back(worker.host);
        end(event.worker, spec::AttemptEnd::failed, "simulated");
        break;
    }
  }

  // Proposals take no time.
  void go_on_searching() {
    if (!search_ || searched_) return;
    if (search_->is_due()) scheduler_.open(search_->go_on().run, now_s_);
    if (!search_->over()) return;
    searched_ = true;
    scheduler_.close(now_s_);
  }

  // Messages take no time, but are served only after the event that caused them.
  void deliver_stops() {
    while (!stops_.empty()) {
      const std::vector<std::size_t> places = std::exchange(stops_, {});
      for (const std::size_t place : places) {
        Seat& seat = seats_[place];
        if (!seat.assignment) continue;
        std::vector<LaneProgress> progress;
        std::vector<SavedLane> saved;
        if (!seat.lanes.empty()) {
          const Lane& next = seat.lanes.front();
          const double steps =
              next.step_s > 0 ? (now_s_ - next.stretch_start_s) / next.step_s : 0.0;
          const int done = next.stretch_start + static_cast<int>(steps);
          for (const Lane& lane : seat.lanes)
            progress.push_back({lane.trial, std::min(lane.from + done, lane.to), 0});
        }
        for (const LaneProgress& lane : progress) saved.push_back({lane.trial, lane.step});
        scheduler_.progress(scene_.workers[place].rank, seat.assignment->attempt, progress, now_s_);
        scheduler_.checkpoint_saved(scene_.workers[place].rank, seat.assignment->attempt, saved);
        end(place, spec::AttemptEnd::stopped, "");
      }
    }
  }

  void end(std::size_t place, spec::AttemptEnd end, const std::string& message) {
    Seat& seat = seats_[place];
    const AttemptId attempt = seat.assignment->attempt;
    out_.intervals.push_back({place, std::move(*seat.assignment), seat.start_s, now_s_, end});
    seat.assignment.reset();
    seat.stop_asked = false;
    scheduler_.bundle_ended(scene_.workers[place].rank, attempt, end, message, now_s_);
  }

  const grid::Study& study_;
  const Scene& scene_;
  Simulation out_;
  std::vector<Seat> seats_;
  std::map<Rank, std::size_t> place_of_;
  Indexed<TrialIndex, Past> past_;
  std::vector<std::size_t> stops_;
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
  std::int64_t order_ = 0;
  double now_s_ = 0;
  std::optional<design::Search> search_;
  bool searched_ = false;
  Scheduler scheduler_;
};

}  // namespace

Simulation simulate(const grid::Study& study, const Scene& scene) {
  return World(study, scene).run();
}

}  // namespace surd::schedule
