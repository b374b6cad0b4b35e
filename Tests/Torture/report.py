"""What a person sees: a line of progress, a summary a proof, and the row of a table for the documentation."""
import os
import sys
import time
from dataclasses import dataclass, field

HEAD = "| proof | tried | outcome | seconds |\n|---|---|---|---|\n"


@dataclass
class Outcome:
    """What a proof has tried, in numbers, and what it found."""
    tried: str
    found: list[str] = field(default_factory=list)
    # The reason why it could not be had, or nothing.
    skipped: str = ""


class Progress:
    """One line on a terminal that draws over itself; nothing elsewhere."""

    def __init__(self, title: str):
        self.title, self.last, self.isLive = title, 0.0, sys.stderr.isatty()

    def show(self, text: str) -> None:
        now = time.monotonic()
        if self.isLive and now - self.last > 0.1:
            self.last = now
            sys.stderr.write(f"\r{self.title}: {text}\x1b[K")
            sys.stderr.flush()

    def clear(self) -> None:
        if self.isLive:
            sys.stderr.write("\r\x1b[K")


def tell(name: str, outcome: Outcome, seconds: float) -> None:
    if outcome.skipped:
        print(f"{name:<8}skipped: {outcome.skipped}", flush=True)
        return
    print(f"{name:<8}{outcome.tried} ({seconds:.0f} s)", *(f"        {line}" for line in outcome.found), sep="\n", flush=True)


def record(path: str, name: str, outcome: Outcome, seconds: float) -> None:
    """Adds a row to the table in the file `path`, which gets its head if it is new."""
    with open(path, "a") as file:
        if os.path.getsize(path) == 0:
            file.write(HEAD)
        found = f"skipped: {outcome.skipped}" if outcome.skipped else "; ".join(outcome.found)
        file.write(f"| {name} | {outcome.tried} | {found} | {seconds:.0f} |\n")
