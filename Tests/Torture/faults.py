"""Every system call of a save, of a beginning and of a resumption made to fail in turn, and the process killed there."""
import os
import random
import re
import shutil
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import strace
from program import Broken, Ended, Program
from promise import Reference
from report import Outcome, Progress
from scenes import Beginning, Resumption

# What a call meets, as strace has it, and the reason that must be named; N+ is the N-th call and all after it.
WAYS = {"error=ENOSPC:when=N": "no space left on device", "error=EIO:when=N": "input/output error", "error=EIO:when=N+": "input/output error",
        "signal=KILL:when=N": ""}
# A failure of these is the failure of what is being done; of the others it may be of no consequence.
ESSENTIAL = ("write", "fsync", "rename", "mkdir", "ftruncate")


def prove(program: Program, configs: str, folder: str, generator: random.Random, count: int) -> Outcome:
    """`count` of all the (call, way to fail) pairs, or every one if it is 0."""
    if problem := strace.is_missing():
        return Outcome("", skipped=problem)
    reference = Reference(program, f"{configs}/small.yaml", f"{folder}/undisturbed")
    scenes = [Beginning(reference, folder), Resumption(reference, folder)]
    calls = {scene: calls_of(scene, f"{folder}/trace-{number}") for number, scene in enumerate(scenes)}
    cases = [(scene, call, way) for scene in scenes for call in calls[scene] for way in WAYS]
    if count:
        cases = generator.sample(cases, min(count, len(cases)))
    progress, met = Progress("faults"), Counter()

    def attempt(numbered: tuple[int, tuple]) -> None:
        number, (scene, call, way) = numbered
        try:
            met.update(disturb(scene, call, way, f"{folder}/{number}"))
        except Broken as broken:
            raise Broken(f"{scene.title}, {way} at {call} (case {number})\n{broken}") from None
        progress.show(f"{number} of {len(cases)}")

    with ThreadPoolExecutor(max_workers=2) as pool:
        try:
            list(pool.map(attempt, enumerate(cases)))
        except Broken:
            pool.shutdown(cancel_futures=True)
            raise
    progress.clear()
    places = " and ".join(f"{len(calls[scene])} calls of {scene.title}" for scene in scenes)
    return Outcome(
        f"{len(cases)} faults: {places}, each failing with ENOSPC, with EIO, with EIO from then on, and killed there",
        ["every folder opened, no checkpoint reported as saved was lost, every run then ended with the digest and the log of the undisturbed one",
         f"{met['killed']} killed, {met['went on']} went on to the end ({met['warned']} with a warning), {met['failed']} ended with status 1 and "
         f"{met['refused']} with status 2 before training began, each naming file and reason; {met['missed']} met no such call"])


def calls_of(scene: Beginning | Resumption, trial: str) -> list[strace.Call]:
    """The calls of the undisturbed scene, their paths relative to the run's folder: every disturbed run has one of its own."""
    scene.prepare(trial)
    return [strace.Call(call.name, call.path.removeprefix(trial), call.number)
            for call in strace.calls(scene.command(trial), trial, f"{trial}.log")]


def disturb(scene: Beginning | Resumption, call: strace.Call, way: str, run: str) -> list[str]:
    """One fault, and all that is promised after it. Returns what happened, in words to be counted."""
    reference, reported = scene.reference, scene.prepare(run)
    there = strace.Call(call.name, run + call.path, call.number)
    ended, hits = strace.disturbed(there, way, scene.command(run), f"{run}.log")
    happened = judge(ended, hits, call, way, run)
    reported |= set(ended.reported)
    reference.expect_kept(run, reported)
    reference.expect_log(run)
    reference.expect_finished(run, reference.go_on(run, "--threads", "2"))
    shutil.rmtree(run)
    os.remove(f"{run}.log")
    return happened


def judge(ended: Ended, hits: int, call: strace.Call, way: str, run: str) -> list[str]:
    """What the end of a disturbed process must be."""
    if not hits:
        # The thread that made this call made one fewer this time.
        ended.expect(0)
        return ["missed"]
    reason = WAYS[way]
    if not reason:
        if not ended.was_killed:
            raise Broken(f"was not killed\n{ended.text}")
        return ["killed"]
    says = run in ended.errors and reason in ended.errors
    if ended.status == 0:
        # What the lock's file says serves a message alone; the lock itself is the kernel's.
        if call.name in ESSENTIAL and call.path != "/lock" and not says:
            raise Broken(f"says nothing of file and reason\n{ended.text}")
        return ["went on"] + ["warned"] * says
    # A folder that cannot be begun or read is refused like other input, before anything is trained.
    has_trained = re.search(r"^ *\d+/\d+ +\d+ ", ended.errors, re.MULTILINE) or "going on from" in ended.errors
    ended.expect(1, *([] if has_trained else [2]))
    if not says:
        raise Broken(f"does not name file and reason\n{ended.text}")
    return ["failed" if ended.status == 1 else "refused"]
