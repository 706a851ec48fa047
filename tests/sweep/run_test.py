"""Whole runs of surd-run under mpirun, disturbed in every way that a cluster knows; each ends with
the table of the undisturbed run.

    run_test.py FACT --bin DIR --mpirun PATH --work DIR --study FILE

Standard library only. The facts are the functions fact_*; `undisturbed` makes the table that the
others compare with.
"""
import argparse
import json
import os
import pathlib
import resource
import shutil
import signal
import subprocess
import sys
import time

from runner import (Runner, busy_worker, check_journal, end_and_words_of, end_of, half_way,
                    open_attempt, rank_process, records, wait_until)


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
    """Alone, it trains all the same, and says what it leaves idle."""
    folder = runner.fresh("one_process")
    output = runner.run(folder, 0)
    runner.same_as_reference(folder)
    cores = len(os.sched_getaffinity(0))
    assert ("`surd run`" in output) == (cores > 1), output
    if cores > 1:
        folder = runner.fresh("one_core")
        small = ("--set", "grid.length=[16]", "--set", "recipe.steps=100")
        one = ["taskset", "-c", str(min(os.sched_getaffinity(0)))]
        done = subprocess.run([*one, *runner.command(folder, 0, *small)],
                              capture_output=True, text=True)
        assert done.returncode == 0 and "`surd run`" not in done.stderr, done.stderr


def fact_worker_killed(runner):
    folder = runner.fresh("worker_killed")
    process = runner.start(folder)
    state = runner.wait_for(folder, half_way, process)
    os.kill(busy_worker(state)["pid"], signal.SIGKILL)
    assert end_of(process) != 0
    # mpirun may end a moment before the last of its ranks.
    wait_until("status said that it died",
               lambda: "seems to have died" in runner.surd("status", folder))
    runner.run(folder)
    runner.same_as_reference(folder)


def fact_coordinator_killed(runner):
    folder = runner.fresh("coordinator_killed")
    for least in (4, 12):  # twice, at different places
        process = runner.start(folder)
        state = runner.wait_for(
            folder,
            lambda s: s["done"] >= least and s["left"] > 4 and busy_worker(s) is not None,
            process)
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
        state = runner.wait_for(
            folder,
            lambda s: (s["phase"] == "running" and s["done"] >= least and s["left"] > 4
                       and busy_worker(s)),
            process)
        signal_all(process, state)
        code = end_of(process)
        assert code == 3, code
        state = runner.status(folder)
        assert state["exit_code"] == 3 and state["phase"] == "stopped" and state["left"] > 0, state
        assert state["sentence"] == (
            f"stopped: {state['left']} trials left; go on with: surd run {folder}"), state
        assert ("study small: stopped\n" in runner.surd("status", folder)
                and "over" not in runner.surd("status", folder))

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
    stopped = [r for r in records(folder)
               if r.get("type") == "attempt_ended" and r["cause"] == "stopped"]
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
        end_of(process)  # killed before it could listen, or stopped
    runner.run(folder)
    runner.same_as_reference(folder)


def fact_failing(runner):
    """A trial that fails wherever it runs is set aside with what it said; the others are
    finished; a team's failure is known to the next start."""
    flags = ("--set", "grid.length=[16]", "--set", "grid.hidden=[4,65536]",
             "--set", "grid.architecture=[standard]", "--set", "trials.seeds=1",
             "--set", "trials.learning_rates=[1e-2]", "--set", "run.design=grid",
             "--set", "recipe.steps=60", "--set", "recipe.warmup=6",
             # Some hundred TB of parameters.
             "--set", "model.layers=64", "--set", "model.ffn_ratio=64")
    folder = runner.fresh("failing")
    runner.run(folder, 3, *flags, code=4)
    state = runner.status(folder)
    assert (state["done"], state["failed"], state["left"],
            state["exit_code"]) == (1, 1, 0, 4), state
    failed = [r for r in records(folder)
              if r.get("type") == "attempt_ended" and r["cause"] == "failed"]
    assert len(failed) == 3, failed  # once and two retries
    assert all("needs more memory than this machine has" in r["message"] for r in failed), failed
    aside = [r for r in records(folder) if r.get("type") == "quarantined"]
    assert len(aside) == 1 and failed[0]["message"] in aside[0]["log"], aside
    for record in failed:
        text = (folder / "log" / f"attempt-{record['attempt']:06}.log").read_text()
        assert record["message"] in text and aside[0]["trials"][0] in text, text
    assert "65536" in (folder / "log" / "run.log").read_text()

    folder = runner.fresh("failing_team")
    runner.run(folder, 3, "--set", "run.data_parallel=2", *flags, code=1)
    failed = [r for r in records(folder)
              if r.get("type") == "attempt_ended" and r["cause"] == "failed"]
    assert len(failed) == 1 and failed[0]["message"], failed


