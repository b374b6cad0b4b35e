"""A rank that dies, hangs, or has other files: the job ends and says which; nothing is lost."""
import os
import random
import re
import shutil
import signal

import runfolder
from bench import Bench, Check, CONFIGS
from damage import flip, listing
from disturbed import FEWER, RANKS, disturb, expect_failed, expect_said, expect_unharmed, go_on, host
from program import Broken, Ended
from promise import Reference

# Starts each rank in a folder of its own.
IN_OWN_FOLDER = ["sh", "-c", 'cd "$0/$OMPI_COMM_WORLD_RANK" && exec "$@"']
SAMPLES = 400


def checks(bench: Bench) -> list[Check]:
    return [
        *(Check(f"rank {rank} killed", killed(bench, rank), rank == 2) for rank in (0, 2, 3)),
        *(Check(f"rank {rank} stopped", stopped(bench, rank), rank == 2) for rank in (0, 2)),
        Check("another number in the data", other_data(bench, lambda text: text.replace("1", "2", 1), r"rank 2 \({host}\): found .*training data")),
        Check("broken data", other_data(bench, lambda text: text[:len(text) // 2] + '"', r"rank 2 \({host}\): .*table\.csv:\d+"), False),
        Check("no data", other_data(bench, None, r"rank 2 \({host}\): .*table\.csv"), False),
        Check("another learning rate", other_configuration(bench, "learning_rate: 0.01", "learning_rate: 0.02", r"optimizer\.adam\.learning_rate.*0\.02")),
        Check("another seed", other_configuration(bench, "seed: 13", "seed: 14", r"\bseed\b.*14")),
        Check("another number of shards", other_configuration(bench, "shards: 8", "shards: 4", r"training\.shards"), False),
        Check("broken configuration", other_configuration(bench, "shards: 8", "shards: many", r"table\.yaml:\d+:\d+: training\.shards"), False),
        Check("another number of threads is none", other_threads(bench)),
        Check("newest checkpoint damaged", damaged_newest(bench)),
        Check("all checkpoints damaged", damaged_all(bench), False),
    ]


def killed(bench: Bench, rank: int):
    def body(folder: str) -> str:
        run = f"{folder}/run"
        ended = disturb(bench.ranks(RANKS), run, lambda job: job.signal(rank, signal.SIGKILL))
        expect_failed(ended)
        said = expect_said(ended, rf"rank {rank} .*(node|\() ?{re.escape(host())}")
        return f"status {ended.status}, “{said}”; {expect_unharmed(bench, run, ended)}"

    return body


def stopped(bench: Bench, rank: int):
    def body(folder: str) -> str:
        run = f"{folder}/run"
        ended = disturb(bench.ranks(RANKS), run, lambda job: job.signal(rank, signal.SIGSTOP), "--rank-timeout", "3s")
        expect_failed(ended)
        said = expect_said(ended, rf"rank {rank} \({re.escape(host())}\) has not answered for 3 s")
        return f"status {ended.status}, “{said}”; {expect_unharmed(bench, run, ended)}"

    return body


class OwnFolders:
    """A folder for each rank, with the table's configuration and data."""

    def __init__(self, bench: Bench, folder: str):
        self.bench, self.folder, self.run = bench, folder, f"{folder}/run"
        for rank in range(RANKS):
            os.mkdir(f"{folder}/{rank}")
            shutil.copy(f"{CONFIGS}/table.yaml", f"{folder}/{rank}")
            runfolder.write(f"{folder}/{rank}/table.csv", table().encode())
        # One process, in the folder of rank 0.
        self.reference = Reference(bench.alone(), f"{folder}/0/table.yaml", f"{folder}/reference")
        self.ranks = bench.ranks(RANKS, [*IN_OWN_FOLDER, folder])

    def change(self, rank: int, name: str, change) -> None:
        """Changes a file of one rank, or takes it away."""
        path = f"{self.folder}/{rank}/{name}"
        if change is None:
            return os.remove(path)
        text = runfolder.read(path).decode()
        if change(text) == text:
            raise Broken(f"{path} was to be changed and was not")
        runfolder.write(path, change(text).encode())

    def train(self, *more: str) -> Ended:
        return self.ranks.train("table.yaml", self.run, *more)

    def finish(self) -> str:
        """Fewer ranks, whose files are whole, do the run from its beginning or go on with it."""
        ranks = self.bench.ranks(FEWER, [*IN_OWN_FOLDER, self.folder])
        self.reference.expect_finished(self.run, ranks.train("table.yaml", self.run, "--resume"))
        return f"{FEWER} ranks end with the digest of one process"


def table() -> str:
    """Three classes of points."""
    generator, lines = random.Random(1), ["a,b,c,label"]
    for number in range(SAMPLES):
        lines.append(",".join(f"{generator.gauss(number % 3, 1):.4f}" for _ in range(3)) + f",class{number % 3}")
    return "\n".join(lines) + "\n"


def other_data(bench: Bench, change, message: str):
    """Rank 2 has another file than it had when the run was begun."""
    def body(folder: str) -> str:
        folders = OwnFolders(bench, folder)
        folders.train("--steps", "12").expect(0)
        before = listing(folders.run)
        folders.change(2, "table.csv", change)
        ended = folders.train("--resume").expect(2)
        said = expect_said(ended, message.replace("{host}", re.escape(host())))
        if listing(folders.run) != before:
            raise Broken(f"changed a folder that it refused: {folders.run}\n{ended.text}")
        return f"status 2, “{said}”, folder unchanged; {folders.finish()}"

    return body


def other_configuration(bench: Bench, found: str, changed: str, key: str):
    def body(folder: str) -> str:
        folders = OwnFolders(bench, folder)
        folders.change(2, "table.yaml", lambda text: text.replace(found, changed))
        ended = folders.train().expect(2)
        said = expect_said(ended, rf"rank 2 \({re.escape(host())}\): .*{key}")
        if os.path.exists(folders.run):
            raise Broken(f"has written to {folders.run}: {list(listing(folders.run))}\n{ended.text}")
        return f"status 2, “{said}”, nothing written; {folders.finish()}"

    return body


def other_threads(bench: Bench):
    """Bits do not depend on it, so each machine may have its own."""
    def body(folder: str) -> str:
        folders = OwnFolders(bench, folder)
        folders.change(1, "table.yaml", lambda text: text.replace("shards: 8", "shards: 8, threads: 2"))
        folders.change(2, "table.yaml", lambda text: text.replace("shards: 8", "shards: 8, threads: 1"))
        folders.reference.expect_finished(folders.run, folders.train())
        return f"{RANKS} ranks end with the digest of one process"

    return body


def damaged_newest(bench: Bench):
    def body(folder: str) -> str:
        run, reference = stopped_run(bench, folder)
        newest, before = sorted(runfolder.checkpoints(run), reverse=True)[:2]
        path = runfolder.checkpoint_path(run, newest)
        runfolder.write(path, flip(runfolder.read(path), 4001))
        ended = bench.ranks(3).resume(run)
        said = expect_said(ended, re.escape(f"{path}: "), f"going on from step {before} ")
        reference.expect_finished(run, ended)
        return f"“{said}”, gone on from step {before} on 3 ranks with the digest of one process"

    return body


def damaged_all(bench: Bench):
    def body(folder: str) -> str:
        run, reference = stopped_run(bench, folder)
        whole = f"{folder}/whole"
        shutil.copytree(run, whole)
        for path in runfolder.checkpoints(run).values():
            runfolder.write(path, flip(runfolder.read(path), 4001))
        before = listing(run)
        ended = bench.ranks(3).resume(run).expect(2)
        for path in runfolder.checkpoints(run).values():
            expect_said(ended, re.escape(path))
        if listing(run) != before:
            raise Broken(f"changed a folder that it refused: {run}\n{ended.text}")
        return f"status 2, every file named, folder unchanged; before the damage {go_on(bench, reference, whole)}"

    return body


def stopped_run(bench: Bench, folder: str) -> tuple[str, Reference]:
    """A run that has stopped before its end, and what it is to end as."""
    run = f"{folder}/run"
    bench.ranks(RANKS).train(f"{CONFIGS}/dropout-clip.yaml", run, "--steps", "12").expect(0)
    return run, bench.reference("dropout-clip")
