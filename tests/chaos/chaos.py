"""Random faults on whole runs: each is disturbed while it works, started again as its user would
start it, and must end with the tables of the undisturbed run.

    chaos.py --build DIR --work DIR [--faults N] [--seed S] [--data-parallel 1|2] [--round I]

A fault is a signal to the launcher (surd), to mpirun, or to a rank. After each, every process must
end by itself, the journal must have kept all that it has shown, and `surd results verify` must find
no damage. In the end nothing was trained twice, nothing is left behind, and /trials, /curves, /grid
and /audit are those of the undisturbed run. A run that fails is kept, with the command to repeat
it: the same faults to the same processes after the same waits, on a machine that may be elsewhere.
"""
import argparse
import collections
import concurrent.futures
import pathlib
import random
import shutil
import signal
import sys
import time

from faults import KINDS, PAUSE, ROLES, SIGNALS, STOPS, codes, rounds
from folder import Journal, check_complete, verify
from job import Job

STUDY = pathlib.Path(__file__).parent.parent / "data" / "studies" / "chaos.yaml"
RANKS = 3
# By the size of teams, two of which share a step with an all-reduce, which costs on few cores.
STEPS = {1: 400, 2: 150}
TEAMS = {1: 2, 2: 1}
# How the job went on after a fault, in words of the summary.
WORDS = ("died", "stopped", "went on", "complete")
Outcome = collections.namedtuple("Outcome", "fault word")


class Chaos:
    def __init__(self, options, team_size):
        self.options = options
        self.team_size = team_size
        self.surd = pathlib.Path(options.build) / "bin" / "surd"
        self.work = pathlib.Path(options.work) / f"data-parallel-{team_size}"
        self.reference = self.work / "undisturbed"
        self.plan = rounds(options.seed, team_size, options.faults)

    def start(self, folder):
        command = [self.surd, "run", STUDY, "--out", folder, "--ranks", RANKS, "--device", "cpu",
                   "--audit", ".2", "--set", f"run.data_parallel={self.team_size}",
                   "--set", f"recipe.steps={STEPS[self.team_size]}"]
        return Job([str(word) for word in command], self.team_size, f"{folder}.log")

    def undisturbed(self):
        shutil.rmtree(self.reference, ignore_errors=True)
        self.work.mkdir(parents=True, exist_ok=True)
        begun = time.monotonic()
        code = self.start(self.reference).wait()
        assert code == 0, f"the undisturbed run ended with {code}, see {self.reference}.log"
        check_complete(self.reference, self.reference)
        say(f"teams of {self.team_size}: undisturbed in {time.monotonic() - begun:.1f} s, "
            f"{sum(map(len, self.plan))} faults in {len(self.plan)} rounds")

    def round(self, index):
        """The outcomes of its faults, and what failed: a text, or nothing."""
        pending, outcomes, part = list(self.plan[index]), [], 0
        while pending:
            folder = self.work / f"round-{index}-{part}"
            part += 1
            shutil.rmtree(folder, ignore_errors=True)
            pathlib.Path(f"{folder}.log").unlink(missing_ok=True)
            try:
                self.disturbed(folder, pending, outcomes)
            except AssertionError as error:
                return outcomes, (f"{error}\nkept: {folder}, {folder}.log\n"
                                  f"repeat: {self.repeat(index)}")
            shutil.rmtree(folder)
            pathlib.Path(f"{folder}.log").unlink()
        return outcomes, None

    def repeat(self, index):
        options = self.options
        words = [sys.executable, __file__, "--build", options.build, "--work", options.work,
                 "--faults", options.faults, "--seed", options.seed,
                 "--data-parallel", self.team_size, "--round", index]
        return " ".join(map(str, words))

    def disturbed(self, folder, pending, outcomes):
        """One run, started again and again until it is complete."""
        journal = Journal(folder / "journal.jsonl")
        before = len(pending)
        code = None
        while code != 0:
            job = self.start(folder)
            try:
                placed = self.place_all(job, journal, pending)
            except BaseException:
                job.kill()
                raise
            code = job.wait()
            journal.check()
            self.judge(placed, code, journal, outcomes)
            verify(self.surd, folder)
        check_complete(folder, self.reference)
        assert len(pending) < before, "it was over before a fault could be placed"

    def judge(self, placed, code, journal, outcomes):
        """Whether a job may end so after the faults that were placed."""
        for fault in placed:
            last = fault is placed[-1]
            word = word_of(code) if last else "went on"
            outcomes.append(Outcome(fault, word))
            say(f"teams of {self.team_size}, fault {fault.number}: {fault.kind} to {fault.role}, "
                f"{fault.trials} trials done: {word}{f' (exit code {code})' if last else ''}")
        fault = placed[-1] if placed else None
        allowed = codes(fault) if fault else {0}
        assert code in allowed, f"exit code {code} after {fault}, expected one of {allowed}"
        if fault and code == 0 and fault.kind in STOPS and 1 not in allowed:
            begun = journal.attempts - fault.attempts
            assert begun <= 2 * TEAMS[self.team_size], (
                f"{fault} was ignored: {begun} attempts began after it, and the run is complete")

    def place_all(self, job, journal, pending):
        """Places faults up to one that should end the job; those placed, taken from `pending`."""
        placed, starts = [], journal.starts
        while pending and self.place(job, journal, starts, pending[0]):
            placed.append(pending.pop(0))
            if placed[-1].kind != PAUSE:
                break
        return placed

    def place(self, job, journal, starts, fault):
        """Whether it was placed: the work may have ended before."""
        if not wait_for_work(job, journal, starts):
            return False
        time.sleep(fault.delay_s)
        while wait_for_work(job, journal, starts):
            there = [process for process in job.processes() if process.role == fault.role]
            if not there:
                return False
            chosen = there[int(fault.choice * len(there))]
            journal.read()
            if not journal.open:
                continue
            fault.attempts, fault.trials = journal.attempts, len(journal.done)
            if not job.send(chosen, SIGNALS[fault.kind]):
                return False
            if fault.kind == PAUSE:
                time.sleep(fault.pause_s)
                job.send(chosen, signal.SIGCONT)
            return True
        return False


