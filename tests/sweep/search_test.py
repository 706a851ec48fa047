"""Whole runs of a search (design boundary): what it runs depends on study and results alone.

    search_test.py --bin DIR --mpirun PATH --work DIR --study FILE

Standard library only.
"""
import argparse
import os
import pathlib
import random
import signal
import subprocess
import time

from runner import Runner, check_journal, end_of, records


def proposals(folder):
    return [(r["group"], r["round"], r["trials"], r["reason"]) for r in records(folder)
            if r.get("type") == "proposal"]


def asked_for(folder):
    return {trial for _, _, trials, _ in proposals(folder) for trial in trials}


def check_rounds(folder):
    """Each round was asked for once all before the last one were done, and not before."""
    done, rounds = set(), {}
    for record in records(folder):
        if record.get("type") == "trial_done":
            done.add(record["id"])
        if record.get("type") == "proposal":
            earlier = rounds.setdefault(record["group"], [])
            assert record["round"] == len(earlier) + 1, record
            for trials in earlier[:-1]:
                assert done.issuperset(trials), record
            earlier.append(record["trials"])
    assert rounds
    for group in rounds.values():
        assert len(group) > 4 and group[-1] == [] and group[-2] == [], "it did not come to its end"


def fact_same_whatever_runs_it(runner):
    runner.run(runner.fresh("undisturbed"), 3)
    reference = runner.table(runner.reference)
    check_rounds(runner.reference)
    statuses = {row["status"] for row in reference}
    assert statuses == {"finished", "skipped"}, statuses
    finished = {row["id"] for row in reference if row["status"] == "finished"}
    assert finished == asked_for(runner.reference)
    assert len(finished) < 0.8 * len(reference), "a search that runs everything"

    alone = runner.fresh("alone")
    runner.run(alone, 0)
    runner.same_as_reference(alone)
    assert proposals(alone) == proposals(runner.reference)

    # Killed ten times, wherever it is.
    killed = runner.fresh("killed")
    chance = random.Random(15)
    for _ in range(10):
        process = runner.start(killed, chance.choice((0, 3)))
        time.sleep(chance.uniform(0.2, 1.2))
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            subprocess.run(["pkill", "-KILL", "-f", f"surd-run .*{killed}"], check=False)
        process.communicate()
    runner.run(killed, 3)
    runner.same_as_reference(killed)
    assert proposals(killed) == proposals(runner.reference)


def fact_told(runner):
    """What it knows so far is in state.json, for `surd status`."""
    state = runner.status(runner.reference)
    (group,) = state["search"]
    assert group["group"] == "lookup" and group["over"], group
    names = [number["name"] for number in group["sought"]]
    assert names == ["alpha linear", "alpha standard", "delta alpha linear"], names
    assert state["skipped"] == state["total"] - state["done"]
    text = runner.surd("status", runner.reference)
    assert "search of lookup" in text and "delta alpha linear" in text, text


def fact_ended_and_grown(runner):
    """An ended search has nothing to do; with more to find it goes on from what it has."""
    folder = runner.fresh("grown")
    runner.run(folder, 3, "--set", "run.boundary.half_width=2", "--set", "grid.length=[8,12,16]",
               "--set", "run.boundary.budget=3e8")
    state = runner.status(folder)
    assert "the budget" in state["search"][0]["reason"], state["search"]
    before = len(proposals(folder))
    runner.run(folder, 3, "--set", "run.boundary.half_width=2", "--set", "grid.length=[8,12,16]",
               "--set", "run.boundary.budget=3e8")
    assert len(proposals(folder)) == before
    assert "the budget" in runner.status(folder)["sentence"]
    runner.run(folder, 3)
    check_journal(folder)
    assert len(proposals(folder)) > before
    assert runner.status(folder)["search"][0]["over"]


def fact_a_grid_before(runner):
    """What a grid left in the folder is used: none of it is trained anew, all of it counts."""
    folder = runner.fresh("after_grid")
    grid = ("--set", "run.design=grid", "--set", "grid.hidden=[4,12]", "--set", "trials.seeds=2",
            "--set", "grid.length=[8,16,24]")
    runner.run(folder, 3, *grid)
    found = {r["id"] for r in records(folder) if r.get("type") == "trial_done"}
    runner.run(folder, 3)
    check_journal(folder)
    assert not found & asked_for(folder)
    rows = {row["id"]: row for row in runner.table(folder)}
    assert all(rows[trial]["status"] == "finished" for trial in found)


def fact_a_stop(runner):
    folder = runner.fresh("stopped")
    process = runner.start(folder)
    state = runner.wait_for(folder, lambda s: s["done"] >= 8, process)
    os.kill(state["ranks"][0]["pid"], signal.SIGTERM)
    assert end_of(process) == 3
    state = runner.status(folder)
    assert "the search" in state["sentence"], state
    runner.run(folder, 3)
    runner.same_as_reference(folder)


def fact_audit(runner):
    folder = runner.fresh("audited")
    runner.run(folder, 3, "--audit", "0.2")
    runner.same_as_reference(folder)
    assert runner.audit(folder)


def fact_windows(runner):
    """Every seed that counts runs the window that its cell's pilot chose, and nothing else."""
    study = pathlib.Path(runner.study).with_name("search_windows.yaml")
    folder = runner.fresh("windows")
    runner.run(folder, 3, study=study)
    rows = [row for row in runner.table(folder) if row["status"] != "skipped"]
    cells = {}
    for row in rows:
        cell = cells.setdefault((row["length"], row["hidden"]), {"pilot": {}, "seeds": {}})
        rate = float(row["learning_rate"])
        if row["window"] == "-1":
            assert row["seed"] == "0", row
            cell["pilot"][rate] = float(row["loss_validation"])
        else:
            assert row["window"] == "2", row
            cell["seeds"].setdefault(row["seed"], set()).add(rate)
    assert len(cells) > 5
    for cell in cells.values():
        assert len(cell["pilot"]) == 5, cell
        best = min(cell["pilot"], key=cell["pilot"].get)
        windows = {tuple(sorted(rates)) for rates in cell["seeds"].values()}
        assert len(windows) == 1 and best in windows.pop(), cell
    assert len({r["rates"][0] for r in records(folder) if r.get("type") == "window"}) > 1

    # Killed and gone on with it chooses the same.
    killed = runner.fresh("windows_killed")
    for _ in range(3):
        process = subprocess.Popen(runner.command(killed, 3, study=study),
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(1.2)
        process.send_signal(signal.SIGKILL)
        subprocess.run(["pkill", "-KILL", "-f", f"surd-run .*{killed}"], check=False)
        process.communicate()
    runner.run(killed, 3, study=study)
    check_journal(killed)
    assert runner.table(killed) == runner.table(folder)
    assert proposals(killed) == proposals(folder)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("bin", "mpirun", "work", "study"):
        parser.add_argument(f"--{name}", required=True)
    runner = Runner(parser.parse_args())
    for name, fact in list(globals().items()):
        if name.startswith("fact_"):
            print(f"--- {name}", flush=True)
            fact(runner)


if __name__ == "__main__":
    main()