def fact_no_room(runner):
    """A checkpoint that cannot be written costs no trial; results that cannot be written end
    the run, which says so and goes on later."""
    folder = runner.fresh("no_room")
    process = runner.start(folder)
    runner.wait_for(folder, lambda s: s["done"] >= 2 and s["left"] > 8 and busy_worker(s), process)
    (folder / "checkpoints").rename(folder / "moved")
    (folder / "checkpoints").write_text("not a folder")
    assert end_of(process) == 0
    runner.same_as_reference(folder)
    assert not any(r.get("type") == "attempt_ended" and r["cause"] == "failed"
                   for r in records(folder))

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
    """A study that grows trains only what is new. One that shrinks is asked whether it
    may, is told how to go back, and goes back without training."""
    folder = runner.fresh("grown")
    short = ("--set", "grid.length=[16]")
    trained = lambda: sum(r.get("type") == "trial_done" for r in records(folder))
    runner.run(folder, 3, *short)
    first = trained()
    small = runner.table(folder)
    runner.run(folder)
    runner.same_as_reference(folder)
    assert 0 < first < trained()
    whole = trained()
    longer = sum(row["length"] == "24" and row["status"] == "finished"
                 for row in runner.table(folder))
    files = [folder / name for name in ("journal.jsonl", "study.yaml", "results.h5", "state.json")]
    before = [file.read_bytes() for file in files]
    back = f"surd run {runner.study} --out {folder}"
    for ranks in (0, 3):
        output = runner.run(folder, ranks, *short, code=2)
        assert f"{longer} finished trials" in output and "(length 24)" in output, output
        assert (f"`{back}`" in output and f"`surd run {folder}`" in output
                and "--shrink" in output), output
        assert [file.read_bytes() for file in files] == before
    runner.run(folder, 3, *short, "--shrink")
    assert runner.table(folder) == small
    output = runner.run(folder, 3, *short)  # without asking again
    assert ("are not in this study" in output
            and f"The study before this one: {back}" in output), output
    runner.run(folder)
    runner.same_as_reference(folder)
    assert trained() == whole


def fact_run_folder(runner):
    """A run folder is a study: it is planned, gone on with and audited by its own name, with
    the settings of its first start."""
    folder = runner.fresh("run_folder")
    small = ("--set", "grid.length=[16]", "--set", "recipe.steps=1200")
    process = runner.start(folder, 0, *small)
    # The journal, since such a run can be over before its state is written a second time.
    wait_until("a trial was done",
               lambda: (folder / "journal.jsonl").exists()
               and any(r.get("type") == "trial_done" for r in records(folder)), process)
    process.send_signal(signal.SIGINT)
    assert end_of(process) == 3

    def go_on(*extra, code=0):
        done = subprocess.run([str(runner.bin / "surd-run"), str(folder), "--device", "cpu",
                               *extra], capture_output=True, text=True, cwd=runner.work)
        print(done.stdout + done.stderr)
        assert done.returncode == code, done.returncode
        return done.stdout + done.stderr

    planned = [json.loads(runner.surd("plan", *study, "--json", "--trials"))["trial_list"]
               for study in ([folder], [runner.study, *small])]
    assert planned[0] == planned[1] and len(planned[0]) == 40, planned
    go_on()
    rows = runner.table(folder)
    assert len(rows) == 40 and {row["length"] for row in rows} == {"16"}, rows
    assert not (runner.work / "runs").exists(), "it goes on where it was, not in runs/NAME"
    go_on("--audit", ".05")
    assert len(runner.audit(folder)) >= 5
    assert runner.table(folder) == rows
    output = go_on("--set", "grid.hidden=[4,8]", code=2)
    assert (f"surd run {runner.study} --set 'grid.length=[16]' --set recipe.steps=1200 "
            f"--out {folder}") in output, output
    assert "is no study" in subprocess.run([str(runner.bin / "surd-run"), str(runner.work)],
                                           capture_output=True, text=True).stderr


