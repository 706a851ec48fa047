"""A run as its user starts it, and all processes of it: found by a mark in their environment, also
when their parents are gone."""
import collections
import itertools
import os
import pathlib
import signal
import subprocess
import time

MARK = "SURD_CHAOS_JOB"
PATIENCE_S = 600  # against hanging alone: how fast a machine is, no test may ask
numbers = itertools.count()

# role: launcher (surd), mpirun, coordinator, leader or follower of a team; where it is none of
# these (what mpirun or a rank started), other. state: as in /proc/PID/stat.
Process = collections.namedtuple("Process", "pid role rank state")


class Job:
    def __init__(self, command, team_size, log):
        self.mark = f"{MARK}={os.getpid()}-{next(numbers)}".encode()
        self.team_size = team_size
        environment = {key: value for key, value in os.environ.items()
                       if not key.startswith(("OMPI_", "SLURM_"))}
        key, value = self.mark.decode().split("=")
        self.log = pathlib.Path(log)
        with open(log, "ab") as output:
            self.launcher = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output,
                                             stderr=subprocess.STDOUT,
                                             env={**environment, key: value})

    def ended(self):
        return self.launcher.poll() is not None

    def processes(self):
        """Those that live: no zombies, whose environment is empty."""
        found = {}
        for folder in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                environment = (folder / "environ").read_bytes().split(b"\0")
                if self.mark not in environment:
                    continue
                state, parent = (folder / "stat").read_text().rsplit(")", 1)[1].split()[:2]
            except OSError:
                continue  # it has ended meanwhile
            rank = next((int(entry.split(b"=")[1]) for entry in environment
                         if entry.startswith(b"OMPI_COMM_WORLD_RANK=")), None)
            found[int(folder.name)] = (int(parent), rank, state)
        return [Process(pid, self.role(pid, found), rank, state)
                for pid, (_, rank, state) in found.items()]

    def role(self, pid, found):
        parent, rank, _ = found[pid]
        if pid == self.launcher.pid:
            return "launcher"
        if rank is None:
            return "mpirun" if parent == self.launcher.pid else "other"
        if parent in found and found[parent][1] is not None:
            return "other"  # what a rank started
        if rank == 0:
            return "coordinator"
        return "leader" if (rank - 1) % self.team_size == 0 else "follower"

    def send(self, process, number):
        """Whether it was there to get the signal; never to another process of the same number."""
        try:
            handle = os.pidfd_open(process.pid)
        except OSError:
            return False
        try:
            environment = pathlib.Path(f"/proc/{process.pid}/environ").read_bytes()
            if self.mark not in environment.split(b"\0"):
                return False
            signal.pidfd_send_signal(handle, number)
            return True
        except OSError:
            return False
        finally:
            os.close(handle)

    def wait(self):
        """The launcher's exit code, once every process is gone. AssertionError where one stays."""
        deadline = time.monotonic() + PATIENCE_S
        while not self.ended() or self.processes():
            if time.monotonic() > deadline:
                left = self.processes()
                self.kill()
                raise AssertionError(f"it has not ended after {PATIENCE_S} s: {left}")
            time.sleep(0.02)
        return self.launcher.returncode

    def kill(self):
        for process in self.processes():
            self.send(process, signal.SIGKILL)
        self.launcher.wait()
