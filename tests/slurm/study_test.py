"""slurm/study.sbatch on a real Slurm of two nodes, which this script starts on this machine and
takes down again.

    study_test.py --bin DIR --script slurm/study.sbatch --study FILE

Standard library only. Needs root, a cgroup file system and Debian's slurmctld, slurmd, slurm-client
and munge; exits with 77 (skipped) without them. All daemons and jobs live in a process namespace of
their own, so that nothing outlives the test, however it ends.
"""
import argparse
import csv
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

SKIPPED = 77
FREE_COLUMNS = {"seconds", "attempts"}  # what may differ between two runs of the same trials
# Some seconds of training on three workers, with a checkpoint at any moment.
LONGER = ["--set", "recipe.steps=3000", "--set", "recipe.stop_at=1"]

CONFIG = """
ClusterName=surd
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
# The credentials' life is also the wait before a job that was put back into the queue starts again.
AuthInfo=socket={root}/munge/socket,cred_expire=5
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
ReturnToService=2
SlurmdParameters=config_overrides
SchedulerParameters=sched_interval=1,bf_interval=1,batch_sched_delay=0
SlurmdTimeout=10
StateSaveLocation={root}/state
SlurmdSpoolDir={root}/spool.%n
SlurmdPidFile={root}/%n.pid
SlurmctldPidFile={root}/slurmctld.pid
# Two daemons that share a folder for PMIx break it.
TmpFS={root}/tmp.%n
NodeName=n[1-2] NodeHostname={host} NodeAddr=127.0.0.1 Port={ports[1]},{ports[2]} \
CPUs=4 RealMemory=1000
PartitionName=p Nodes=n[1-2] Default=YES State=UP
"""


def skip(why):
    print(f"skipped: {why}")
    sys.exit(SKIPPED)


def in_own_namespace():
    """Runs this script again where it sees, and leaves behind, only its own processes."""
    if os.geteuid() != 0:
        skip("needs root, to start a Slurm of its own")
    missing = [program
               for program in ("slurmctld", "slurmd", "munged", "srun", "sbatch", "unshare")
               if not shutil.which(program)]
    if missing:
        skip(f"needs {', '.join(missing)} (Debian: slurmctld slurmd slurm-client munge)")
    if "cgroup" not in pathlib.Path("/proc/mounts").read_text():
        skip("needs a mounted cgroup file system")
    namespace = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
    if subprocess.run([*namespace, "true"], capture_output=True).returncode != 0:
        skip("may not make a process namespace")
    # bash as the first process collects the orphans, which Python would not.
    inside = [sys.executable, __file__, *sys.argv[1:], "--inside"]
    os.execvp(namespace[0], [*namespace, "bash", "-c", '"$@" & wait $!', "bash", *inside])


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def wait_for(what, condition, limit_s=60):
    deadline = time.monotonic() + limit_s
    while time.monotonic() < deadline:
        if value := condition():
            return value
        time.sleep(0.05)
    raise AssertionError(f"not within {limit_s} s: {what}")


class Cluster:
    def __init__(self, root):
        self.root = root
        self.daemons = {}
        host = socket.gethostname().split(".")[0]
        for folder in ("munge", "state", "spool.n1", "spool.n2", "tmp.n1", "tmp.n2"):
            (root / folder).mkdir()
        (root / "slurm.conf").write_text(CONFIG.format(host=host, root=root, ports=free_ports(3)))
        (root / "munge/key").write_bytes(os.urandom(1024))
        (root / "munge/key").chmod(0o400)
        os.environ["SLURM_CONF"] = str(root / "slurm.conf")
        munge = [f"--{name}-file={root}/munge/{name}" for name in ("key", "pid", "log", "seed")]
        self.start("munged", "munged", "--foreground", "--force",
                   f"--socket={root}/munge/socket", *munge)
        wait_for("munged", (root / "munge/socket").exists, 10)
        self.start("slurmctld", "slurmctld", "-D")
        for node in ("n1", "n2"):
            self.start_node(node)
        self.wait_for_nodes()

    def start(self, name, *command):
        with open(self.root / f"{name}.log", "a") as log:
            self.daemons[name] = subprocess.Popen(command, stdout=log, stderr=log)

    def start_node(self, node):
        # Open MPI names its shared memory after the host, which the two nodes here share.
        self.start(node, "unshare", "--mount", "sh", "-c",
                   f"mount -t tmpfs tmpfs /dev/shm && exec slurmd -D -N {node}")

    def wait_for_nodes(self):
        wait_for("two idle nodes",
                 lambda: slurm("sinfo", "-h", "-N", "-o", "%T").split() == ["idle", "idle"], 20)

    def logs(self):
        return "\n".join(f"--- {path.name}\n" + "\n".join(path.read_text().splitlines()[-8:])
                         for path in sorted(self.root.glob("*.log")))


