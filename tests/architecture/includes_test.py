"""includes.py sees what it is for: each planted include is refused, the allowed ones are not."""
import pathlib
import tempfile
import unittest

from includes import offences


class Includes(unittest.TestCase):
    def check(self, file, line):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            path = root / file
            path.parent.mkdir(parents=True)
            path.write_text(f"// a file\n{line}\n")
            return list(offences(root))

    def test_refused(self):
        for file, line in [
            ("src/tasks/a.cpp", '#include "spec/trial.hpp"'),
            ("src/law/a.hpp", '#include "store/results.hpp"'),
            ("src/schedule/a.cpp", '#include "cluster/world.hpp"'),
            ("src/train/a.cpp", '#include "cluster/world.hpp"'),
            ("src/spec/a.cpp", "#include <ATen/core/Tensor.h>"),
            ("src/store/a.cpp", "#include <mpi.h>"),
            ("src/sweep/a.cpp", "#include <hdf5.h>"),
            ("src/base/a.cpp", '#include "tests/example.hpp"'),
            ("src/base/a.cpp", '#include "jobs/program.hpp"'),
            ("src/grid/a.cpp", "#  include <Eigen/Core>"),
            ("src/other/a.cpp", ""),
            ("analysis/a.cpp", '#include "grid/study.hpp"'),
        ]:
            with self.subTest(file=file, line=line):
                found = self.check(file, line)
                self.assertEqual(len(found), 1, found)
                self.assertTrue(found[0].startswith(file), found)

    def test_allowed(self):
        for file, line in [
            ("src/train/a.cpp", '#include "cluster/group.hpp"'),
            ("src/store/a.cpp", "#include <hdf5.h>"),
            ("src/base/a.cpp", "#include <vector>"),
            ("jobs/a.cpp", '#include "sweep/sweep.hpp"'),
        ]:
            with self.subTest(file=file, line=line):
                self.assertEqual(self.check(file, line), [])


if __name__ == "__main__":
    unittest.main()
