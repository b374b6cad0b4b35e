"""kill -9 at random instants of a run that diverges and is taken back."""
import random
import shutil
from collections import Counter

import runfolder
from kill import SLACK, THREADS, lifetime
from program import Broken, Program
from promise import Reference
from report import Outcome, Progress


def prove(program: Program, configs: str, folder: str, generator: random.Random, kills: int) -> Outcome:
    """As `kill` does; but checkpoints of steps that came to nothing may go, so only the end is looked at."""
    reference = Reference(program, f"{configs}/diverging.yaml", f"{folder}/undisturbed")
    if reference.summary["restores"] < 2:
        raise Broken(f"the undisturbed run is not taken back twice\n{reference.ended.text}")
    life, kept = SLACK * lifetime(reference), runfolder.checkpoints(reference.folder).keys()
    progress, met, threads = Progress("diverge"), Counter(), 0
    while met["kills"] < kills:
        run, ended = f"{folder}/run-{met['runs']}", None
        while ended is None or ended.was_killed:
            threads = (threads + 1) % len(THREADS)
            instant = generator.uniform(0, life) if met["kills"] < kills else None
            ended = reference.go_on(run, "--threads", str(THREADS[threads]), kill_after=instant)
            met["kills"] += ended.was_killed
            met["while taken back"] += ended.was_killed and "Going back" in ended.errors
            progress.show(f"{met['kills']} of {kills}, {met['runs']} runs finished")
        reference.expect_finished(run, ended)
        if kept - (left := runfolder.checkpoints(run).keys()):
            raise Broken(f"{run}: there are the checkpoints {sorted(left)}, undisturbed {sorted(kept)}\n{ended.text}")
        met["runs"] += 1
        shutil.rmtree(run)
    progress.clear()
    return Outcome(
        f"{met['kills']} times kill -9 of a run of {reference.steps} steps that is taken back {reference.summary['restores']} times, "
        f"{met['runs']} runs finished, on {' and '.join(map(str, THREADS))} threads in turn",
        ["every run ended with the digest, the log and the checkpoints of the undisturbed one",
         f"{met['while taken back']} were killed in a process that had taken the run back"])
