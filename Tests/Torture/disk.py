"""A disk that fills up: tiny file systems in memory, filled by the run itself or by somebody else's file."""
import os
import random
import threading
import time
from collections import Counter

import mounts
import runfolder
from program import Broken, Program
from promise import Reference
from report import Outcome, Progress

PAGE = 4096
# With so much, every run ends well.
AMPLE = "size=64m,nr_inodes=1000"
# Room for somebody else's file: much more than the run needs takes too long to fill.
FOREIGN = 1 << 20
REASON = "no space left on device"
# How a run on such a disk may end.
UNTOUCHED, WARNED, FAILED, REFUSED = "met no limit", "went on with a warning", "ended with status 1", "could not begin"


def prove(program: Program, configs: str, folder: str, generator: random.Random, fills: int) -> Outcome:
    """The small run on disks of every size, in pages and in files; the busy one `fills` times on a random size and beside a foreign file."""
    if problem := mounts.have_own():
        return Outcome("", skipped=problem)
    small = Reference(program, f"{configs}/small.yaml", f"{folder}/undisturbed-small")
    busy = Reference(program, f"{configs}/busy.yaml", f"{folder}/undisturbed-busy")
    life = lifetime(busy, folder)
    progress, met, disk = Progress("disk"), {}, f"{folder}/disk"

    def attempt(title: str, reference: Reference, options: str, foreign: tuple[float, float] | None = None) -> str:
        try:
            end = go_through(reference, disk, options, foreign)
        except Broken as broken:
            raise Broken(f"{title}, a disk of {options}, foreign file at {foreign}: {broken}") from None
        met.setdefault(title, Counter())[end] += 1
        progress.show(f"{title}, {met[title].total()}")
        return end

    # One page or file more each time, until the whole run finds room.
    for title, limit in ("pages", lambda count: f"size={count * PAGE}"), ("files", lambda count: f"size=64m,nr_inodes={count}"):
        count = 1
        while attempt(title, small, limit(count)) != UNTOUCHED:
            count += 1
    needed = size(busy.folder) + max(os.path.getsize(path) for path in runfolder.checkpoints(busy.folder).values())
    for _ in range(fills):
        attempt("sizes", busy, f"size={generator.randrange(PAGE, needed, PAGE)}")
    for _ in range(fills):
        start = generator.uniform(0, life)
        attempt("foreign", busy, f"size={needed + FOREIGN}", (start, generator.uniform(0, 2 * life)))
    progress.clear()
    return Outcome(
        f"{met['pages'].total()} disks from one page and {met['files'].total()} from one file up to what a small run needs; {fills} disks of random "
        f"sizes under a larger run; {fills} times a foreign file takes all that is free, at a random instant and for a random while",
        ["the checkpoints reported as saved stayed; with room again, every run ended with the digest and the log of the undisturbed one"]
        + [f"{title}: {', '.join(f'{number} {end}' for end, number in sorted(ends.items()))}" for title, ends in met.items()])


def go_through(reference: Reference, disk: str, options: str, foreign: tuple[float, float] | None) -> str:
    """A run on such a disk, and once more with room. Returns how the first has ended."""
    with mounts.disk(disk, options):
        run = f"{disk}/run"
        with Foreign(f"{disk}/foreign", foreign):
            ended = reference.program.train(reference.config, run)
        says = run in ended.errors and REASON in ended.errors
        reported = set(ended.reported)
        has_trained = bool(reported) or "warning" in ended.errors
        ended.expect(0, 1, *([] if has_trained else [2]))
        if ended.status and not says:
            raise Broken(f"does not name file and reason\n{ended.text}")
        reference.expect_kept(run, reported)
        reference.expect_log(run)
        mounts.resize(disk, AMPLE)
        reference.expect_finished(run, reference.go_on(run))
        return {0: WARNED if says else UNTOUCHED, 1: FAILED, 2: REFUSED}[ended.status]


class Foreign:
    """Somebody else's file, which takes whatever is free on the disk, again and again, from an instant and for a while."""

    def __init__(self, path: str, times: tuple[float, float] | None):
        self.path, self.times, self.over = path, times, threading.Event()
        self.thread = threading.Thread(target=self.fill)

    def fill(self) -> None:
        start, duration = self.times
        if self.over.wait(start):
            return
        end = time.monotonic() + duration
        with open(self.path, "wb", buffering=0) as file:
            while time.monotonic() < end and not self.over.wait(0.002):
                try:
                    # A full disk takes what it can, and refuses the next.
                    while file.write(bytes(16 * PAGE)):
                        pass
                except OSError:
                    continue
        os.remove(self.path)

    def __enter__(self):
        if self.times:
            self.thread.start()

    def __exit__(self, *_):
        self.over.set()
        if self.times:
            self.thread.join()


def lifetime(reference: Reference, folder: str) -> float:
    start = time.monotonic()
    reference.program.train(reference.config, f"{folder}/lifetime").expect(0)
    return time.monotonic() - start


def size(folder: str) -> int:
    return sum(os.path.getsize(f"{place}/{name}") for place, _, names in os.walk(folder) for name in names)
