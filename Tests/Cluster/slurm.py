"""Ranks that Slurm starts, signals, stops and starts again, as docs/cluster.md says."""
import os
import re
import signal
from collections.abc import Callable

import runfolder
from bench import Bench, Check, config
from bits import compare_checkpoints
from cluster import Batch, Cluster, Tasks, cluster
from disturbed import ENDLESS, RANKS, WHILE, disturb, expect_said, expect_unharmed
from job import MPIRUN
from lonely import expect_refused, program
from program import Broken, Ended

PAGE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../docs/cluster.md")
# What Slurm does to a job, by what it is told.
DISTURBANCES = {
    "scancel --signal=USR1": lambda cluster, job: cluster.run("scancel", "--signal=USR1", job.number),
    "scontrol requeue": lambda cluster, job: cluster.run("scontrol", "requeue", job.number),
    "preempted": lambda cluster, job: cluster.run("srun", "--partition=urgent", "--exclusive", "true"),
}
# The shortest limit that Slurm knows, and one that is not reached.
MINUTE, LONG = "--time=1 --signal=USR1@20", "--time=60"


def checks(bench: Bench) -> list[Check]:
    return [
        *(Check(f"{name} {precision} on {count} ranks", same(bench, name, precision, count), (name, count) == ("batch-statistics", 2))
          for name, precision, count in (("long", "float32", 2), ("batch-statistics", "bf16", 2), ("batch-statistics", "bf16", 4), ("convolution", "float32", 4))),
        Check("mpirun in an allocation", allocated(bench), False),
        Check("ranks and threads", told(bench), False),
        *(Check(f"srun --ntasks={count}, {'not told of MPI' if with_mpi else 'built without MPI'}", body(bench, with_mpi), False)
          for count, body in ((2, refused), (1, alone)) for with_mpi in (True, False)),
        *(Check(f"rank {rank} killed", killed(bench, rank), False) for rank in (0, 3)),
        Check("SIGUSR1 to srun", signalled(bench, signal.SIGUSR1, 138, expect_stopped), False),
        # It kills the ranks at once.
        Check("SIGTERM to srun", signalled(bench, signal.SIGTERM, 137, lambda run, ended: None), False),
        *(Check(f"the script, {title}", requeued(bench, LONG, how), False) for title, how in DISTURBANCES.items()),
        Check("the script, at its limit", requeued(bench, MINUTE, lambda cluster, job: None), False),
        Check("the script, scancel", cancelled(bench), False),
        Check("the script, failed", failed(bench), False),
    ]


def same(bench: Bench, name: str, precision: str, count: int):
    def body(folder: str) -> str:
        options = ("--threads", "1", "--set", f"training.precision={precision}")
        reference, run = bench.reference(name, *options), f"{folder}/run"
        with cluster(bench.lockstep, folder) as slurm:
            reference.expect_finished(run, Tasks(slurm, count).train(config(name), run, *options))
        compare_checkpoints(reference, run)
        return f"two nodes: digest {reference.summary['weights_digest'][:12]}, {reference.keep} checkpoints, as one process"

    return body


def allocated(bench: Bench):
    """mpirun learns from Slurm where it may start ranks, and starts its daemons by it."""
    def body(folder: str) -> str:
        reference, run = bench.reference("uneven"), f"{folder}/run"
        with cluster(bench.lockstep, folder) as slurm:
            ended = slurm.run("salloc", "--nodes=2", "--ntasks-per-node=1", *MPIRUN, bench.lockstep, "train", config("uneven"), "--output", run, "--verbose")
        reference.expect_finished(run, ended)
        return f"two nodes: digest {reference.summary['weights_digest'][:12]} as one process"

    return body


def told(bench: Bench):
    def body(folder: str) -> str:
        with cluster(bench.lockstep, folder) as slurm:
            ended = Tasks(slurm, 2).run("doctor").expect(0)
        lines = [re.sub(" +", " ", line) for line in ended.output.splitlines() if re.match("ranks|threads of a rank", line)]
        if not re.fullmatch(r"ranks 2: rank 0 on node1, cores .*; rank 1 on node2, cores .*\nthreads of a rank 1 .*", "\n".join(lines)):
            raise Broken(f"does not say that each node has a rank of one thread\n{ended.output}\n{ended.text}")
        return f"“{lines[0]}”, of one thread each"

    return body


def refused(bench: Bench, with_mpi: bool):
    def body(folder: str) -> str:
        binary, empty = program(bench, with_mpi), f"{folder}/empty"
        os.mkdir(empty)
        with cluster(bench.lockstep, folder) as slurm:
            ended = slurm.run("srun", "--ntasks=2", binary, "train", config("uneven"), "--output", f"{empty}/run").expect(2)
        return expect_refused(ended, empty, r"this is rank \d of 2 processes that Slurm's srun has started", with_mpi)

    return body


