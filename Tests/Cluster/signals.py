"""Signals to a rank or to mpirun: the run saves and ends as one process would.

mpirun hands on SIGUSR1 and ends as rank 0 does. SIGTERM and SIGINT to mpirun itself end the job: it waits for `odls_base_sigkill_timeout`, one
second by default, sends SIGTERM to each rank, waits as long again, sends SIGKILL, and ends with status 1. While it waits it answers nobody, so a
rank that has saved stays in MPI_Finalize until it is killed.
"""
import os
import signal

import runfolder
from bench import Bench, Check
from disturbed import ENDLESS, RANKS, disturb, expect_unharmed
from program import Broken

# Keeps the status of each rank. The shell outlives the signals, which the program gets, too.
KEEPING_STATUS = ["sh", "-c", 'trap : TERM INT USR1; folder=$0; "$@"; status=$?; echo $status >"$folder/$OMPI_COMM_WORLD_RANK"; exit $status']


def checks(bench: Bench) -> list[Check]:
    return [Check(f"{number.name} to {'mpirun' if rank is None else f'rank {rank}'}", signalled(bench, number, rank, status), quick)
            for number, rank, status, quick in (
                (signal.SIGTERM, 0, 143, True), (signal.SIGTERM, 2, 143, True), (signal.SIGTERM, None, 1, True), (signal.SIGINT, None, 1, False),
                (signal.SIGINT, 0, 130, False), (signal.SIGUSR1, None, 138, True), (signal.SIGUSR1, 3, 138, False))]


def signalled(bench: Bench, number: signal.Signals, rank: int | None, status: int):
    def body(folder: str) -> str:
        run, statuses = f"{folder}/run", f"{folder}/statuses"
        os.mkdir(statuses)
        # A second and more may pass until the signal has come through.
        options = ENDLESS if rank is None else ()
        ended = disturb(bench.ranks(RANKS, [*KEEPING_STATUS, statuses]), run, lambda job: job.signal(rank, number), *options).expect(status)
        # mpirun may end before all of them have written it.
        contents = {int(name): runfolder.read(f"{statuses}/{name}") for name in os.listdir(statuses)}
        found = {rank: int(content) for rank, content in contents.items() if content}
        # Once a rank has ended, mpirun ends the others, which have saved, too.
        allowed = (128 + number, 128 + signal.SIGTERM)
        if any(other not in allowed for other in found.values()):
            raise Broken(f"ranks ended with {found}, expected {allowed[0]}\n{ended.text}")
        summary = runfolder.summary(run)
        newest = max(runfolder.checkpoints(run))
        if (summary["status"], summary["steps"]) != ("stopped", newest):
            raise Broken(f"{summary['status']} after step {summary['steps']}, and saved after step {newest}\n{ended.text}")
        told = ", ".join(str(found.get(rank, "nothing known")) for rank in range(RANKS))
        return f"mpirun ends with {ended.status}, ranks with {told}; {expect_unharmed(bench, run, ended, *options)}"

    return body
