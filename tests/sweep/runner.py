"""What the tests of whole runs do with a run: start it, look at it as another process would, read
its tables and its journal."""
import csv
import io
import json
import os
import pathlib
import shutil
import subprocess
import time

# What may differ between two runs of the same trials.
FREE_COLUMNS = {"seconds", "attempts"}
PATIENCE_S = 600  # against hanging alone: how fast a machine is, no test may ask


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
        program = [str(self.bin / "surd-run"), str(study or self.study), "--out", str(folder),
                   *device, *extra]
        return program if ranks == 0 else [self.mpirun, "-n", str(ranks), *program]

    def run(self, folder, ranks=3, *extra, study=None, code=0):
        done = subprocess.run(self.command(folder, ranks, *extra, study=study),
                              capture_output=True, text=True)
        print(done.stdout + done.stderr)
        assert done.returncode == code, f"exit code {done.returncode}, expected {code}"
        return done.stdout + done.stderr

    def start(self, folder, ranks=3, *extra):
        self.started_s = time.time()
        return subprocess.Popen(self.command(folder, ranks, *extra), stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True)

    def start_launched(self, study, *extra):
        """`surd run STUDY`, as a user starts it: with nothing of Open MPI's in the environment."""
        self.started_s = time.time()
        environment = {key: value for key, value in os.environ.items()
                       if not key.startswith(("OMPI_", "SLURM_"))}
        command = [str(self.bin / "surd"), "run", str(study), "--device", "cpu", *map(str, extra)]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                text=True, env=environment)

    def surd(self, *arguments, code=0):
        done = subprocess.run([str(self.bin / "surd"), *map(str, arguments)],
                              capture_output=True, text=True)
        assert done.returncode == code, (
            f"surd {arguments}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def status(self, folder):
        state = json.loads(self.surd("status", folder, "--json"))
        return {**state, **state["trials"]}

    def table(self, folder):
        path = self.work / f"{folder.name}.csv"
        self.surd("results", "export", folder, "--csv", path)
        rows = list(csv.DictReader(io.StringIO(path.read_text())))
        assert rows
        return [{key: value for key, value in row.items() if key not in FREE_COLUMNS}
                for row in rows]

    def audit(self, folder):
        path = self.work / f"{folder.name}.audit.csv"
        self.surd("results", "export", folder, "--audit", "--csv", path)
        rows = list(csv.DictReader(io.StringIO(path.read_text())))
        assert rows
        return [{key: value for key, value in row.items() if key not in FREE_COLUMNS}
                for row in rows]

    def same_as_reference(self, folder):
        mine, reference = self.table(folder), self.table(self.reference)
        assert len(mine) == len(reference)
        for a, b in zip(mine, reference):
            assert a == b, f"the tables differ:\n{a}\n{b}"
        check_journal(folder)
        print(self.surd("results", "verify", folder))

    def wait_for(self, folder, condition, process):
        """The state of the run once `condition` holds, read as another process would."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            assert process.poll() is None, (
                f"the run ended before it could be disturbed:\n{process.communicate()[0]}")
            if (folder / "state.json").exists():
                state = self.status(folder)
                # Not what an earlier run left.
                if state["started_s"] >= self.started_s and condition(state):
                    return state
            time.sleep(0.02)
        raise AssertionError("the run did not get there in ten minutes")


def records(folder):
    """The journal's records, but for a last line that is still being written."""
    return [json.loads(line)
            for line in (folder / "journal.jsonl").read_text().splitlines(keepends=True)
            if line.endswith("\n")]


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
    return next((rank for rank in state["ranks"] if rank["rank"] > 0 and "trials" in rank["doing"]),
                None)


def half_way(state):
    return state["done"] >= 8 and state["left"] > 8 and busy_worker(state) is not None


def wait_until(what, condition, process=None):
    """Polls until the condition holds, while `process` goes on where one is given."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert process is None or process.poll() is None, (
            f"the run ended before {what}:\n{process.communicate()[0]}")
        assert time.monotonic() < deadline, f"not in ten minutes: {what}"
        time.sleep(0.02)


def end_of(process):
    return end_and_words_of(process)[0]


def end_and_words_of(process):
    words = process.communicate(timeout=PATIENCE_S)[0]
    print(words)
    return process.returncode, words


def open_attempt(folder, trial, after):
    """The record of the attempt at this trial, with a higher number than `after`, that has begun
    and not ended."""
    found = None
    if (folder / "journal.jsonl").exists():
        for line in (folder / "journal.jsonl").read_text().splitlines():
            if trial not in line and "attempt_ended" not in line:
                continue
            try:
                record = json.loads(line)
            except ValueError:
                continue  # not written to its end yet
            if (record.get("type") == "attempt_started" and trial in record["trials"]
                    and record["attempt"] > after):
                found = record
            elif (found and record.get("type") == "attempt_ended"
                    and record["attempt"] == found["attempt"]):
                found = None
            elif record.get("type") == "trial_done" and record["id"] == trial:
                raise AssertionError("it was done before it could be killed")
    return found


def rank_process(mpirun, rank):
    """The process of a rank, a child of mpirun."""
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(stat.read_text().rsplit(")", 1)[1].split()[1])
            environment = (stat.parent / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        if parent == mpirun.pid and f"OMPI_COMM_WORLD_RANK={rank}".encode() in environment:
            return int(stat.parent.name)
    raise AssertionError(f"no process of rank {rank}")