def alone(bench: Bench, with_mpi: bool):
    def body(folder: str) -> str:
        reference, run = bench.reference("uneven"), f"{folder}/run"
        with cluster(bench.lockstep, folder) as slurm:
            ended = slurm.run("srun", "--ntasks=1", program(bench, with_mpi), "train", config("uneven"), "--output", run, "--verbose")
        reference.expect_finished(run, ended)
        return "trained by one process"

    return body


def killed(bench: Bench, rank: int):
    def body(folder: str) -> str:
        run = f"{folder}/run"
        with cluster(bench.lockstep, folder) as slurm:
            ended = disturb(Tasks(slurm, RANKS), run, lambda job: job.signal(rank, signal.SIGKILL)).expect(137)
        said = expect_said(ended, rf"srun: error: node{1 + 2 * rank // RANKS}: tasks? .*\b{rank}\b.*: Killed")
        return f"status 137, “{said}”; {expect_unharmed(bench, run, ended)}"

    return body


def signalled(bench: Bench, number: signal.Signals, status: int, expect: Callable[[str, Ended], None]):
    def body(folder: str) -> str:
        run = f"{folder}/run"
        with cluster(bench.lockstep, folder) as slurm:
            ended = disturb(Tasks(slurm, RANKS), run, lambda job: job.signal(None, number), *ENDLESS).expect(status)
        expect(run, ended)
        return f"status {status}; {expect_unharmed(bench, run, ended, *ENDLESS)}"

    return body


class Script:
    """The script of docs/cluster.md, of a run without an end, until it is told one."""

    def __init__(self, bench: Bench, slurm: Cluster, folder: str, limit: str, *options: str):
        self.run, self.steps = f"{folder}/run", f"{folder}/steps"
        self.end_after(10 ** 6)
        command = [bench.lockstep, "train", config("long"), "--output", self.run, "--resume", "--verbose", *ENDLESS, *options]
        page = runfolder.read(PAGE).decode()
        text = re.search(r"^```sh\n(#!/bin/bash\n#SBATCH.*?)^```", page, re.MULTILINE | re.DOTALL)[1]
        for found, changed in (("--nodes=4", "--nodes=2"), ("--cpus-per-task=32", "--cpus-per-task=1"), ("--time=04:00:00 --signal=USR1@120", limit),
                               ("lockstep train config.yaml --output runs/a --resume --quiet", f"{' '.join(command)} --steps $(cat {self.steps})")):
            if text.count(found) != 1:
                raise Broken(f"{PAGE}: found no script with {found}")
            text = text.replace(found, changed)
        path = f"{folder}/script"
        runfolder.write(path, text.encode())
        self.job = Batch(slurm, path)

    def end_after(self, steps: int) -> None:
        runfolder.write(self.steps, str(steps).encode())

    def disturb(self, how: Callable[[Batch], None]) -> None:
        self.job.wait_until(lambda: len(runfolder.checkpoints(self.run)) >= 2, "saved twice")
        how(self.job)


def requeued(bench: Bench, limit: str, how: Callable[[Cluster, Batch], object]):
    """It is put back into the queue, and goes on by itself."""
    def body(folder: str) -> str:
        with cluster(bench.lockstep, folder) as slurm:
            script = Script(bench, slurm, folder, limit)
            script.disturb(lambda job: how(slurm, job))
            ended = script.job.wait_for("PENDING")
            newest = expect_stopped(script.run, ended)
            reference = bench.reference("long", "--threads", "1", *ENDLESS, "--steps", str(newest + WHILE))
            reference.expect_kept(script.run, set(ended.reported))
            script.end_after(reference.steps)
            script.job.hasten()
            reference.expect_finished(script.run, script.job.wait_for("COMPLETED", "FAILED"))
        return f"stopped after step {newest}, requeued, ended after step {reference.steps} with the digest of one process"

    return body


def cancelled(bench: Bench):
    def body(folder: str) -> str:
        with cluster(bench.lockstep, folder) as slurm:
            script = Script(bench, slurm, folder, LONG)
            script.disturb(lambda job: slurm.run("scancel", job.number))
            ended = script.job.wait_for("CANCELLED")
        expect_stopped(script.run, ended)
        return expect_unharmed(bench, script.run, ended, *ENDLESS)

    return body


def failed(bench: Bench):
    """Not taken for done, nor tried again."""
    def body(folder: str) -> str:
        with cluster(bench.lockstep, folder) as slurm:
            script = Script(bench, slurm, folder, LONG, "--set", "training.shards=0")
            ended = script.job.wait_for("FAILED", "COMPLETED").expect(2)
        return f"status 2, “{expect_said(ended, 'training.shards')}”"

    return body


def expect_stopped(run: str, ended: Ended) -> int:
    """It has saved after the signal: returns the step."""
    summary, newest = runfolder.summary(run), max(runfolder.checkpoints(run))
    if (summary["status"], summary["steps"]) != ("stopped", newest):
        raise Broken(f"{summary['status']} after step {summary['steps']}, and saved after step {newest}\n{ended.text}")
    return newest
