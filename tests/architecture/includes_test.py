"""includes.py sees what it is for: each planted include is refused, the allowed ones are not.

    includes_test.py ROOMS_JSON
"""
import pathlib
import sys
import tempfile
import unittest

from includes import circle, circles, offences, read_rooms

ROOMS = read_rooms(sys.argv.pop())


class Includes(unittest.TestCase):
    def check(self, what, **files):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for file, text in files.items():
                path = root / file
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(f"// a file\n{text}\n")
            return list(what(ROOMS, root))

    def test_refused(self):
        for file, line in [
            ("src/tasks/a.cpp", '#include "spec/trial.hpp"'),
            ("src/law/a.hpp", '#include "store/results.hpp"'),
            ("src/schedule/a.cpp", '#include "cluster/world.hpp"'),
            ("src/train/a.cpp", '#include "cluster/world.hpp"'),
            ("src/spec/a.cpp", "#include <ATen/core/Tensor.h>"),
            ("src/model/fused/a.cpp", '#include "train/train.hpp"'),
            ("src/train/a.cpp", "#include <hwy/highway.h>"),
            ("src/store/a.cpp", "#include <mpi.h>"),
            ("src/sweep/a.cpp", "#include <hdf5.h>"),
            ("src/base/a.cpp", '#include "tests/example.hpp"'),
            ("src/base/a.cpp", '#include "jobs/surd/plan.hpp"'),
            ("src/grid/a.cpp", "#  include <Eigen/Core>"),
            ("src/other/a.cpp", ""),
            ("src/sweep/a.cpp", '#include "bench/case.hpp"'),
            ("jobs/surd/a.cpp", '#include "sweep/sweep.hpp"'),
            ("jobs/surd-bench/bench/a.cpp", '#include "jobs/surd-bench/commands.hpp"'),
            ("analysis/a.cpp", '#include "grid/study.hpp"'),
            ("analysis/input/a.cpp", '#include "analysis/findings/findings.hpp"'),
            ("analysis/findings/a.cpp", '#include "analysis/report/text.hpp"'),
            ("analysis/findings/a.cpp", '#include "base/json.hpp"'),
            ("analysis/findings/a.cpp", "#include <CLI/CLI.hpp>"),
            ("analysis/report/a.cpp", "#include <CLI/CLI.hpp>"),
        ]:
            with self.subTest(file=file, line=line):
                found = self.check(offences, **{file: line})
                self.assertEqual(len(found), 1, found)
                self.assertTrue(found[0].startswith(file), found)

    def test_allowed(self):
        for file, line in [
            ("src/train/a.cpp", '#include "cluster/group.hpp"'),
            ("src/store/a.cpp", "#include <hdf5.h>"),
            ("src/base/a.cpp", "#include <vector>"),
            ("jobs/surd-run/a.cpp", '#include "sweep/sweep.hpp"'),
            ("jobs/surd-bench/a.cpp", '#include "bench/case.hpp"'),
            ("analysis/findings/a.cpp", '#include "analysis/input/input.hpp"'),
        ]:
            with self.subTest(file=file, line=line):
                self.assertEqual(self.check(offences, **{file: line}), [])

    def test_circles(self):
        self.assertEqual(circle({"a": {"b"}, "b": {"c"}, "c": {"b"}}), ["b", "c", "b"])
        self.assertEqual(circle({"a": {"b", "c"}, "b": {"c"}}), [])
        found = self.check(circles, **{"src/law/a.hpp": '#include "law/b.hpp"',
                                       "src/law/b.hpp": '#include "law/a.hpp"'})
        self.assertEqual(found, ["headers in a circle: law/a.hpp -> law/b.hpp -> law/a.hpp"])


if __name__ == "__main__":
    unittest.main()
