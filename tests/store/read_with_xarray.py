"""Reads a results.h5 as its users do, with xarray, pandas and h5py, and compares every value with
what was written.

read_with_xarray.py PATH_OF_test_store
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import warnings

import h5py
import numpy
import pandas
import xarray

warnings.simplefilter("error")  # what a reader would be warned of is a fault of the file


def same(got, expected):
    expected = [float(value) if value in ("nan", "inf", "-inf") else value for value in expected]
    if any(isinstance(value, float) for value in expected):
        return numpy.array_equal(numpy.asarray(got, dtype=float),
                                 numpy.asarray(expected, dtype=float), equal_nan=True)
    return list(got) == expected


def check_trials(file, expected):
    dataset = xarray.open_dataset(file, group="trials")
    table = dataset.to_dataframe()
    assert list(table.columns) == expected["names"], list(table.columns)
    assert table.index.name == "trial" and list(table.index) == list(range(len(table)))
    for name, values in expected["columns"].items():
        assert same(table[name], values), name
    # What a trial keeps, each with its unit.
    units = {"accuracy_validation": "1", "accuracy_validation_best": "1", "accuracy_test": "1",
             "loss_validation": "nat", "gradient_norm": "1", "steps": "1", "steps_to_solve": "1",
             "stop_reason": "1", "tokens": "token", "flops": "FLOP", "seconds": "s",
             "attempts": "1"}
    for name, unit in units.items():
        assert dataset[name].attrs["units"] == unit and dataset[name].attrs["long_name"], name
    for name in ("size", "length", "paper_length", "hidden", "seed", "steps", "tokens",
                 "parameters", "attempts"):
        assert table[name].dtype == numpy.int64, (name, table[name].dtype)
    assert table["seconds"].dtype == numpy.float64, table["seconds"].dtype
    assert set(table.status) == {"finished", "diverged", "failed", "skipped", "missing"}
    return table


def check_csv(path, table):
    read = pandas.read_csv(path, keep_default_na=False, na_values=["nan"])
    pandas.testing.assert_frame_equal(read, table.reset_index(drop=True), check_dtype=False,
                                      check_exact=True, check_names=False)


def check_grid(file, table):
    grid = xarray.open_dataset(file, group="grid/lookup")
    assert grid.accuracy_test.dims == ("length", "hidden", "architecture", "seed")
    assert list(grid.architecture.values) == ["standard", "linear"]
    done = table[table.status.isin(["finished", "diverged"])]
    keys = ["length", "hidden", "architecture", "seed"]
    best = done.sort_values(["accuracy_validation", "learning_rate"],
                            ascending=[False, True]).groupby(keys).first()
    for metric in ("accuracy_validation", "accuracy_validation_best", "accuracy_test",
                   "loss_validation", "learning_rate", "steps", "steps_to_solve", "tokens",
                   "flops"):
        flat = grid[metric].to_series().dropna()
        assert metric == "loss_validation" or len(flat) == len(best) == 15, (
            metric, len(flat), len(best))
        for place, value in flat.items():
            assert best.loc[place, metric] == value, (metric, place)


def check_curves(file, expected):
    curves = xarray.open_dataset(file, group="curves")
    for trial, points in enumerate(expected["curves"]):
        start, count = int(curves.start[trial]), int(curves["count"][trial])
        assert count == len(points)
        for offset, point in enumerate(points):
            got = [float(curves[name][start + offset])
                   for name in ("step", "loss_train", "loss_validation", "accuracy_validation",
                                "gradient_norm")]
            assert same(got, point), (trial, offset)


def check_attempts(file, table):
    attempts = xarray.open_dataset(file, group="attempts").to_dataframe()
    assert list(attempts.index) == [1]
    first = attempts.iloc[0]
    assert sorted(first.trials.split()) == sorted(table.id)
    assert first.start == pandas.Timestamp(1_700_000_001, unit="s"), first.start
    assert (first.host, first.device, first.slurm_job, first.cause, first.message) == (
        "node1", "cpu avx2", "4711", "failed", "out of memory")


def check_audit(file, table):
    dataset = xarray.open_dataset(file, group="audit")
    audit = dataset.to_dataframe()
    assert audit.index.name == "audit" and list(audit.index) == [0, 1, 2, 3]
    assert list(audit.status) == ["finished", "diverged", "failed", "missing"]
    assert list(audit.trial) == [6, 7, 8, 9] and list(table.id[audit.trial]) == list(audit.id)
    assert list(audit.solved_before) == [0] * 4 and list(audit.solved_after) == [1, 0, -1, -1]
    assert list(audit.steps_after / audit.steps_before) == [8, 1, 0, 0], audit
    assert same(audit.accuracy_test_before, list(table.accuracy_test[audit.trial]))
    assert list(numpy.isnan(audit.accuracy_test_after)) == [False, False, True, True]
    for name, column in dataset.variables.items():
        assert column.attrs["units"] and column.attrs["long_name"], name


def check_with_h5py(file, expected):
    with h5py.File(file) as h5:
        assert h5.attrs["format_version"] == "1.0"
        assert h5.attrs["study"] == expected["study"]
        for name in ("program_version", "revision", "numerics_version", "machine"):
            assert name in h5.attrs
        datasets = []
        h5.visititems(lambda name, item: datasets.append((name, item))
                      if isinstance(item, h5py.Dataset) else None)
        for name, dataset in datasets:
            assert (isinstance(dataset.attrs["units"], str)
                    and isinstance(dataset.attrs["long_name"], str)), name
            assert dataset.is_scale or all(len(dimension) == 1 for dimension in dataset.dims), name
        for name, dataset in h5["trials"].items():
            assert dataset.is_scale or dataset.dims[0][0].name == "/trials/trial", name
        text = h5py.check_string_dtype(h5["trials/id"].dtype)
        assert (text.encoding, text.length) == ("utf-8", None), text


PAGE = pathlib.Path(__file__).parents[2].joinpath("docs", "results.md").read_text(encoding="utf-8")


def rows_of_page():
    """Of docs/results.md: group -> dataset -> its row, by the heads of its table's columns."""
    groups = {}
    for line in PAGE.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("## "):
            rows = groups.setdefault(line[3:], {})
        elif not line.startswith("|"):
            head = None
        elif head is None:
            head = cells
        elif re.fullmatch(r"`\w+`", cells[0]):
            rows[cells[0].strip("`")] = dict(zip(head, cells))
    return groups


