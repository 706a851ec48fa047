"""Stop signals at awkward moments and places: each stops the run with exit code 3.

    signal_test.py --bin DIR --mpirun PATH --work DIR --study FILE

Standard library only.
"""
import argparse
import os
import pathlib
import signal
import sys
import time

from runner import Runner, busy_worker, end_of, wait_until

STOPS = (signal.SIGUSR1, signal.SIGTERM, signal.SIGINT)


def catches(pid, number):
    """Whether the process has a handler of that signal; False once it is gone."""
    try:
        status = pathlib.Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
    caught = next(line for line in status.splitlines() if line.startswith("SigCgt:"))
    return bool(int(caught.split()[1], 16) >> (number - 1) & 1)


def show_first_moments(runner):
    """Signals are heard before LibTorch and MPI are up, and stop the run once it can."""
    folder = runner.fresh("first_moments")
    maps = lambda: pathlib.Path(f"/proc/{process.pid}/maps").read_text()
    early = 0
    for number in STOPS:
        process = runner.start(folder, 0)
        wait_until("it listened", lambda: catches(process.pid, number), process)
        process.send_signal(number)
        early += "openmpi/mca_" not in maps()  # MPI loads its parts while it starts
        assert end_of(process) == 3, number
    assert early > 0, "no signal came before MPI was up"
    for delay_s in (0.0, 0.05, 0.2):
        process = runner.start(folder, 0)
        wait_until("it listened", lambda: catches(process.pid, signal.SIGTERM), process)
        time.sleep(delay_s)
        process.send_signal(signal.SIGTERM)
        assert end_of(process) == 3, delay_s


def show_any_rank(runner):
    """Any rank of a team, and one that is left over, stops the run as its leader does."""
    folder = runner.fresh("any_rank")
    flags = ("--set", "run.data_parallel=2", "--set", "recipe.steps=1000000")
    for rank in (2, 3, 1):
        for number in (signal.SIGTERM, signal.SIGINT):
            process = runner.start(folder, 4, *flags)
            state = runner.wait_for(
                folder, lambda s: len(s["ranks"]) == 4 and busy_worker(s), process)
            os.kill(state["ranks"][rank]["pid"], number)
            assert end_of(process) == 3, (rank, number)


def main():
    parser = argparse.ArgumentParser()
    for flag in ("--bin", "--mpirun", "--work", "--study"):
        parser.add_argument(flag, required=True)
    runner = Runner(parser.parse_args())
    show_first_moments(runner)
    show_any_rank(runner)
    print("signals: shown")


if __name__ == "__main__":
    sys.exit(main())