def fact_launched(runner):
    """`surd run` starts the processes, passes a stop on, ends with the run's own exit code,
    and leaves nothing behind when it is killed."""
    folder = runner.fresh("launched")
    bad = runner.work / "bad.yaml"
    bad.write_text(pathlib.Path(runner.study).read_text().replace("hidden:", "hiden:"))
    code, words = end_and_words_of(runner.start_launched(bad, "--out", folder, "--ranks", "2"))
    assert code == 2 and "bad.yaml:6:3" in words and not folder.exists(), words
    code, words = end_and_words_of(
        runner.start_launched(runner.study, "--out", folder, "--ranks", "2", "--audit", "7"))
    assert code == 2 and "--audit" in words and not folder.exists(), words  # what surd-run finds

    process = runner.start_launched(runner.study, "--out", folder, "--ranks", "2")
    state = runner.wait_for(folder, half_way, process)
    assert len(state["ranks"]) == 2, state
    process.send_signal(signal.SIGINT)
    code, words = end_and_words_of(process)
    assert code == 3 and f"go on with: surd run {folder}" in words.splitlines()[-1], words
    assert "aborted" not in words, words  # as mpirun calls it
    assert runner.status(folder)["exit_code"] == 3

    process = runner.start_launched(folder, "--ranks", "2")
    done = state["done"]
    runner.wait_for(folder, lambda s: s["done"] > done + 2 and busy_worker(s), process)
    process.kill()  # surd alone: what it started saves its work and ends
    process.wait()
    wait_until("the run was stopped", lambda: runner.status(folder)["exit_code"] == 3)

    process = runner.start_launched(folder, "--ranks", "2")
    state = runner.wait_for(folder, busy_worker, process)
    os.kill(busy_worker(state)["pid"], signal.SIGKILL)
    code, words = end_and_words_of(process)
    assert code == 1 and "signal 9" in words and f"go on with: surd run {folder}" in words, words

    code, words = end_and_words_of(runner.start_launched(folder, "--ranks", "2"))
    assert code == 0 and "complete: " in words, words
    runner.same_as_reference(folder)
    assert end_of(runner.start_launched(folder, "--ranks", "1")) == 0


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
    for share in ("0", "-1", "1.5", "nan", "some"):
        output = runner.run(folder, 0, "--audit=" + share, code=2)
        assert "--audit" in output and share in output, output
        assert not folder.exists(), "nothing may be started"
    # Started by surd run as one of three, and alone: mpirun was that of another MPI.
    done = subprocess.run(runner.command(folder, 0), capture_output=True, text=True,
                          env={**os.environ, "SURD_LAUNCHED_RANKS": "3"})
    assert (done.returncode == 2 and "another MPI" in done.stderr
            and not folder.exists()), done.stderr
    output = runner.run(folder, 0, "--device", "abacus", code=2)
    assert "abacus" in output, output
    folder.mkdir()
    (folder / "results.h5").write_text("the only copy of something")
    output = runner.run(folder, 0, code=2)
    assert ("no journal" in output
            and (folder / "results.h5").read_text() == "the only copy of something"), output
    runner.surd("plna", code=2)
    with open("/dev/full", "w") as full:  # what cannot be printed is an error
        assert subprocess.run([str(runner.bin / "surd"), "plan", runner.study], stdout=full,
                              stderr=subprocess.DEVNULL).returncode == 1


def fact_team(runner):
    """Two ranks share a bundle; killed and resumed, they end with the bits of an undisturbed
    team."""
    flags = ("--set", "run.data_parallel=2", "--set", "grid.length=[16]",
             "--set", "recipe.steps=400")
    whole, cut = runner.fresh("team"), runner.fresh("team_cut")
    process = runner.start(whole, 4, *flags)  # one more than a team needs
    state = runner.wait_for(whole, lambda s: len(s["ranks"]) == 4 and busy_worker(s), process)
    assert (len({rank["pid"] for rank in state["ranks"]}) == 4
            and "left over" in state["ranks"][3]["doing"]), state
    assert end_of(process) == 0
    process = runner.start(cut, 3, *flags)
    state = runner.wait_for(cut, lambda s: s["done"] >= 4 and busy_worker(s) is not None, process)
    os.kill(busy_worker(state)["pid"], signal.SIGKILL)
    assert end_of(process) != 0
    runner.run(cut, 3, *flags)
    assert runner.table(cut) == runner.table(whole)
    check_journal(cut)