def check_page(*files):
    """docs/results.md has a row for each dataset, with its unit and type, and for no other; and
    names each attribute of the file."""
    groups = rows_of_page()
    types = {"i": "integer", "f": "number", "O": "text"}
    found = {}
    for file in files:
        with h5py.File(file) as h5:
            for group in h5:
                datasets = h5[group]["lookup"] if group == "grid" else h5[group]
                found[group] = set(datasets)
                for name, dataset in datasets.items():
                    assert name in groups[group], f"docs/results.md has no row for /{group}/{name}"
                    row, unit = groups[group][name], dataset.attrs["units"]
                    assert row["unit"] == unit, (group, name, row["unit"], unit)
                    assert row.get("type") in (None, types[dataset.dtype.kind]), (group, name, row)
            lacking = set(h5.attrs) - set(re.findall(r"`(\w+)`", PAGE))
            assert not lacking, f"docs/results.md does not name the attributes {lacking}"
    for group, names in found.items():
        more = set(groups[group]) - names
        assert not more, f"docs/results.md has rows for what is not in /{group}: {more}"


def main():
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.argv[1], "[sample]"], check=True, stdout=subprocess.DEVNULL,
                       env=dict(os.environ, SURD_SAMPLE_DIR=folder))
        file = os.path.join(folder, "results.h5")
        with open(os.path.join(folder, "expected.json"), encoding="utf-8") as text:
            expected = json.load(text)
        table = check_trials(file, expected)
        check_csv(os.path.join(folder, "table.csv"), table)
        check_grid(file, table)
        check_curves(file, expected)
        check_attempts(file, table)
        check_with_h5py(file, expected)
        check_audit(os.path.join(folder, "audit.h5"), table)
        check_page(file, os.path.join(folder, "audit.h5"))
        with h5py.File(file) as h5:
            assert "audit" not in h5
    print("every value is as written")


if __name__ == "__main__":
    main()
