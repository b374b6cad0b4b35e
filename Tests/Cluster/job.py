"""The ranks that one mpirun or srun has started: watched, signalled, and none of them left behind."""
import os
import shlex
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable

import program
from program import FALLS, Broken, Ended, Program

# A machine of a few cores is to hold many ranks.
MPIRUN = ["mpirun", "--oversubscribe", "--bind-to", "none"]
# Open MPI and the ranks may take so long to notice that one of them is gone.
LINGER = 10


def allow_root() -> None:
    """Lets Open MPI start ranks as root where this is root, as name spaces need it."""
    if os.getuid() == 0:
        os.environ |= {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}


class Ranks(Program):
    """The binary `lockstep`, started as so many ranks."""

    def __init__(self, path: str, count: int, wrapper: list[str] = []):
        """`wrapper` is a command that each rank is started by."""
        super().__init__(path)
        self.count = count
        self.prefix = [*MPIRUN, "-n", str(count), *wrapper]

    def start(self, *arguments: str) -> "Job":
        return Job(self.path, [*self.prefix, self.path, *arguments], self.count)

    def run(self, *arguments: str, kill_after: float | None = None) -> Ended:
        return self.start(*arguments).end()


class Job:
    def __init__(self, program: str, command: list[str], count: int):
        self.program, self.command, self.count = program, command, count
        self.logs = [tempfile.TemporaryFile() for _ in range(2)]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=self.logs[0], stderr=self.logs[1], close_fds=False)
        self.found: dict[int, int] = {}

    def wait_until(self, condition: Callable[[], bool], what: str) -> None:
        """Waits for something to come true while the job runs."""
        end = time.monotonic() + program.PATIENCE
        while not condition():
            if self.process.poll() is not None:
                raise Broken(f"ended before {what}\n{self.ended().text}")
            if time.monotonic() > end:
                self.kill()
                raise Broken(f"{what}: not within {program.PATIENCE} s\n{self.ended().text}")
            time.sleep(0.005)

    def processes(self) -> dict[int, int]:
        """Process numbers by rank."""
        if len(self.found) < self.count:
            self.found = {rank: number for number in self.candidates() if (rank := rank_of(number, self.program)) is not None}
        return self.found

    def candidates(self) -> list[int]:
        """The processes among which the ranks are."""
        return descendants(self.process.pid)

    def signal(self, rank: int | None, number: int) -> None:
        """Sends a signal to a rank, or to what has started them."""
        if rank is not None:
            self.wait_until(lambda: rank in self.processes(), f"rank {rank} was there")
        os.kill(self.process.pid if rank is None else self.processes()[rank], number)

    def end(self, patience: float | None = None) -> Ended:
        """Waits for the end of the job."""
        patience = patience or program.PATIENCE
        try:
            self.process.wait(patience)
        except subprocess.TimeoutExpired:
            self.kill()
            raise Broken(f"hung for {patience} s\n{self.ended().text}") from None
        ended = self.ended()
        if ended.status in FALLS:
            raise Broken(f"fell over\n{ended.text}")
        self.expect_gone(LINGER)
        return ended

    def expect_gone(self, patience: float) -> None:
        """Waits for the end of every rank that was found."""
        end = time.monotonic() + patience
        while left := [number for number in self.found.values() if rank_of(number, self.program) is not None]:
            if time.monotonic() > end:
                self.kill()
                raise Broken(f"ranks have not ended: processes {left}\n{self.ended().text}")
            time.sleep(0.01)

    def kill(self) -> None:
        """Ends what has started the ranks, and every rank, however they are."""
        processes = self.processes()
        self.process.kill()
        self.process.wait()
        for number in processes.values():
            if rank_of(number, self.program) is not None:
                os.kill(number, signal.SIGKILL)

    def ended(self) -> Ended:
        def text(log) -> str:
            log.seek(0)
            return log.read().decode(errors="replace")

        return Ended([shlex.quote(word) for word in self.command], self.process.returncode, *map(text, self.logs), self.process.pid)


def descendants(process: int) -> list[int]:
    """The processes that this one has started, and those that they have."""
    try:
        with open(f"/proc/{process}/task/{process}/children") as file:
            children = [int(word) for word in file.read().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []
    return children + [number for child in children for number in descendants(child)]


def rank_of(process: int, program: str) -> int | None:
    """Which rank this process is; None where it is gone, or is what has started one."""
    try:
        with open(f"/proc/{process}/environ", "rb") as file:
            environment = dict(word.split(b"=", 1) for word in file.read().split(b"\0") if b"=" in word)
        if os.path.realpath(f"/proc/{process}/exe") != os.path.realpath(program):
            return None
    except (FileNotFoundError, ProcessLookupError):
        return None
    # mpirun and srun both say it so.
    rank = environment.get(b"PMIX_RANK")
    return rank and int(rank)