def fact_audit(runner):
    """A complete run is audited: some unsolved seeds are trained anew with twice the
    steps; killed at any place it ends with the same table."""
    folder = runner.fresh("audit")
    shutil.copytree(runner.reference, folder)
    output = runner.run(folder, 3, "--audit", "0.1")
    assert "5 of " in output and "with twice the steps" in output, output
    runner.same_as_reference(folder)  # /trials stays as it was
    rows = runner.audit(folder)
    by_id = {row["id"]: row for row in runner.table(folder)}
    seeds = set()
    for row in rows:
        original = by_id[row["id"]]
        assert original["status"] == row["status"] == "finished", row
        assert row["audit_id"] not in by_id and row["audit_id"] != row["id"], row
        assert float(row["accuracy_test_before"]) == float(original["accuracy_test"]) < 0.9, row
        assert (row["steps_before"], row["steps_after"]) == ("1500", "3000"), row
        assert (row["solved_before"] == "0"
                and row["solved_after"] == str(int(float(row["accuracy_test_after"]) >= 0.9))), row
        seeds.add((row["length"], row["hidden"], row["architecture"], row["seed"]))
    assert len(seeds) == 5 and len(rows) > 5, rows
    state = runner.status(folder)
    solved = sum(row["solved_after"] == "1" for row in rows)
    assert state["audit"] == {"total": len(rows), "done": len(rows), "running": 0, "failed": 0,
                              "solved": solved, "left": 0}, state
    assert "budget audit" in state["sentence"] and "budget audit" in runner.surd("status", folder)
    attempts = sum(r.get("type") == "attempt_started" for r in records(folder))
    runner.run(folder, 3, "--audit", "0.1")  # again: nothing is left to do
    runner.run(folder, 0)  # without the flag neither
    assert attempts == sum(r.get("type") == "attempt_started" for r in records(folder))
    assert runner.audit(folder) == rows
    fit = subprocess.run([str(runner.bin / "surd-fit"), "fit", str(folder), "--json"],
                         capture_output=True, text=True)
    audit = json.loads(fit.stdout)["sensitivity"]["audit"]
    assert (audit["seeds_audited"] == 5 and audit["trials_audited"] == len(rows)
            and audit["trials_solved"] == solved), audit

    killed = runner.fresh("audit_killed")
    shutil.copytree(runner.reference, killed)
    trained_anew = lambda: sum(r.get("type") == "trial_done" and r["id"] not in by_id
                               for r in records(killed))
    # Coordinator, worker; as soon as the journal has one more result, so that others are left on
    # any machine.
    for victim in (0, 1):
        before = trained_anew()
        process = runner.start(killed, 3, "--audit", "0.1")
        wait_until("a trial was trained anew", lambda: trained_anew() > before, process)
        os.kill(rank_process(process, victim), signal.SIGKILL)
        assert end_of(process) != 0
    assert runner.status(killed)["audit"]["left"] > 0
    runner.run(killed, 0, "--audit", "0.1")
    assert runner.audit(killed) == rows
    runner.same_as_reference(killed)
    path = killed / "results.h5"
    path.unlink()
    runner.surd("results", "rebuild", killed)
    assert runner.audit(killed) == rows

    runner.run(killed, 3, "--audit", "0.8")  # more only adds
    more = runner.audit(killed)
    assert len(more) > len(rows) and all(row in more for row in rows)
    runner.same_as_reference(killed)


