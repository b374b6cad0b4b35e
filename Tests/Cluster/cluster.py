"""A Slurm of its own on the two machines that are one: its keys, state and logs are in one folder, and it is gone afterwards."""
import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable
from contextlib import contextmanager

import program
import runfolder
from bench import Skipped
from job import Job, Ranks
from machines import Machines, machines
from program import Broken, Ended

PROGRAMS = ("munged", "slurmctld", "slurmd", "srun", "salloc", "sbatch", "scancel", "scontrol", "sinfo")
# Seconds that the daemons may take to find each other.
START = 30
# PMIx has a folder for each step in TmpFS, which the nodes must not share. A node may have more processors than the
# machine: what a rank takes is what Slurm gives it. A job of both nodes is in the way of an urgent one of the second.
CONFIGURATION = """\
ClusterName=lockstep
SlurmctldHost=node1({addresses[0]})
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
StateSaveLocation={folder}/state
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdSpoolDir={folder}/%n
SlurmdPidFile={folder}/%n/slurmd.pid
TmpFS={folder}/%n
MailProg=/bin/true
SchedulerParameters=sched_interval=1
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
PreemptType=preempt/partition_prio
PreemptMode=requeue
NodeName=node1 NodeAddr={addresses[0]} CPUs=8
NodeName=node2 NodeAddr={addresses[1]} CPUs=8
PartitionName=yielding Nodes=node[1-2] PriorityTier=1 Default=yes
PartitionName=urgent Nodes=node2 PriorityTier=2
"""


class Cluster:
    """Speaks to Slurm on its first node."""

    def __init__(self, lockstep: str, folder: str, pair: Machines):
        self.lockstep, self.folder, self.pair = lockstep, folder, pair
        # By their logs.
        self.daemons: dict[str, subprocess.Popen] = {}

    def command(self, *words: str, node: int = 0) -> list[str]:
        return [*self.pair.inside(node), "env", f"SLURM_CONF={self.folder}/slurm.conf", *words]

    def run(self, *words: str) -> Ended:
        return program.run(self.command(*words))

    def begin(self) -> None:
        for name in ("state", "node1", "node2"):
            os.mkdir(f"{self.folder}/{name}")
        runfolder.write(f"{self.folder}/slurm.conf", CONFIGURATION.format(folder=self.folder, addresses=self.pair.addresses).encode())
        runfolder.write(f"{self.folder}/munge.key", os.urandom(128))
        os.chmod(f"{self.folder}/munge.key", 0o600)
        files = [f"--{name}-file={self.folder}/munge.{name}" for name in ("key", "pid", "seed", "log")]
        # Forced, because the folder is closed to other users.
        self.daemon(0, "munged", "--foreground", "--force", f"--socket={self.folder}/munge.socket", f"--origin={self.pair.addresses[0]}", *files)
        self.wait_until(lambda: os.path.exists(f"{self.folder}/munge.socket"))
        self.daemon(0, "slurmctld", "-D")
        for node in (0, 1):
            self.daemon(node, "slurmd", "-D")
        self.wait_until(lambda: self.run("sinfo", "--Node", "--noheader", "--partition=yielding", "--format=%T").output.split() == ["idle", "idle"])
        listed = self.run("srun", "--mpi=list")
        # On the one or the other, by its version.
        if "pmix" not in listed.output + listed.errors:
            raise Skipped("this Slurm has no PMIx")

    def daemon(self, node: int, *words: str) -> None:
        path = f"{self.folder}/{words[0]}-node{node + 1}.log"
        with open(path, "wb") as log:
            self.daemons[path] = subprocess.Popen(self.command(*words, node=node), stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def wait_until(self, condition: Callable[[], bool]) -> None:
        """Waits for the daemons."""
        end = time.monotonic() + START
        while not condition():
            for path, daemon in self.daemons.items():
                if daemon.poll() is not None:
                    errors = re.findall(r"(?:error|fatal): (.*)", runfolder.read(path).decode(errors="replace"), re.IGNORECASE)
                    raise Skipped(f"no Slurm can be had: {'; '.join(errors)}")
            if time.monotonic() > end:
                raise Skipped(f"no Slurm can be had: its nodes are not there after {START} s")
            time.sleep(0.05)

    def end(self) -> None:
        for daemon in self.daemons.values():
            daemon.kill()
            daemon.wait()


@contextmanager
def cluster(lockstep: str, folder: str):
    """Two nodes of Slurm. What they have started ends with the machines."""
    if missing := [name for name in PROGRAMS if not shutil.which(name)]:
        raise Skipped(f"found no {' and no '.join(missing)}; install slurm-wlm and munge")
    with machines(lockstep, folder) as pair:
        found = Cluster(lockstep, folder, pair)
        try:
            found.begin()
            yield found
        finally:
            found.end()


class Tasks(Ranks):
    """The binary `lockstep`, started by srun as so many ranks, of which each node has half."""

    def __init__(self, cluster: Cluster, count: int):
        super().__init__(cluster.lockstep, count)
        self.cluster = cluster
        self.prefix = cluster.command("srun", "--mpi=pmix", "--nodes=2", f"--ntasks-per-node={count // 2}", "--cpus-per-task=1")

    def start(self, *arguments: str) -> "Step":
        return Step(self.cluster, [*self.prefix, self.path, *arguments], self.count)


class Step(Job):
    """What one srun has started: not by itself, but by the daemons of the nodes."""

    def __init__(self, cluster: Cluster, command: list[str], count: int):
        super().__init__(cluster.lockstep, command, count)
        self.cluster = cluster

    def candidates(self) -> list[int]:
        return self.cluster.pair.processes()


class Batch:
    """A script in the queue."""

    def __init__(self, cluster: Cluster, script: str):
        self.cluster, self.script, self.log = cluster, script, f"{script}.log"
        self.number = cluster.run("sbatch", "--parsable", f"--output={self.log}", script).expect(0).output.strip()

    def field(self, name: str) -> str:
        """What Slurm says of it."""
        text = self.cluster.run("scontrol", "show", "job", self.number, "--oneliner").expect(0).output
        return re.search(rf"\b{name}=(\S+)", text)[1]

    def wait_until(self, condition: Callable[[], bool], what: str) -> None:
        end = time.monotonic() + program.PATIENCE
        while not condition():
            if time.monotonic() > end:
                raise Broken(f"{what}: not within {program.PATIENCE} s\n{self.ended().text}")
            time.sleep(0.05)

    def wait_for(self, *states: str) -> Ended:
        """Waits until it is one of these."""
        self.wait_until(lambda: self.field("JobState") in states, " or ".join(states))
        return self.ended()

    def hasten(self) -> None:
        """What is put back into the queue waits there for two minutes."""
        # What begins in the second in which it was stopped is taken for what was stopped.
        self.cluster.run("scontrol", "update", f"JobId={self.number}", "StartTime=now+3").expect(0)

    def ended(self) -> Ended:
        """As far as it has come. Slurm has one log for what was printed and for what was said."""
        log = runfolder.read(self.log).decode(errors="replace") if os.path.exists(self.log) else ""
        return Ended(["sbatch", self.script], int(self.field("ExitCode").split(":")[0]), "", log, 0)