def slurm(*command, code=0):
    done = subprocess.run(command, capture_output=True, text=True)
    if code is not None and done.returncode != code:
        raise AssertionError(f"{' '.join(command)}: exit code {done.returncode}\n"
                             f"{done.stdout}{done.stderr}")
    return done.stdout


class Job:
    """One sbatch of the script: two nodes, a coordinator and three workers."""

    def __init__(self, test, name, *extra, study=None):
        self.folder = test.root / name
        self.log = test.root / f"{name}.out"
        self.bin = test.bin
        where = ["--nodes=2", "--ntasks=4", "--ntasks-per-node=2", "--time=5",
                 f"--output={self.log}"]
        what = [str(study or test.study), "--out", str(self.folder), "--device", "cpu", *extra]
        self.id = slurm("sbatch", "--parsable", *where, test.script, *what).strip()

    def field(self, name):
        fields = dict(word.split("=", 1)
                      for word in slurm("scontrol", "-o", "show", "job", self.id).split()
                      if "=" in word)
        return fields[name]

    def output(self):
        return self.log.read_text() if self.log.exists() else ""

    def state(self):
        return json.loads((self.folder / "state.json").read_text())

    def wait_until_busy(self, done=8):
        """Some trials have results and others have checkpoints."""
        def busy():
            journal = self.folder / "journal.jsonl"
            assert self.field("JobState") in ("PENDING", "RUNNING", "CONFIGURING"), (
                f"ended before it could be disturbed:\n{self.output()}")
            return (journal.exists() and journal.read_text().count('"trial_done"') >= done
                    and any((self.folder / "checkpoints").iterdir()))
        wait_for("results and checkpoints", busy)

    def kill_rank(self, rank):
        for process in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                variables = (process / "environ").read_bytes().split(b"\0")
                name = (process / "comm").read_text().strip()
            except OSError:
                continue  # it has ended, or is the kernel's
            if (name == "surd-run" and f"SLURM_PROCID={rank}".encode() in variables
                    and f"SLURM_JOB_ID={self.id}".encode() in variables):
                os.kill(int(process.name), signal.SIGKILL)
                return
        raise AssertionError(f"job {self.id} has no rank {rank}")

    def end(self, state, code=0, restarts=0):
        ended = ("COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "NODE_FAIL", "OUT_OF_MEMORY")
        wait_for("the job's end", lambda: self.field("JobState") in ended, 90)
        found = (self.field("JobState"), self.field("ExitCode"), int(self.field("Restarts")))
        print(self.output())
        assert found == (state, f"{code}:0", restarts), (
            f"{found}, expected {(state, code, restarts)}")

    def starts(self):
        return self.output().count("trials in ")  # surd-run's first line

    def table(self):
        path = self.folder.with_suffix(".csv")
        slurm(str(self.bin / "surd"), "results", "export", str(self.folder), "--csv", str(path))
        slurm(str(self.bin / "surd"), "results", "verify", str(self.folder))
        with open(path, newline="") as file:
            return [{key: value for key, value in row.items() if key not in FREE_COLUMNS}
                    for row in csv.DictReader(file)]


class Test:
    def __init__(self, options, root):
        self.root = root
        self.bin = pathlib.Path(options.bin).resolve()
        self.script = str(pathlib.Path(options.script).resolve())
        self.study = pathlib.Path(options.study).resolve()
        self.reference = None

    def same_table(self, job):
        rows = job.table()
        assert rows == self.reference, "differs from the undisturbed run's table"

    def undisturbed(self):
        job = Job(self, "undisturbed", *LONGER)
        job.end("COMPLETED")
        assert job.starts() == 1 and "complete" in job.output()
        self.reference = job.table()
        assert {row["status"] for row in self.reference} == {"finished", "skipped"}, (
            "the table is incomplete")
        assert (job.folder / "results.h5").exists()

    def worker_killed(self):
        self.rank_killed(2)

    def coordinator_killed(self):
        self.rank_killed(0)

    def rank_killed(self, rank):
        job = Job(self, f"killed-{rank}", *LONGER)
        job.wait_until_busy()
        job.kill_rank(rank)
        job.end("COMPLETED")
        assert job.starts() == 2 and "the step failed" in job.output(), job.output()
        self.same_table(job)

    def out_of_time(self):
        """USR1 to the script is what --signal=B:USR1@... sends before the limit."""
        job = Job(self, "out-of-time", *LONGER)
        job.wait_until_busy()
        asked = time.monotonic()
        slurm("scancel", "--batch", "--signal=USR1", job.id)
        wait_for("a place in the queue", lambda: job.field("Restarts") == "1", 25)
        print(f"    back in the queue after {time.monotonic() - asked:.1f} s")
        assert job.state().get("exit_code") == 3, (
            f"surd-run did not stop by itself:\n{job.output()}")
        assert any((job.folder / "checkpoints").iterdir()), "no checkpoints"
        job.end("COMPLETED", restarts=1)
        assert job.starts() == 2 and "back into the queue" in job.output(), job.output()
        self.same_table(job)

    def cancelled(self):
        job = Job(self, "cancelled", *LONGER)
        job.wait_until_busy()
        slurm("scancel", job.id)
        wait_for("the end of the run", lambda: job.state().get("exit_code") == 3, 25)
        wait_for("the job's end",
                 lambda: job.field("JobState") == "CANCELLED" and slurm("squeue", "-h") == "", 25)
        assert any((job.folder / "checkpoints").iterdir()) and job.field("Restarts") == "0", (
            job.output())
        # Submitted again, it goes on.
        job = Job(self, "cancelled", *LONGER)
        job.end("COMPLETED")
        self.same_table(job)

    def wrong_study(self):
        study = self.root / "wrong.yaml"
        study.write_text(self.study.read_text().replace("hidden:", "hiden:"))
        job = Job(self, "wrong-study", study=study)
        job.end("FAILED", code=2)
        assert "hiden" in job.output() and job.output().count("is wrong") == 1, job.output()


def main():
    parser = argparse.ArgumentParser()
    for name in ("bin", "script", "study"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--only", nargs="*", help="the facts to test, after the undisturbed run")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if not options.inside:
        in_own_namespace()

    # A short path: sockets lie below it.
    root = pathlib.Path(tempfile.mkdtemp(prefix="surd-slurm-"))
    os.environ.update(SURD_BIN=str(pathlib.Path(options.bin).resolve()),
                      OMPI_MCA_hwloc_base_binding_policy="none", OMPI_MCA_btl_tcp_if_include="lo")
    try:
        try:
            cluster = Cluster(root)
        except AssertionError as error:
            skip(f"Slurm does not start here: {error}\n"
                 + "\n".join(path.read_text()[-2000:] for path in root.glob("*.log")))
        launchers = subprocess.run(["srun", "--mpi=list"], stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT, text=True).stdout
        if "pmix" not in launchers:
            skip("this Slurm lacks PMIx")
        test = Test(options, root)
        failures = 0
        for fact in (test.undisturbed, test.worker_killed, test.coordinator_killed,
                     test.out_of_time, test.cancelled, test.wrong_study):
            if options.only and fact.__name__ not in ["undisturbed", *options.only]:
                continue
            began = time.monotonic()
            try:
                fact()
                verdict = "passed"
            except AssertionError as error:
                verdict = f"FAILED\n{error}\n{cluster.logs()}"
                failures += 1
                subprocess.run(["scancel", "--full", "--signal=KILL", "--user=root"],
                               capture_output=True)
            print(f"{fact.__name__}: {verdict} after {time.monotonic() - began:.1f} s", flush=True)
        return 1 if failures else 0
    finally:
        shutil.rmtree(root, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
