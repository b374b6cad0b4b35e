"""The program under torture: how it is started, and what its end says."""
import re
import signal
import subprocess
from dataclasses import dataclass

# Statuses of a process that fell over: a trap, an abort, a bad access. A shell adds 128 to the signal, Python negates it.
FALLS = {sign * number + (128 if sign > 0 else 0)
         for number in (signal.SIGILL, signal.SIGTRAP, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGSEGV, signal.SIGSYS)
         for sign in (1, -1)}
KILLED = (-signal.SIGKILL, 128 + signal.SIGKILL)
# A call that hangs would be as bad as one that falls over.
PATIENCE = 120


class Broken(Exception):
    """A promise that was not kept."""


@dataclass
class Ended:
    """A process that has ended, whichever way."""
    command: list[str]
    status: int
    output: str
    errors: str
    process: int

    @property
    def was_killed(self) -> bool:
        return self.status in KILLED

    @property
    def reported(self) -> dict[int, str]:
        """Path of every checkpoint that it has said to be saved, by step."""
        return {int(step): path for step, path in re.findall(r"^step (\d+)  saved (\S+) \(", self.errors, re.MULTILINE)}

    def expect(self, *statuses: int) -> "Ended":
        if self.status not in statuses:
            raise Broken(f"ended with status {self.status}, expected {' or '.join(map(str, statuses))}\n{self.text}")
        return self

    @property
    def text(self) -> str:
        return f"command: {' '.join(self.command)}\nstatus: {self.status}\nstandard error:\n{self.errors.rstrip()}"


class Program:
    """The binary `lockstep` at a path."""

    def __init__(self, path: str):
        self.path = path

    def run(self, *arguments: str, kill_after: float | None = None) -> Ended:
        """Runs it to its end, or for `kill_after` seconds and not an instant longer."""
        return run([self.path, *arguments], kill_after)

    def train(self, config: str, folder: str, *more: str, **options) -> Ended:
        return self.run("train", config, "--output", folder, "--verbose", *more, **options)

    def resume(self, folder: str, *more: str, **options) -> Ended:
        return self.run("resume", folder, "--verbose", *more, **options)

    def inspect(self, checkpoint: str) -> Ended:
        return self.run("inspect", checkpoint, "--json")


def run(command: list[str], kill_after: float | None = None) -> Ended:
    # close_fds=False lets Python use the cheapest way to start a process; nothing that matters is inherited.
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, close_fds=False)
    try:
        output, errors = process.communicate(timeout=PATIENCE if kill_after is None else kill_after)
    except subprocess.TimeoutExpired:
        process.kill()
        output, errors = process.communicate()
        if kill_after is None:
            raise Broken(f"hung for {PATIENCE} s\ncommand: {' '.join(command)}\n{errors.decode(errors='replace')}")
    ended = Ended(command, process.returncode, output.decode(errors="replace"), errors.decode(errors="replace"),
                  process.pid)
    if ended.status in FALLS:
        raise Broken(f"fell over\n{ended.text}")
    return ended
