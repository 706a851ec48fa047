"""Changes a results.h5 with h5py, as a disk or a hand might, and asks what surd makes of it: a
value that is not as it was written is named, and one that cannot be is refused where no digest
tells.

edit_with_h5py.py PATH_OF_test_store PATH_OF_surd
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import h5py
import numpy


def sample(test_store, folder):
    subprocess.run([test_store, "[sample]"], check=True, stdout=subprocess.DEVNULL,
                   env=dict(os.environ, SURD_SAMPLE_DIR=str(folder)))
    return folder / "results.h5"


def export(surd, path):
    return subprocess.run([surd, "results", "export", str(path), "--csv", "-"],
                          capture_output=True, text=True, timeout=60)


def set_value(dataset, value, place=0):
    def edit(file):
        file[dataset][place] = value
    return edit


def retype(dataset, kind):
    def edit(file):
        values = file[dataset][:]
        del file[dataset]
        file[dataset] = values.astype(kind)
    return edit


def reshape(file):
    values = file["trials/steps"][:]
    del file["trials/steps"]
    file["trials/steps"] = values.reshape(2, -1)


def shorten(file):
    values = file["trials/steps"][:]
    del file["trials/steps"]
    file["trials/steps"] = values[:-1]


def swap(file):
    file.move("trials/accuracy_test", "trials/other")
    file.move("trials/accuracy_validation", "trials/accuracy_test")
    file.move("trials/other", "trials/accuracy_validation")


def remove(name):
    def edit(file):
        del file[name]
    return edit


def set_attribute(name, value):
    def edit(file):
        file.attrs[name] = value
    return edit


# What is changed, and the words of it where the file has digests, and where it has lost them
# (None: nobody can tell).
EDITS = [
    (set_value("trials/accuracy_test", 0.5), "/trials/accuracy_test is not as it was", None),
    (set_value("trials/accuracy_test", 7.5), "/trials/accuracy_test is not as it was",
     "/trials/accuracy_test[0] has an impossible value (expected a fraction from 0 to 1, got 7.5)"),
    (set_value("trials/accuracy_validation", -3), "/trials/accuracy_validation is not as it was",
     "/trials/accuracy_validation[0] has an impossible value"),
    (set_value("trials/accuracy_test", numpy.nan), "/trials/accuracy_test is not as it was",
     "is finished and has no accuracy"),
    (set_value("trials/length", 133143986200), "/trials/length is not as it was",
     "/trials/length[0] has an impossible value (expected a positive number up to 2147483647"),
    (set_value("trials/hidden", 0), "/trials/hidden is not as it was", "/trials/hidden[0]"),
    (set_value("trials/steps", -1), "/trials/steps is not as it was", "/trials/steps[0]"),
    (set_value("trials/architecture", "linear"), "/trials/architecture is not as it was", None),
    (set_value("grid/lookup/accuracy_test", 0.5, (0, 0, 0, 0)),
     "/grid/lookup/accuracy_test is not as it was", None),
    (set_value("curves/loss_train", 0.5), "/curves/loss_train is not as it was", None),
    (retype("trials/steps", numpy.float64), "/trials/steps is not as it was",
     "/trials/steps has another type"),
    (reshape, "/trials/steps is not as it was", "/trials/steps has 2 dimensions"),
    (shorten, "/trials/steps is not as it was", "columns differ in length"),
    (swap, "/trials/accuracy_test is not as it was", None),
    (remove("trials/flops_forward"), "/trials/flops_forward is not there", None),
    (remove("trials/seed"), "/trials/seed is not there", "there is no dataset /trials/seed"),
    (set_attribute("study_name", "other"), "an attribute of / is not as it was", None),
    (set_attribute("format_version", "9.0"), "an attribute of / is not as it was", "a newer surd"),
    (set_attribute("digests", "{"), "its digests are no JSON", None),
]


def check_edit(surd, path, edit, words):
    with h5py.File(path, "r+") as file:
        edit(file)
    got = export(surd, path)
    if words is None:
        assert got.returncode == 0, (edit, got.stderr)
        assert "has no digests" in got.stderr, got.stderr
    else:
        assert got.returncode in (1, 2) and not got.stdout, (edit, got)
        assert words in got.stderr and "results.h5" in got.stderr, (words, got.stderr)


def main():
    test_store, surd = sys.argv[1:3]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        good = sample(test_store, folder)
        whole = export(surd, good)
        assert whole.returncode == 0 and not whole.stderr, whole

        copy = folder / "copy" / "results.h5"
        copy.parent.mkdir()
        for edit, with_digests, without in EDITS:
            shutil.copy(good, copy)
            check_edit(surd, copy, edit, with_digests)
            shutil.copy(good, copy)
            with h5py.File(copy, "r+") as file:
                del file.attrs["digests"]
            check_edit(surd, copy, edit if with_digests != "its digests are no JSON"
                       else lambda file: None, without)

        # What another program adds, or packs otherwise, changes nothing.
        shutil.copy(good, copy)
        with h5py.File(copy, "r+") as file:
            file["mine/notes"] = numpy.arange(3)
            file["trials/mine"] = numpy.arange(36)
            file.attrs["mine"] = 0.5
            file["trials"].attrs["colour"] = [1, 2]
        assert export(surd, copy).stdout == whole.stdout, export(surd, copy)
        if shutil.which("h5repack"):
            packed = folder / "copy" / "packed.h5"
            subprocess.run(["h5repack", "-f", "GZIP=6", str(good), str(packed)], check=True)
            assert export(surd, packed).stdout == whole.stdout, export(surd, packed)
    print(f"{2 * len(EDITS)} changed files are judged as they should be")


if __name__ == "__main__":
    main()
