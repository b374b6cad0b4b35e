"""A run that is disturbed once it has saved, and what becomes of it."""
import os
import re
from collections.abc import Callable

import runfolder
from bench import Bench, config
from job import Job, Ranks
from program import Broken, Ended
from promise import Reference

# Ranks of a run that is disturbed, and of the one that goes on with it.
RANKS, FEWER = 4, 2
# A run that no machine is too fast for, and how many steps are gone on with after it was disturbed.
ENDLESS = ("--set", "training.steps=1000000")
WHILE = 200
# Characters of a message that are shown.
SHOWN = 120


def disturb(ranks: Ranks, run: str, how: Callable[[Job], None], *options: str) -> Ended:
    """Starts the long run, and disturbs it after its second checkpoint."""
    job = ranks.start("train", config("long"), "--output", run, "--threads", "1", "--verbose", *options)
    job.wait_until(lambda: len(job.processes()) == ranks.count and len(runfolder.checkpoints(run)) >= 2, "all ranks were there and had saved twice")
    how(job)
    return job.end()


def expect_unharmed(bench: Bench, run: str, ended: Ended, *options: str) -> str:
    """What was saved is there and right, and fewer ranks go on with the run as it would have gone on, to its end or, where it is endless, a while."""
    newest = max(runfolder.checkpoints(run), default=0)
    until = ("--steps", str(newest + WHILE)) if options == ENDLESS else ()
    reference = bench.reference("long", "--threads", "1", *options, *until)
    if reference.expect_kept(run, set(ended.reported)) != newest or not 0 < newest < reference.steps:
        raise Broken(f"was to be disturbed amid the run; its newest checkpoint is that of step {newest}\n{ended.text}")
    reference.expect_log(run)
    return f"newest checkpoint is of step {newest} and right; " + go_on(bench, reference, run, *until)


def go_on(bench: Bench, reference: Reference, run: str, *options: str) -> str:
    reference.expect_finished(run, bench.ranks(FEWER).resume(run, *options))
    return f"{FEWER} ranks go on to step {reference.steps} with the digest of one process"


def expect_failed(ended: Ended) -> None:
    if ended.status == 0:
        raise Broken(f"ended as if all were well\n{ended.text}")


def expect_said(ended: Ended, *patterns: str) -> str:
    """Returns the line in which the first of these stands."""
    for pattern in patterns:
        if not re.search(pattern, ended.errors):
            raise Broken(f"does not say {pattern!r}\n{ended.text}")
    line = next(line.strip() for line in ended.errors.splitlines() if re.search(patterns[0], line))
    return line if len(line) <= SHOWN else f"{line[:SHOWN]}…"


def host() -> str:
    return os.uname().nodename