def fact_cut_journal(runner):
    """Results are not made anew from a journal that lacks what they hold."""
    folder = runner.fresh("cut_journal")
    shutil.copytree(runner.reference, folder)
    journal, results = folder / "journal.jsonl", (folder / "results.h5").read_bytes()
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(lines[: len(lines) // 2]))
    for ranks in (0, 3):
        output = runner.run(folder, ranks, code=2)
        assert "that the journal lacks" in output and "Put the whole journal back" in output, output
        assert (folder / "results.h5").read_bytes() == results
    journal.write_bytes(b"".join(lines))
    runner.run(folder, 3)
    runner.same_as_reference(folder)


def fact_hurt_journal(runner):
    """A journal that is taken away under a run is saved, and a damaged one is salvaged."""
    folder = runner.fresh("hurt_journal")
    journal = folder / "journal.jsonl"
    process = runner.start(folder)
    runner.wait_for(folder, half_way, process)
    journal.unlink()
    code, words = end_and_words_of(process)
    assert code != 0 and "was removed while the run went on" in words, (code, words)
    assert json.loads((folder / "state.json").read_text())["exit_code"] == 1
    (folder / "journal.rescued-1.jsonl").rename(journal)

    damaged = bytearray(journal.read_bytes())
    damaged[damaged.index(b'"trial_done"', len(damaged) // 2) - 50] ^= 1
    journal.write_bytes(damaged)
    words = runner.run(folder, 0, code=1)
    assert "--salvage" in words and "loses 1, each a finished trial at most" in words, words
    assert journal.read_bytes() == damaged
    assert "1 faults" in runner.surd("results", "verify", folder, code=1)
    words = runner.surd("results", "rebuild", "--salvage", folder)
    assert "lost: trial " in words and (folder / "journal.damaged-1.jsonl").exists(), words
    runner.surd("results", "verify", folder)
    runner.run(folder)
    runner.same_as_reference(folder)


def fact_full_disk(runner):
    """Where no file may grow beyond some kB the run goes on until that is the journal; what it
    knew stays."""
    folder = runner.fresh("full_disk")
    runner.started_s = time.time()
    process = subprocess.Popen(
        ["bash", "-c", "trap '' XFSZ; exec \"$@\"", "bash", *runner.command(folder, 0)],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    runner.wait_for(folder, lambda state: state["done"] >= 4, process)
    room = (folder / "journal.jsonl").stat().st_size + 20_000
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (room, room))
    code, words = end_and_words_of(process)
    assert code == 1 and "cannot write the journal" in words, code
    assert words.count("has no new checkpoint, the last one stands") == 1, "said once a minute"
    assert not list(folder.rglob("*.tmp")), "what could not be written stayed"
    runner.run(folder)
    runner.same_as_reference(folder)


def fact_fatal(runner):
    """A trial whose process is killed each time is set aside, alone; all others are done. With one
    process and with several."""
    small = ("--set", "run.checkpoint_s=60", "--set", "grid.length=[24]",
             "--set", "grid.architecture=[linear]")
    reference = {row["id"]: row for row in runner.table(runner.reference)}
    fatal = next(row["id"] for row in reference.values()
                 if (row["length"], row["hidden"], row["architecture"]) == ("24", "8", "linear"))
    # Set aside it counts as 0, so the design skips the same.
    assert float(reference[fatal]["accuracy_test"]) < 0.5
    for ranks in (0, 3):
        folder = runner.fresh(f"fatal_{ranks}")
        killed = [0]  # the attempts
        while True:
            process = runner.start(folder, ranks, *small)
            attempt = None
            while process.poll() is None and attempt is None:
                time.sleep(0.002)
                attempt = open_attempt(folder, fatal, killed[-1])
            if attempt is None:
                break
            os.kill(process.pid if ranks == 0 else rank_process(process, attempt["ranks"][0]),
                    signal.SIGKILL)
            assert end_of(process) != 0
            killed.append(attempt["attempt"])
            assert len(killed) < 10, "it is never set aside"
        code = end_of(process)
        assert code == 4, code
        assert len(killed) > 3, killed  # run.retries + 1 times
        aside = [r for r in records(folder) if r.get("type") == "quarantined"]
        assert ([r["trials"] for r in aside] == [[fatal]] and "went away" in aside[0]["reason"]
                and "lost" in aside[0]["log"]), aside
        state = runner.status(folder)
        assert (state["failed"], state["left"], state["exit_code"]) == (1, 0, 4), state
        for row in runner.table(folder):
            if row["id"] == fatal:
                assert row["status"] == "failed", row
            else:
                assert row == reference[row["id"]], (
                    f"the tables differ:\n{row}\n{reference[row['id']]}")
        check_journal(folder)
        runner.run(folder, ranks, *small, code=4)  # and stays so


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
