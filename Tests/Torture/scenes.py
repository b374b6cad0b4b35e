"""The two things a process does to the folder of a run: it begins one, or goes on with one that was killed."""
import shutil

import runfolder
import strace
from program import Broken
from promise import Reference


class Beginning:
    """A run from its first call to its last: saves, deletions by `keep`, the summary."""
    title = "a run from its beginning"

    def __init__(self, reference: Reference, folder: str):
        self.reference = reference

    def prepare(self, run: str) -> set[int]:
        """Makes the folder ready; returns the steps whose checkpoints were reported as saved."""
        return set()

    def command(self, run: str) -> list[str]:
        return [self.reference.program.path, "train", self.reference.config, "--output", run, "--verbose"]


class Resumption:
    """A run that was killed amid a save goes on: a half-written file is removed, the log mended, checkpoints read."""
    title = "a resumption after a kill"

    def __init__(self, reference: Reference, folder: str):
        self.reference, self.killed = reference, f"{folder}/killed"
        step = reference.saves[-2]
        # The process' first temporaries are those of config.yaml, metrics.csv, and three of events: of training, validation and settings.
        serial = reference.saves.index(step) + 6
        temporary = f"{self.killed}/checkpoints/.step-{step:08}.safetensors.zst.{strace.PROCESS}-{serial}.partial"
        command = Beginning(reference, folder).command(self.killed)
        ended, _ = strace.disturbed(strace.Call("fsync", temporary, 1), "signal=KILL:when=N", command, f"{folder}/killed.log")
        self.reported = set(ended.reported)
        if not ended.was_killed or not runfolder.temporaries(self.killed) or not runfolder.checkpoints(self.killed):
            raise Broken(f"the run that should have been killed amid the save of step {step} was not\n{ended.text}")
        with open(f"{self.killed}/metrics.jsonl", "ab") as log:
            log.write(b'{"event":"train","st')

    def prepare(self, run: str) -> set[int]:
        shutil.copytree(self.killed, run)
        return set(self.reported)

    def command(self, run: str) -> list[str]:
        return [self.reference.program.path, "resume", run, "--verbose"]
