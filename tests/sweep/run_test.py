"""Whole runs of surd-run under mpirun, disturbed in every way that a cluster knows; each ends with the table of the undisturbed run.

    run_test.py FACT --bin DIR --mpirun PATH --work DIR --study FILE

Standard library only. The facts are the functions fact_*; `undisturbed` makes the table that the others compare with.
"""
import argparse
import csv
import io
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

# What may differ between two runs of the same trials.
FREE_COLUMNS = {"seconds", "attempts"}


class Runner:
    def __init__(self, options):
        self.bin = pathlib.Path(options.bin)
        self.mpirun = options.mpirun
        self.work = pathlib.Path(options.work)
        self.study = options.study
        self.reference = self.work / "undisturbed"

    def fresh(self, name):
        folder = self.work / name
        shutil.rmtree(folder, ignore_errors=True)
        self.work.mkdir(parents=True, exist_ok=True)
        return folder

    def command(self, folder, ranks, *extra, study=None):
        device = () if "--device" in extra else ("--device", "cpu")
        program = [str(self.bin / "surd-run"), str(study or self.study), "--out", str(folder), *device, *extra]
        return program if ranks == 0 else [self.mpirun, "-n", str(ranks), *program]

    def run(self, folder, ranks=3, *extra, study=None, code=0):
        done = subprocess.run(self.command(folder, ranks, *extra, study=study), capture_output=True, text=True)
        print(done.stdout + done.stderr)
        assert done.returncode == code, f"exit code {done.returncode}, expected {code}"
        return done.stdout + done.stderr

    def start(self, folder, ranks=3, *extra):
        self.started_s = time.time()
        return subprocess.Popen(self.command(folder, ranks, *extra), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def surd(self, *arguments, code=0):
        done = subprocess.run([str(self.bin / "surd"), *map(str, arguments)], capture_output=True, text=True)
        assert done.returncode == code, f"surd {arguments}: exit code {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout

    def status(self, folder):
        state = json.loads(self.surd("status", folder, "--json"))
        return {**state, **state["trials"]}

    def table(self, folder):
        path = self.work / f"{folder.name}.csv"
        self.surd("results", "export", folder, "--csv", path)
        rows = list(csv.DictReader(io.StringIO(path.read_text())))
        assert rows
        return [{key: value for key, value in row.items() if key not in FREE_COLUMNS} for row in rows]

    def same_as_reference(self, folder):
        mine, reference = self.table(folder), self.table(self.reference)
        assert len(mine) == len(reference)
        for a, b in zip(mine, reference):
            assert a == b, f"the tables differ:\n{a}\n{b}"
        check_journal(folder)
        print(self.surd("results", "verify", folder))

    def wait_for(self, folder, condition, process):
        """The state of the run once `condition` holds, read as another process would."""
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            assert process.poll() is None, f"the run ended before it could be disturbed:\n{process.communicate()[0]}"
            if (folder / "state.json").exists():
                state = self.status(folder)
                if state["started_s"] >= self.started_s and condition(state):  # not what an earlier run left
                    return state
            time.sleep(0.02)
        raise AssertionError("the run did not get there in two minutes")


def records(folder):
    return [json.loads(line) for line in (folder / "journal.jsonl").read_text().splitlines()]


def check_journal(folder):
    """No trial has two results, and none was assigned again after its result."""
    done = set()
    for record in records(folder):
        if record.get("type") == "trial_done":
            assert record["id"] not in done, f"trained twice: {record['id']}"
            done.add(record["id"])
        if record.get("type") == "attempt_started":
            again = done.intersection(record["trials"])
            assert not again, f"assigned again: {again}"
    assert done


def busy_worker(state):
    return next((rank for rank in state["ranks"] if rank["rank"] > 0 and "trials" in rank["doing"]), None)


def half_way(state):
    return state["done"] >= 8 and state["left"] > 8 and busy_worker(state) is not None


def end_of(process):
    output = process.communicate(timeout=120)[0]
    print(output)
    return process.returncode


def fact_undisturbed(runner):
    folder = runner.fresh("undisturbed")
    runner.run(folder)
    rows = runner.table(folder)
    statuses = {row["status"] for row in rows}
    assert statuses == {"finished", "skipped"}, statuses  # the design has something to skip
    assert any(float(row["accuracy_test"]) < 0.5 for row in rows if row["status"] == "finished")
    assert any(float(row["accuracy_test"]) > 0.9 for row in rows if row["status"] == "finished")
    check_journal(folder)
    state = runner.status(folder)
    assert state["exit_code"] == 0 and state["left"] == 0 and state["phase"] == "over", state
    assert not list((folder / "checkpoints").iterdir()), "a finished run needs no checkpoints"
    # Running again finds nothing to do and changes nothing.
    before = len([r for r in records(folder) if r.get("type") == "attempt_started"])
    runner.run(folder)
    assert len([r for r in records(folder) if r.get("type") == "attempt_started"]) == before


def fact_one_process(runner):
    folder = runner.fresh("one_process")
    runner.run(folder, 0)
    runner.same_as_reference(folder)


def fact_worker_killed(runner):
    folder = runner.fresh("worker_killed")
    process = runner.start(folder)
    state = runner.wait_for(folder, half_way, process)
    os.kill(busy_worker(state)["pid"], signal.SIGKILL)
    assert end_of(process) != 0
    assert "seems to have died" in runner.surd("status", folder)
    runner.run(folder)
    runner.same_as_reference(folder)


def fact_coordinator_killed(runner):
    folder = runner.fresh("coordinator_killed")
    for least in (4, 12):  # twice, at different places
        process = runner.start(folder)
        state = runner.wait_for(folder, lambda s: s["done"] >= least and s["left"] > 4 and busy_worker(s) is not None, process)
        os.kill(state["ranks"][0]["pid"], signal.SIGKILL)
        assert end_of(process) != 0
    runner.run(folder)
    runner.same_as_reference(folder)
    lost = [r for r in records(folder) if r.get("type") == "attempt_ended" and r["cause"] == "lost"]
    assert lost, "attempts of a dead run are marked as lost"


def fact_stopped_by_signal(runner):
    folder = runner.fresh("stopped_by_signal")

    def stop(ranks, signal_all):
        process = runner.start(folder, ranks)
        least = runner.status(folder)["done"] + 2 if (folder / "state.json").exists() else 2
        state = runner.wait_for(folder, lambda s: s["phase"] == "running" and s["done"] >= least and s["left"] > 4 and busy_worker(s), process)
        asked = time.monotonic()
        signal_all(process, state)
        code = end_of(process)
        assert code == 3, code
        assert time.monotonic() - asked < 20
        state = runner.status(folder)
        assert state["exit_code"] == 3 and "again" in state["sentence"], state

    def as_mpirun_passes_on(process, state):
        process.send_signal(signal.SIGUSR1)

    def as_srun_does(process, state):  # every rank, twice
        for _ in range(2):
            for rank in state["ranks"]:
                os.kill(rank["pid"], signal.SIGTERM)

    def as_a_user_does(process, state):
        process.send_signal(signal.SIGINT)

    stop(0, as_a_user_does)
    stop(3, as_mpirun_passes_on)
    stop(3, as_srun_does)
    runner.run(folder)
    runner.same_as_reference(folder)
    stopped = [r for r in records(folder) if r.get("type") == "attempt_ended" and r["cause"] == "stopped"]
    assert len(stopped) >= 3, "the running bundles were stopped, not finished"
    assert any(r.get("type") == "checkpoint" for r in records(folder))


def fact_stopped_at_start(runner):
    """A stop at any moment of the start ends the run, and nothing is damaged."""
    folder = runner.fresh("stopped_at_start")
    for ranks, delay_s, again in ((0, 0.1, 0), (0, 0.3, 1), (3, 0.3, 0), (3, 0.5, 1), (3, 0.7, 0)):
        process = runner.start(folder, ranks)
        time.sleep(delay_s)
        for _ in range(1 + again):
            if process.poll() is None:
                process.send_signal(signal.SIGUSR1 if ranks else signal.SIGTERM)
        asked = time.monotonic()
        end_of(process)  # killed before it could listen, or stopped
        assert time.monotonic() - asked < 20
    runner.run(folder)
    runner.same_as_reference(folder)


def fact_failing(runner):
    """A trial that fails wherever it runs is set aside with what it said; the others are finished; a team's failure is known to the next start."""
    flags = ("--set", "grid.length=[16]", "--set", "grid.hidden=[4,65536]", "--set", "grid.architecture=[standard]", "--set", "trials.seeds=1",
             "--set", "trials.learning_rates=[1e-2]", "--set", "run.design=grid", "--set", "recipe.steps=60", "--set", "recipe.warmup=6",
             "--set", "model.layers=64", "--set", "model.ffn_ratio=64")  # some hundred TB of parameters
    folder = runner.fresh("failing")
    runner.run(folder, 3, *flags, code=4)
    state = runner.status(folder)
    assert (state["done"], state["failed"], state["left"], state["exit_code"]) == (1, 1, 0, 4), state
    failed = [r for r in records(folder) if r.get("type") == "attempt_ended" and r["cause"] == "failed"]
    assert len(failed) == 3 and all(r["message"] for r in failed), failed  # once and two retries
    aside = [r for r in records(folder) if r.get("type") == "quarantined"]
    assert len(aside) == 1 and failed[0]["message"] in aside[0]["log"], aside
    for record in failed:
        text = (folder / "log" / f"attempt-{record['attempt']:06}.log").read_text()
        assert record["message"] in text and aside[0]["trials"][0] in text, text
    assert "65536" in (folder / "log" / "run.log").read_text()

    folder = runner.fresh("failing_team")
    runner.run(folder, 3, "--set", "run.data_parallel=2", *flags, code=1)
    failed = [r for r in records(folder) if r.get("type") == "attempt_ended" and r["cause"] == "failed"]
    assert len(failed) == 1 and failed[0]["message"], failed


def fact_no_room(runner):
    """A checkpoint that cannot be written costs no trial; results that cannot be written end the run, which says so and goes on later."""
    folder = runner.fresh("no_room")
    process = runner.start(folder)
    runner.wait_for(folder, lambda s: s["done"] >= 2 and s["left"] > 8 and busy_worker(s), process)
    (folder / "checkpoints").rename(folder / "moved")
    (folder / "checkpoints").write_text("not a folder")
    assert end_of(process) == 0
    runner.same_as_reference(folder)
    assert not any(r.get("type") == "attempt_ended" and r["cause"] == "failed" for r in records(folder))

    folder = runner.fresh("no_results")
    (folder / "results.h5.tmp").mkdir(parents=True)
    output = runner.run(folder, 3, code=1)
    assert "results.h5" in output, output
    state = runner.status(folder)
    assert state["exit_code"] == 1 and "results.h5" in state["sentence"], state
    (folder / "results.h5.tmp").rmdir()
    runner.run(folder)
    runner.same_as_reference(folder)


def fact_grown(runner):
    """A study that grows trains only what is new; one that shrinks keeps the rest in the journal."""
    folder = runner.fresh("grown")
    runner.run(folder, 3, "--set", "grid.length=[16]")
    first = sum(r.get("type") == "trial_done" for r in records(folder))
    small = len(runner.table(folder))
    runner.run(folder)
    runner.same_as_reference(folder)
    assert 0 < first < sum(r.get("type") == "trial_done" for r in records(folder))
    output = runner.run(folder, 3, "--set", "grid.length=[16]")
    assert "are not in this study" in output, output
    assert len(runner.table(folder)) == small
    check_journal(folder)


def fact_bad_input(runner):
    folder = runner.fresh("bad_input")
    bad = runner.work / "bad.yaml"
    bad.write_text(pathlib.Path(runner.study).read_text().replace("hidden:", "hiden:"))
    for ranks in (0, 3):
        output = runner.run(folder, ranks, study=bad, code=2)
        assert "bad.yaml:6:3" in output and "hidden" in output, output
        assert not folder.exists(), "nothing may be started"
    output = runner.run(folder, 2, "--set", "run.data_parallel=4", code=2)
    assert "data_parallel" in output, output
    output = runner.run(folder, 0, "--device", "abacus", code=2)
    assert "abacus" in output, output
    folder.mkdir()
    (folder / "results.h5").write_text("the only copy of something")
    output = runner.run(folder, 0, code=2)
    assert "no journal" in output and (folder / "results.h5").read_text() == "the only copy of something", output
    runner.surd("plna", code=2)
    with open("/dev/full", "w") as full:  # what cannot be printed is an error
        assert subprocess.run([str(runner.bin / "surd"), "plan", runner.study], stdout=full, stderr=subprocess.DEVNULL).returncode == 1


def fact_team(runner):
    """Two ranks share a bundle; killed and resumed, they end with the bits of an undisturbed team."""
    flags = ("--set", "run.data_parallel=2", "--set", "grid.length=[16]", "--set", "recipe.steps=400")
    whole, cut = runner.fresh("team"), runner.fresh("team_cut")
    process = runner.start(whole, 4, *flags)  # one more than a team needs
    state = runner.wait_for(whole, lambda s: len(s["ranks"]) == 4 and busy_worker(s), process)
    assert len({rank["pid"] for rank in state["ranks"]}) == 4 and "left over" in state["ranks"][3]["doing"], state
    assert end_of(process) == 0
    process = runner.start(cut, 3, *flags)
    state = runner.wait_for(cut, lambda s: s["done"] >= 4 and busy_worker(s) is not None, process)
    os.kill(busy_worker(state)["pid"], signal.SIGKILL)
    assert end_of(process) != 0
    runner.run(cut, 3, *flags)
    assert runner.table(cut) == runner.table(whole)
    check_journal(cut)


def fact_locked(runner):
    """Two runs never write one folder."""
    folder = runner.fresh("locked")
    process = runner.start(folder, 0)
    runner.wait_for(folder, busy_worker, process)
    output = runner.run(folder, 0, code=2)
    assert str(process.pid) in output, output
    process.send_signal(signal.SIGTERM)
    assert end_of(process) == 3


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("fact")
    for flag in ("--bin", "--mpirun", "--work", "--study"):
        parser.add_argument(flag, required=True)
    options = parser.parse_args()
    globals()[f"fact_{options.fact}"](Runner(options))
    print(f"{options.fact}: shown")


if __name__ == "__main__":
    sys.exit(main())
