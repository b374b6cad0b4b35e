"""Damaged checkpoints: flipped bits, cut files, files that are something else."""
import json
import os
import random
import shutil
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor

import runfolder
from program import Broken, Ended, Program
from promise import Reference
from report import Outcome, Progress

# Bytes whose every bit is flipped: frame header, safetensors header and metadata as they are compressed.
HEADER = 4096
# Of the full count, how many go to the slower kinds of damage.
RESEALED_SHARE, SKIPPED_SHARE = 0.2, 0.004
FULL = 10_000


def prove(program: Program, configs: str, folder: str, generator: random.Random, flips: int) -> Outcome:
    """Every bit of the header and `flips` others, every length: all of them where `flips` is the full count, otherwise samples in proportion."""
    reference = Reference(program, f"{configs}/small.yaml", f"{folder}/undisturbed")
    path = runfolder.checkpoint_path(reference.folder, reference.steps)
    content = runfolder.read(path)
    whole = program.inspect(path).expect(0)
    share = min(1, flips / FULL)

    def sample(population: Iterable, share: float) -> list:
        return generator.sample(population, max(1, int(len(population) * share)))

    border = 8 * min(HEADER, len(content))
    header = sample(range(border), share)
    elsewhere = generator.sample(range(border, 8 * len(content)), min(flips, 8 * len(content) - border))
    lengths = sample(range(len(content)), share)
    bench = Bench(program, folder)

    def flipped() -> Iterator[tuple[str, bytes]]:
        for bit in header + elsewhere:
            yield f"bit {bit % 8} of byte {bit // 8} flipped", flip(content, bit)

    def cut() -> Iterator[tuple[str, bytes]]:
        for length in lengths:
            yield f"cut to {length} of {len(content)} bytes", content[:length]

    behind = generator.sample(range(8 * (len(content) - 40)), max(1, int(flips * RESEALED_SHARE)))

    def behind_the_seal() -> Iterator[tuple[str, bytes]]:
        for bit in behind:
            yield f"bit {bit % 8} of byte {bit // 8} flipped and sealed anew", runfolder.resealed(flip(content, bit))

    refused = bench.attempt("flips", flipped(), refuse) + bench.attempt("lengths", cut(), refuse)
    sealed = bench.attempt("sealed anew", behind_the_seal(), lambda path, ended: refuse_or_agree(path, ended, whole))
    skipped = pass_over(reference, folder, generator, max(3, int(flips * SKIPPED_SHARE)))
    return Outcome(
        f"a checkpoint of {len(content)} bytes: {len(header)} of the {border} bits of its first {border // 8} bytes and {len(elsewhere)} others "
        f"flipped one at a time, {len(lengths)} of its {len(content)} possible lengths",
        [f"all {refused['refused']} refused with status 2 and the file's name",
         f"{len(behind)} flipped bits under a seal that agrees with them: {sealed['refused']} refused, {sealed['agreed']} that change nothing",
         f"{skipped} resumptions over damaged newest checkpoints: warned of by file and reason, gone on from the one before, with the digest of the "
         "undisturbed run; with none left: status 2 and nothing changed"])


def flip(content: bytes, bit: int) -> bytes:
    byte = bit // 8
    return content[:byte] + bytes([content[byte] ^ 1 << bit % 8]) + content[byte + 1:]


def refuse(path: str, ended: Ended) -> str:
    ended.expect(2)
    if path not in ended.errors:
        raise Broken(f"does not name the file\n{ended.text}")
    return "refused"


def refuse_or_agree(path: str, ended: Ended, whole: Ended) -> str:
    """zstd has bits that mean nothing. A file that is taken must be the same file but for them."""
    if ended.status == 0 and ended.output == whole.output:
        return "agreed"
    return refuse(path, ended)


class Bench:
    """Shows one damaged file after the other to `lockstep inspect`, two at a time."""

    def __init__(self, program: Program, folder: str):
        self.program, self.folder = program, folder

    def attempt(self, title: str, damaged: Iterator[tuple[str, bytes]], judge: Callable[[str, Ended], str]) -> Counter:
        progress, met, lock = Progress("damage"), Counter(), threading.Lock()

        def work(number: int) -> None:
            path = f"{self.folder}/damaged-{number}.safetensors.zst"
            while True:
                with lock:
                    what, content = next(damaged, ("", b""))
                if not what:
                    return
                runfolder.write(path, content)
                ended = self.program.inspect(path)
                try:
                    found = judge(path, ended)
                except Broken as broken:
                    raise Broken(f"{what}: {broken}") from None
                with lock:
                    met[found] += 1
                progress.show(f"{title}, {sum(met.values())}")

        with ThreadPoolExecutor(max_workers=2) as pool:
            for worker in [pool.submit(work, number) for number in range(2)]:
                worker.result()
        progress.clear()
        return met


def pass_over(reference: Reference, folder: str, generator: random.Random, count: int) -> int:
    """Goes on with runs whose newest checkpoints are damaged. Returns how often."""
    stopped = f"{folder}/stopped"
    stop = reference.saves[-2]
    reported = reference.program.train(reference.config, stopped, "--steps", str(stop)).expect(0).reported
    steps = sorted(runfolder.checkpoints(stopped))
    for number in range(count):
        run = f"{folder}/over-{number}"
        shutil.copytree(stopped, run)
        spoiled = steps[-generator.randint(1, len(steps)):]
        for step in spoiled:
            path = runfolder.checkpoint_path(run, step)
            runfolder.write(path, spoil(runfolder.read(path), generator))
        before = listing(run)
        ended = reference.program.resume(run)
        try:
            for step in spoiled:
                path = runfolder.checkpoint_path(run, step)
                # The reason follows the file's name.
                if f"{path}: " not in ended.errors:
                    raise Broken(f"does not say why {path} is not used\n{ended.text}")
            if len(spoiled) == len(steps):
                ended.expect(2)
                if listing(run) != before:
                    raise Broken(f"changed a folder that it refused: {run}")
            else:
                left = steps[-len(spoiled) - 1]
                if f"going on from step {left} " not in ended.errors:
                    raise Broken(f"did not go on from step {left}\n{ended.text}")
                reference.expect_finished(run, ended)
        except Broken as broken:
            raise Broken(f"checkpoints of steps {spoiled} damaged in {run}: {broken}") from None
        shutil.rmtree(run)
    return count


def spoil(content: bytes, generator: random.Random) -> bytes:
    """What may have become of a file: a flipped bit, a piece cut off, zeros, nothing, another file altogether."""
    return generator.choice([
        lambda: flip(content, generator.randrange(8 * len(content))),
        lambda: content[:generator.randrange(len(content))],
        lambda: bytes(len(content)),
        lambda: content + b"\0",
        lambda: generator.randbytes(len(content)),
        lambda: json.dumps({"step": 3}).encode(),
        lambda: runfolder.resealed(flip(content, 8 * 100)),
    ])()


def listing(folder: str) -> dict[str, bytes]:
    return {f"{place}/{name}": runfolder.read(f"{place}/{name}") for place, _, names in os.walk(folder) for name in names}
