"""kill -9 at random instants of a run that saves all the time."""
import random
import shutil
import statistics
import time
from collections import Counter

import runfolder
from program import Broken, Program
from promise import Reference
from report import Outcome, Progress

THREADS = (1, 2)
# The last save, the summary and the way out shall be met too, where the machine is slower for a while.
SLACK = 1.1


def prove(program: Program, configs: str, folder: str, generator: random.Random, kills: int) -> Outcome:
    """A run is killed, goes on with another number of threads, is killed again, until it ends; then the next begins."""
    reference = Reference(program, f"{configs}/busy.yaml", f"{folder}/undisturbed")
    life = SLACK * lifetime(reference)
    progress, met, threads = Progress("kill"), Counter(), 0
    while met["kills"] < kills:
        run, reported, ended = f"{folder}/run-{met['runs']}", set(), None
        while ended is None or ended.was_killed:
            threads = (threads + 1) % len(THREADS)
            # The last run is left to finish.
            instant = generator.uniform(0, life) if met["kills"] < kills else None
            ended = reference.go_on(run, "--threads", str(THREADS[threads]), kill_after=instant)
            reported |= set(ended.reported)
            if ended.was_killed:
                met["kills"] += 1
                met["without a save"] += not ended.reported
                look(reference, run, reported, met)
                progress.show(f"{met['kills']} of {kills}, {met['runs']} runs finished")
        reference.expect_finished(run, ended)
        left = runfolder.checkpoints(run)
        # Killed between the last rename and the deletion of the oldest, a finished run has one more.
        if len(left) > reference.keep + 1:
            raise Broken(f"{run}: {len(left)} checkpoints stay where {reference.keep} are kept")
        met["runs"] += 1
        shutil.rmtree(run)
    progress.clear()
    return Outcome(
        f"{met['kills']} times kill -9 at an instant drawn uniformly from the life of the process, {met['runs']} runs of "
        f"{reference.steps} steps and {len(reference.saves)} saves finished, on {' and '.join(map(str, THREADS))} threads in turn",
        ["every folder opened, no checkpoint reported as saved was lost, every run ended with the digest and the log of the undisturbed one",
         f"{met['amid a file']} left a half-written file, {met['unreported']} a checkpoint that was not yet reported, {met['cut lines']} a "
         f"cut last line; {met['without a save']} were killed before they had reported a save, {met['before the first']} before the run's first"])


def look(reference: Reference, run: str, reported: set[int], met: Counter) -> None:
    """Looks at a folder just after the kill."""
    newest = reference.expect_kept(run, reported)
    met["cut lines"] += reference.expect_log(run)
    met["before the first"] += newest == 0
    met["amid a file"] += bool(runfolder.temporaries(run))
    met["unreported"] += newest > max(reported, default=0)


def lifetime(reference: Reference) -> float:
    """Seconds of an undisturbed process, the middle one of three."""
    def measure(folder: str) -> float:
        start = time.monotonic()
        reference.program.train(reference.config, folder).expect(0)
        seconds = time.monotonic() - start
        shutil.rmtree(folder)
        return seconds

    return statistics.median(measure(f"{reference.folder}-again") for _ in range(3))
