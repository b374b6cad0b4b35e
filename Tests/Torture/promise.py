"""The promises that every proof checks, against a run that was never disturbed."""
import json
import os

import eventfile
import runfolder
from program import Broken, Ended, Program


class Reference:
    """An undisturbed run: what every disturbed one has to end with."""

    def __init__(self, program: Program, config: str, folder: str, *more: str):
        self.program, self.config, self.folder = program, config, folder
        self.ended = program.train(config, folder, *more).expect(0)
        self.summary = runfolder.summary(folder)
        self.figures = runfolder.figures(runfolder.log(folder)[0])
        self.events = eventfile.read(folder)
        self.steps = self.summary["steps"]
        self.saves = sorted(self.ended.reported)
        self.keep = len(runfolder.checkpoints(folder))
        self.digests = {line["step"]: line["weights_digest"] for line in self.figures if line["event"] == "digest"}
        if self.digests.get(self.steps) != self.summary["weights_digest"] or not self.saves or not self.events:
            raise Broken(f"the undisturbed run does not hold together\n{self.ended.text}")

    def go_on(self, folder: str, *more: str, **options) -> Ended:
        """Goes on with the run in `folder`; begins it where it was stopped before it had written what it is."""
        if os.path.exists(f"{folder}/config.yaml"):
            return self.program.resume(folder, *more, **options)
        return self.program.train(self.config, folder, "--resume", *more, **options)

    def expect_kept(self, folder: str, reported: set[int]) -> int:
        """Every checkpoint that was reported as saved is there and whole, but for those that `keep` lets go of since.

        Returns the step of the newest one, which `lockstep inspect` finds to be that of the undisturbed run; 0 if there is none.
        """
        present = runfolder.checkpoints(folder)
        for path in present.values():
            if not runfolder.is_sealed(runfolder.read(path)):
                raise Broken(f"{path} is damaged")
        wanted = reported & set(sorted(reported | set(present))[-self.keep:])
        if lost := wanted - set(present):
            raise Broken(f"{folder}: reported as saved and not there: steps {sorted(lost)}; there are {sorted(present)}")
        newest = max(present, default=0)
        if newest:
            self.expect_digest(present[newest], newest)
        return newest

    def expect_digest(self, path: str, step: int) -> None:
        ended = self.program.inspect(path).expect(0)
        digest = json.loads(ended.output)["metadata"]["weights_digest"]
        if digest != self.digests[step]:
            raise Broken(f"{path} has the digest {digest}, the undisturbed run had {self.digests[step]} at that step")

    def expect_log(self, folder: str) -> bool:
        """The log begins as that of the undisturbed run, and at most its last line is cut. Returns whether it is."""
        lines, damaged = runfolder.log(folder)
        found = runfolder.figures(lines)
        if found != self.figures[:len(found)]:
            raise Broken(f"{folder}/metrics.jsonl: {difference(found, self.figures[:len(found)])}")
        if len(damaged) > 1 or (damaged and damaged[0].endswith(b"\n")):
            raise Broken(f"{folder}/metrics.jsonl: more than a last line is cut: {damaged}")
        return bool(damaged)

    def expect_finished(self, folder: str, ended: Ended) -> None:
        """The run has ended with the bits and the figures of the undisturbed one, each line once."""
        ended.expect(0)
        summary = runfolder.summary(folder)
        for key in ("weights_digest", "steps", "samples", "final_loss", "validation"):
            if summary[key] != self.summary[key]:
                raise Broken(f"{folder}: {key} is {summary[key]}, undisturbed {self.summary[key]}\n{ended.text}")
        lines, damaged = runfolder.log(folder)
        found = runfolder.figures(lines)
        if damaged or found != self.figures:
            raise Broken(f"{folder}/metrics.jsonl: {difference(found, self.figures)}, {len(damaged)} damaged\n{ended.text}")
        if runfolder.read_table(folder) != runfolder.table(lines):
            raise Broken(f"{folder}/metrics.csv is not what metrics.jsonl says\n{ended.text}")
        if (events := eventfile.read(folder)) != self.events:
            raise Broken(f"{folder}/tensorboard: {difference(events, self.events, 'event')}\n{ended.text}")
        self.expect_digest(runfolder.checkpoint_path(folder, self.steps), self.steps)
        # A run that had ended before stays as it is, every file of it.
        if "nothing is left to do" not in ended.errors and (left := runfolder.temporaries(folder)):
            raise Broken(f"half-written files stay: {left}\n{ended.text}")


def difference(found: list, wanted: list, what: str = "line") -> str:
    """The first place where two logs differ."""
    for number, (line, other) in enumerate(zip(found, wanted), start=1):
        if line != other:
            return f"{what} {number} is {line}, undisturbed {other}"
    return f"{len(found)} {what}s, undisturbed {len(wanted)}"
