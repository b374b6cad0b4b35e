"""Power cuts: the calls of a run are recorded, and at each the folders made that a lost page cache can leave."""
import os
import random
import re
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import eventfile
import runfolder
import storage
import strace
from program import Broken, Program
from promise import Reference, difference
from recording import Replay, record
from report import Outcome, Progress
from scenes import Beginning, Resumption

RANDOM_STATES = 4
# What the self-test takes away from the recording, and must be seen to be missing.
WITHOUT = {
    "any fsync": lambda path, isFolder: True,
    "the fsyncs of checkpoints": lambda path, isFolder: "/checkpoints/" in path,
    "the fsyncs of folders": lambda path, isFolder: isFolder,
    "the fsyncs of metrics.jsonl": lambda path, isFolder: path.endswith("metrics.jsonl"),
    "the fsyncs of events": lambda path, isFolder: "/tensorboard/" in path,
}


@dataclass
class State:
    """A folder that a power cut may leave."""
    files: dict[str, bytes | None]
    # Relative path and bytes of every checkpoint that had been reported as saved and not rightly let go of since.
    promised: dict[str, bytes]
    cut: str

    @property
    def identity(self) -> int:
        return hash((tuple(self.files.items()), tuple(self.promised)))


def prove(program: Program, configs: str, folder: str, generator: random.Random, count: int) -> Outcome:
    """`count` of the folders are gone on with to the end, or every one if it is 0; all are looked at."""
    if problem := strace.is_missing():
        return Outcome("", skipped=problem)
    reference = Reference(program, f"{configs}/small.yaml", f"{folder}/undisturbed")
    states, cuts, missed = {}, 0, {}
    for number, scene in enumerate([Beginning(reference, folder), Resumption(reference, folder)]):
        run = f"{folder}/recorded-{number}"
        reported = scene.prepare(run)
        before = contents(run)
        events = record(scene.command(run), f"{folder}/recorded-{number}.log")

        def left(without: Callable[[str, bool], bool]) -> list[State]:
            return list(states_of(Replay(run, before, reported, events, reference.keep, without), generator))

        found = left(lambda path, isFolder: False)
        cuts += len(found) // (len(storage.CERTAIN) + RANDOM_STATES)
        for state in found:
            if broken := problem_of(state, reference):
                raise Broken(f"{scene.title}, power cut {state.cut}: {broken}")
            states.setdefault(state.identity, state)
        # Whoever finds nothing must be able to find something.
        for name, without in WITHOUT.items():
            missed[name] = missed.get(name, 0) + sum(bool(problem_of(state, reference)) for state in left(without))
    for name, number in missed.items():
        if not number:
            raise Broken(f"the proof proves nothing: without {name}, it finds nothing lost")

    chosen = list(states.values())
    if count:
        chosen = generator.sample(chosen, min(count, len(chosen)))
    go_on(chosen, reference, folder)
    return Outcome(
        f"{cuts} instants of a run from its beginning and of a resumption after a kill, {len(states)} different folders that a power cut can leave",
        ["each held every checkpoint reported as saved, and every line of the log and every event up to its newest checkpoint",
         f"{len(chosen)} of them gone on with: each ended with the digest and the log of the undisturbed run",
         "self-test: with calls taken from the recording, losses are found: "
         + ", ".join(f"without {name} {number}" for name, number in missed.items())])


def states_of(replay: Replay, generator: random.Random):
    """What a power cut can leave as each call begins and after it has ended."""
    ways = [*storage.CERTAIN, *[storage.at_random(generator)] * RANDOM_STATES]
    for event in replay.steps():
        for way in ways:
            yield State(way(replay.device), dict(replay.promised), f"where {event}")


def problem_of(state: State, reference: Reference) -> str:
    """What is lost in a folder that should not be; nothing if all is there."""
    for path, content in state.promised.items():
        if state.files.get(path) != content:
            return f"{path} was reported as saved and is {'damaged' if path in state.files else 'not there'}"
    steps = [int(match[1]) for path, content in state.files.items()
             if (match := re.fullmatch(r"/run/checkpoints/step-(\d+)\.safetensors\.zst", path)) and runfolder.is_sealed(content)]
    newest = max(steps, default=0)
    lines, _ = runfolder.metrics(state.files.get("/run/metrics.jsonl") or b"")
    found = [line for line in runfolder.figures(lines) if line["step"] <= newest]
    wanted = [line for line in reference.figures if line["step"] <= newest]
    if found != wanted:
        return f"metrics.jsonl beside the checkpoint of step {newest}: {difference(found, wanted)}"
    events = eventfile.events({run: [
        content for path, content in sorted(state.files.items())
        if path.startswith(f"/run/tensorboard/{run}/events.") and content is not None] for run in eventfile.RUNS})
    found, wanted = ([event for event in events if event[0] <= newest] for events in (events, reference.events))
    return "" if found == wanted else f"events beside the checkpoint of step {newest}: {difference(found, wanted, 'event')}"


def go_on(states: list[State], reference: Reference, folder: str) -> None:
    """Makes each folder and goes on with the run in it."""
    progress = Progress("power")

    def attempt(numbered: tuple[int, State]) -> None:
        number, state = numbered
        place = f"{folder}/cut-{number}"
        os.mkdir(place)
        for path, content in state.files.items():
            if content is None:
                os.mkdir(place + path)
            else:
                runfolder.write(place + path, content)
        try:
            reference.expect_finished(f"{place}/run", reference.go_on(f"{place}/run"))
        except Broken as broken:
            raise Broken(f"power cut {state.cut}, folder {place}: {broken}\nfiles before: {sorted(state.files)}") from None
        shutil.rmtree(place)
        progress.show(f"{number} of {len(states)} folders")

    with ThreadPoolExecutor(max_workers=2) as pool:
        try:
            list(pool.map(attempt, enumerate(states)))
        except Broken:
            pool.shutdown(cancel_futures=True)
            raise
    progress.clear()


def contents(run: str) -> dict[str, bytes | None]:
    """What stands in the folder before the recording, by paths relative to it."""
    found = {"": None} if os.path.isdir(run) else {}
    for place, folders, names in os.walk(run):
        found |= {f"{place}/{name}".removeprefix(run): None for name in folders}
        found |= {f"{place}/{name}".removeprefix(run): runfolder.read(f"{place}/{name}") for name in names}
    return found
