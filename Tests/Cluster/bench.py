"""What a check is, and what all of them work with."""
import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from job import Ranks
from program import Program
from promise import Reference

CONFIGS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "configs")


class Skipped(Exception):
    """Why a check cannot be made on this machine."""


@dataclass
class Check:
    name: str
    # Gets an empty folder; returns what was found, throws Broken where that is not what was promised.
    body: Callable[[str], str]
    # Whether it is made by --quick, too.
    quick: bool = True


@dataclass
class Bench:
    """The programs, and the runs of one process that others are compared with."""
    lockstep: str
    without_mpi: str | None
    folder: str = ""
    references: dict = field(default_factory=dict)

    def inside(self, folder: str) -> "Bench":
        return replace(self, folder=folder, references={})

    def alone(self) -> Program:
        return Program(self.lockstep)

    def ranks(self, count: int, wrapper: list[str] = []) -> Ranks:
        return Ranks(self.lockstep, count, wrapper)

    def reference(self, name: str, *more: str) -> Reference:
        """The run of a configuration by one process, as it is without mpirun; made once."""
        key = " ".join((name, *more))
        if key not in self.references:
            folder = f"{self.folder}/reference-{len(self.references)}"
            self.references[key] = Reference(Program(self.lockstep), config(name), folder, *more)
        return self.references[key]


def config(name: str) -> str:
    return f"{CONFIGS}/{name}.yaml"
