"""Ranks that hang: a process that stands still (SIGSTOP), and one whose step or write never
returns. Each is found and named, the job ends with 1, and nothing is left of it.

    hang_test.py [--all] --bin DIR --mpirun PATH --work DIR --study FILE

--all: every role in every place, for one rank a team and for two; without it a few that differ
most. Standard library only.
"""
import argparse
import concurrent.futures
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

SILENT_S = 4
PATIENCE_S = 240  # against hanging alone
AT_ONCE = 3
# Goes on for hours, in steps of a millisecond.
STUDY = ("--set", "grid.length=[16]", "--set", "grid.hidden=[8]",
         "--set", "grid.architecture=[linear]", "--set", "trials.seeds=1",
         "--set", "recipe.steps=100000000", "--set", "recipe.stop_evals=100000000",
         "--set", "recipe.eval_every=100",
         "--set", f"run.silent_s={SILENT_S}")
DOING = {"load": "loading", "step": "a step", "evaluation": "an evaluation",
         "checkpoint": "a checkpoint"}

# (rank, ranks a team, where, how). Of the coordinator, rank 0, `where` says when it is stopped. A
# follower writes no checkpoint. "at_stop": the checkpoint that a stop asks for.
FEW = [(0, 1, "step", "stop"), (0, 2, "at_stop", "stop"), (1, 1, "load", "stop"),
       (1, 1, "checkpoint", "sleep"), (1, 2, "at_stop", "stop"), (2, 2, "step", "sleep"),
       (2, 2, "evaluation", "stop"), (2, 2, "load", "stop")]
ALL = [(rank, team, where, how) for team in (1, 2) for rank in range(team + 1)
       for where in ("load", "step", "evaluation", "checkpoint", "at_stop")
       for how in (("stop",) if rank == 0 else ("stop", "sleep"))
       if rank < 2 or where in ("load", "step", "evaluation")]


class Case:
    def __init__(self, options, rank, team, where, how):
        self.options, self.rank, self.team, self.where, self.how = options, rank, team, where, how
        self.name = f"{rank}-of-teams-of-{team}-{where}-{how}"
        self.folder = pathlib.Path(options.work) / self.name
        shutil.rmtree(self.folder, ignore_errors=True)

    def command(self, *extra):
        checkpoint_s = 1e9 if self.where == "at_stop" else 0.5
        return [self.options.mpirun, "-n", str(1 + self.team),
                str(pathlib.Path(self.options.bin) / "test_hanging_run"), self.options.study,
                "--out", str(self.folder), "--device", "cpu", *STUDY,
                "--set", f"run.checkpoint_s={checkpoint_s}",
                "--set", f"run.data_parallel={self.team}", *extra]

    def state(self):
        try:
            return json.loads((self.folder / "state.json").read_text())
        except (OSError, ValueError):
            return None

    def wait(self, what, condition):
        deadline = time.monotonic() + PATIENCE_S
        while not condition():
            assert time.monotonic() < deadline, f"{self.name}: not in time: {what}"
            assert self.process.poll() is None, (
                f"{self.name}: ended before {what}:\n{self.process.communicate()[0]}")
            time.sleep(0.05)

    def coordinator_is_to_stop(self):
        state = self.state()
        if state is None or self.where == "load":
            return state is not None
        steps = [rank["doing"] for rank in state["ranks"] if "step" in rank["doing"]]
        return bool(steps) and "step 0 " not in steps[0]

    def show(self):
        hang = "" if self.rank == 0 else (
            f"{self.rank} {'checkpoint' if self.where == 'at_stop' else self.where} "
            f"{1 if self.where in ('at_stop', 'load') else 3} {self.how}")
        self.process = subprocess.Popen(
            self.command(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env={**os.environ, **({"SURD_TEST_HANG": hang} if hang else {})})
        try:
            if self.rank == 0 or self.where == "at_stop":
                self.wait("it was under way", self.coordinator_is_to_stop)
            if self.where == "at_stop":
                self.process.send_signal(signal.SIGUSR1)
            if self.rank == 0:
                os.kill(self.state()["ranks"][0]["pid"], signal.SIGSTOP)
            words = self.process.communicate(timeout=PATIENCE_S)[0]
        finally:
            self.process.kill()
        state = self.state()
        assert self.process.returncode == 1, f"{self.name}: {self.process.returncode}\n{words}"
        if self.rank == 0:
            assert "the coordinator hangs" in words, f"{self.name}:\n{words}"
        else:
            self.check_account(words, state)
        self.nothing_is_left(state)
        return words

    def check_account(self, words, state):
        doing = DOING["checkpoint" if self.where == "at_stop" else self.where]
        said = [line for line in words.splitlines() if "hangs: no progress for" in line]
        assert said and f"rank {self.rank} (process" in said[0] and doing in said[0], (
            f"{self.name}:\n{words}")
        assert state["exit_code"] == 1 and f"rank {self.rank}" in state["sentence"], state
        records = [json.loads(line)
                   for line in (self.folder / "journal.jsonl").read_text().splitlines()]
        begun = {r["attempt"] for r in records if r.get("type") == "attempt_started"}
        lost = {r["attempt"] for r in records
                if r.get("type") == "attempt_ended" and r["cause"] == "lost"}
        assert begun == lost, (begun, lost)

    def nothing_is_left(self, state):
        deadline = time.monotonic() + PATIENCE_S
        for rank in state["ranks"]:
            while pathlib.Path(f"/proc/{rank['pid']}").exists():
                assert time.monotonic() < deadline, f"{self.name}: {rank} lives on"
                time.sleep(0.05)

    def go_on(self):
        """The folder is free again."""
        done = subprocess.run(self.command("--set", "recipe.steps=600"), capture_output=True,
                              text=True)
        assert done.returncode == 0, f"{self.name}: {done.stdout}{done.stderr}"


def main():
    parser = argparse.ArgumentParser()
    for flag in ("--bin", "--mpirun", "--work", "--study"):
        parser.add_argument(flag, required=True)
    parser.add_argument("--all", action="store_true")
    options = parser.parse_args()
    began = time.monotonic()
    cases = [Case(options, *case) for case in (ALL if options.all else FEW)]

    def show(case):
        words = case.show()
        said = next(line for line in words.splitlines()
                    if "hangs: no progress" in line or "the coordinator hangs" in line)
        print(f"{case.name}: {said}\n", end="", flush=True)

    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(show, cases))
    cases[3].go_on()
    print(f"{len(cases)} ranks hung and were found in {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    sys.exit(main())
