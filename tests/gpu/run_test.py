"""tests/gpu/run on programs that stand in for ours: steps that fail, hang or print nonsense do not
stop the others, and what is said and written is what happened. No card, no time is asserted.

    run_test.py PATH_OF_tests/gpu/run
"""
import contextlib
import importlib.machinery
import importlib.util
import io
import json
import os
import pathlib
import sys
import tempfile
import unittest
from unittest import mock

SCRIPT = sys.argv.pop()

# Each answers as the real program does, as far as the script reads it.
PROGRAMS = {
    "surd-run": """
if [ "$1" = --devices ]; then echo "cuda devices: ${DEVICES:-1}"; exit 0; fi
while [ "$1" != --out ]; do shift; done
mkdir -p "$2"
echo results >"$2/results.h5"
echo '{"exit_code": 0, "sentence": "complete: 312 trials done"}' >"$2/state.json"
""",
    "surd-fit": """
echo 'note: not JSON yet'
echo '{"fits": [{"task": "lookup", "architecture": "linear", "alpha": 1.04, "alpha_low": 0.67,
  "alpha_high": null}]}'
""",
    "surd-bench": """
for last in "$@"; do :; done
if [ "$1" = device ]; then
  echo '{"checks": [{"check": "resume", "of": "delta", "figure": 3, "least": 0, "most": 0,
    "passed": false, "failure": ""}]}' >"$last"
  echo "surd-bench: 1 of 57 checks failed"
  exit 1
fi
echo '{"cases": [{"architecture": "standard", "hidden": 16, "lanes": 6, "times_pytorch":
  {"median": 8.25}}]}' >"$last"
""",
    "mpirun": """
while [ "$1" != none ]; do shift; done
shift
"$@"
""",
}


class Run(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.bin = pathlib.Path(folder.name, "bin")
        self.out = pathlib.Path(folder.name, "out")
        self.bin.mkdir()
        for name, body in PROGRAMS.items():
            self.replace(name, body)
        loader = importlib.machinery.SourceFileLoader("gpu_run", SCRIPT)
        self.script = importlib.util.module_from_spec(
            importlib.util.spec_from_loader("gpu_run", loader))
        sys.dont_write_bytecode = True
        loader.exec_module(self.script)

    def replace(self, name, body):
        path = self.bin / name
        path.write_text("#!/bin/sh\n" + body)
        path.chmod(0o755)

    def run_script(self, *arguments, **variables):
        """Exit code, output and error output."""
        printed, errors = io.StringIO(), io.StringIO()
        variables["PATH"] = f"{self.bin}:{os.environ['PATH']}"
        command = [SCRIPT, "--bin", str(self.bin), "--out", str(self.out), *arguments]
        with mock.patch.dict(os.environ, variables), mock.patch.object(sys, "argv", command), \
                contextlib.redirect_stdout(printed), contextlib.redirect_stderr(errors):
            try:
                code = self.script.main()
            except SystemExit as ended:
                code = ended.code
        return code, printed.getvalue(), errors.getvalue()

    def written(self):
        return json.loads((self.out / "gpu.json").read_text())

    def passed(self):
        return {step["step"]: step["passed"] for step in self.written()["steps"]}

    def test_a_failed_check_is_named_and_the_other_steps_go_on(self):
        code, printed, _ = self.run_script()
        self.assertEqual(code, 1)
        self.assertEqual(self.passed(), {"devices": True, "checks": False, "study": True,
                                         "fit": True, "train": True})
        self.assertIn("resume delta: 3 instead of 0 to 0", printed)
        self.assertIn("complete: 312 trials done", printed)
        self.assertIn("lookup linear: alpha 1.04 [0.67, open]", printed)
        self.assertIn("times PyTorch: D 16, 6 lanes 8.2", printed)
        self.assertIn("NOT all passed", printed)
        values = self.written()
        self.assertFalse(values["passed"])
        self.assertEqual(values["fits"][0]["alpha"], 1.04)
        self.assertEqual(values["train"]["cases"][0]["lanes"], 6)
        self.assertTrue((self.out / "results.h5").exists())
        self.assertIn("1 of 57 checks failed", (self.out / "checks.log").read_text())

    def test_all_passed(self):
        self.replace("surd-bench", PROGRAMS["surd-bench"].replace("exit 1", "exit 0"))
        code, printed, _ = self.run_script()
        self.assertEqual(code, 0, printed)
        self.assertTrue(self.written()["passed"])

    def test_a_step_that_hangs_is_ended_at_its_limit(self):
        self.script.LIMITS_S["checks"] = 1
        child = self.bin / "child"
        self.replace("surd-bench", f"""
if [ "$1" = device ]; then sleep 600 & echo $! >{child}; wait; fi
{PROGRAMS["surd-bench"]}""")
        code, printed, _ = self.run_script()
        self.assertEqual(code, 1)
        self.assertIn("ended at its limit of 1 s", printed)
        self.assertTrue(self.passed()["train"])
        status = pathlib.Path("/proc", child.read_text().strip(), "status")
        if status.exists():  # ended with its parent, and perhaps not collected yet
            self.assertIn("zombie", status.read_text())

    def test_a_study_is_warned_before_its_limit_and_what_it_has_is_fitted(self):
        self.script.LIMITS_S["study"], self.script.LAST_WORDS_S = 31, 30
        self.replace("surd-run", """
if [ "$1" = --devices ]; then echo "cuda devices: 1"; exit 0; fi
while [ "$1" != --out ]; do shift; done
mkdir -p "$2"
echo results >"$2/results.h5"
stop() { echo '{"exit_code": 3, "sentence": "stopped: 64 trials left"}' >"$1/state.json"; exit 3; }
trap 'stop "$2"' USR1
while :; do sleep 0.1; done
""")
        self.replace("mpirun", 'while [ "$1" != none ]; do shift; done\nshift\nexec "$@"\n')
        code, printed, _ = self.run_script("--step", "study", "--step", "fit")
        self.assertEqual(code, 1)
        self.assertIn("stopped: 64 trials left", printed)
        self.assertEqual(self.passed(), {"study": False, "fit": True})

    def test_nonsense_fails_its_step_alone(self):
        self.replace("surd-fit", "echo no JSON\n")
        code, _, _ = self.run_script("--step", "study", "--step", "fit", "--step", "train")
        self.assertEqual(code, 1)
        self.assertEqual(self.passed(), {"study": True, "fit": False, "train": True})

    def test_without_a_card_one_sentence_and_nothing_is_run(self):
        code, printed, errors = self.run_script(DEVICES="0")
        self.assertEqual(code, 2)
        self.assertEqual(printed, "")
        self.assertEqual(len(errors.splitlines()), 1, errors)
        self.assertIn("no CUDA device is seen here", errors)
        self.assertFalse((self.out / "gpu.json").exists())
        self.assertEqual(self.run_script("--device", "cpu", "--step", "study", DEVICES="0")[0], 0)

    def test_programs_that_do_not_start(self):
        self.replace("surd-run", "echo 'surd-env: python3 has no torch' >&2\nexit 2\n")
        code, _, errors = self.run_script()
        self.assertEqual(code, 2)
        self.assertIn("the programs do not start here: surd-env: python3 has no torch", errors)
        (self.bin / "surd-run").unlink()
        self.assertIn("no programs in", self.run_script()[2])


if __name__ == "__main__":
    unittest.main()
