"""What a run folder must hold at every moment, and in the end."""
import json
import subprocess

import h5py
import numpy

# What may differ between two runs of the same trials, whoever was killed.
FREE_COLUMNS = {"trials/seconds", "trials/attempts", "audit/seconds", "audit/attempts"}
COMPARED = ("trials", "curves", "grid", "audit")


class Journal:
    """Follows a journal as it grows: what it has shown once it must show for ever."""

    def __init__(self, path):
        self.path = path
        self.seen = b""  # whole lines
        self.starts = 0  # of programs on it
        self.attempts = 0
        self.open = set()  # attempts since the last start
        self.done = set()

    def read(self):
        if not self.path.exists():
            return
        with open(self.path, "rb") as file:
            file.seek(len(self.seen))
            new = file.read()
        new = new[: new.rfind(b"\n") + 1]
        self.seen += new
        for line in new.splitlines():
            self.take(json.loads(line))

    def take(self, record):
        kind = record.get("type")
        if kind == "study":
            self.starts += 1
            self.open.clear()
        elif kind == "attempt_started":
            again = self.done.intersection(record["trials"])
            assert not again, f"assigned again after their results: {again}"
            self.open.add(record["attempt"])
            self.attempts += 1
        elif kind == "attempt_ended":
            self.open.discard(record["attempt"])
        elif kind == "trial_done":
            assert record["id"] not in self.done, f"trained twice: {record['id']}"
            self.done.add(record["id"])
        assert kind != "quarantined", f"set aside: {record}"

    def check(self):
        """Nothing that was in it is gone, nothing was trained twice."""
        assert not self.seen or self.path.read_bytes().startswith(self.seen), "records are gone"
        self.read()


def tables(path):
    """name -> values of every dataset that is compared."""
    found = {}
    def take(name, item):
        if isinstance(item, h5py.Dataset) and name not in FREE_COLUMNS:
            found[name] = item[()]

    with h5py.File(path) as file:
        for group in COMPARED:
            if group in file:
                file[group].visititems(lambda name, item, at=group: take(f"{at}/{name}", item))
    for group in COMPARED:
        assert any(name.startswith(group + "/") for name in found), f"{path} has no /{group}"
    return found


def same(a, b):
    if a.dtype != b.dtype or a.shape != b.shape:
        return False
    return numpy.array_equal(a, b, equal_nan=a.dtype.kind == "f")


def check_complete(folder, reference):
    """A complete run: the tables of the undisturbed one, nothing left behind."""
    mine, theirs = tables(folder / "results.h5"), tables(reference / "results.h5")
    assert mine.keys() == theirs.keys(), mine.keys() ^ theirs.keys()
    for name, values in theirs.items():
        assert same(mine[name], values), f"/{name} differs:\n{mine[name]}\n{values}"
    left = [*folder.rglob("*.tmp*"), *folder.rglob("*.damaged*"),
            *(folder / "checkpoints").iterdir()]
    assert not left, f"left behind: {list(map(str, left))}"
    state = json.loads((folder / "state.json").read_text())
    assert state["exit_code"] == 0 and state["phase"] == "over", state


def verify(surd, folder):
    done = subprocess.run([str(surd), "results", "verify", str(folder)], capture_output=True,
                          text=True)
    assert done.returncode == 0, f"surd results verify:\n{done.stdout}{done.stderr}"