def wait_for_work(job, journal, starts):
    """Until an attempt of this start goes on; False where the job ended before."""
    while not job.ended():
        journal.read()
        if journal.starts > starts and journal.open:
            return True
        time.sleep(0.005)
    return False


def say(text):
    print(text, flush=True)


def word_of(code):
    return {0: "complete", 3: "stopped"}.get(code, "died")


def summary(team_size, outcomes):
    counts = collections.Counter((o.fault.kind, o.fault.role) for o in outcomes)
    ends = collections.Counter((o.fault.kind, o.word) for o in outcomes)
    say(f"\nteams of {team_size}: {len(outcomes)} faults, and how the run went on")
    say(f"{'':14}" + "".join(f"{name:>12}" for name in (*ROLES, *WORDS)))
    for kind in KINDS:
        row = [counts[kind, role] for role in ROLES] + [ends[kind, word] for word in WORDS]
        say(f"{kind:14}" + "".join(f"{number or '':>12}" for number in row))


def run(options, team_size):
    """Whether all rounds went well."""
    chaos = Chaos(options, team_size)
    chaos.undisturbed()
    indices = range(len(chaos.plan)) if options.round is None else [options.round]
    outcomes, failed = [], 0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for index, (ended, failure) in zip(indices, pool.map(chaos.round, indices)):
            outcomes += ended
            if failure:
                failed += 1
                say(f"FAILED, round {index} of teams of {team_size}: {failure}")
    summary(team_size, outcomes)
    return failed == 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", required=True, help="build folder, with bin/surd")
    parser.add_argument("--work", required=True, help="folder for the runs")
    parser.add_argument("--faults", type=int, default=30, help="for each size of teams")
    parser.add_argument("--seed", type=int, help="default: drawn, and printed")
    parser.add_argument("--data-parallel", type=int, choices=STEPS, help="default: both")
    parser.add_argument("--round", type=int, help="this one alone")
    parser.add_argument("--jobs", type=int, default=1, help="runs at a time")
    options = parser.parse_args()
    if options.seed is None:
        options.seed = random.SystemRandom().randrange(10**6)
    say(f"seed {options.seed}")
    begun = time.monotonic()
    sizes = [options.data_parallel] if options.data_parallel else list(STEPS)
    good = [run(options, size) for size in sizes]
    say(f"\n{time.monotonic() - begun:.0f} s, seed {options.seed}: "
        f"{'no fault changed anything' if all(good) else 'FAILED'}")
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
