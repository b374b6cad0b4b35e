"""Copies that do not know of each other: refused before anything is written, not several runs in one folder."""
import os

from bench import Bench, Check, Skipped, config
from disturbed import expect_said
from job import MPIRUN
from program import Broken, run

# What a launcher leaves in the environment of one process of four.
LAUNCHERS = {
    "mpirun": lambda rank: {"OMPI_COMM_WORLD_SIZE": "4", "OMPI_COMM_WORLD_RANK": str(rank)},
    "mpiexec": lambda rank: {"PMI_SIZE": "4", "PMI_RANK": str(rank), "MPI_LOCALNRANKS": "4"},
    "srun": lambda rank: {"SLURM_STEP_ID": "0", "SLURM_PROCID": str(rank), "SLURM_STEP_NUM_TASKS": "4"},
}


def checks(bench: Bench) -> list[Check]:
    return [
        *(Check(f"rank {rank} of {launcher}, built with MPI", faked(bench, True, launcher, rank), rank == 0) for launcher in LAUNCHERS for rank in (0, 3)),
        *(Check(f"rank {rank} of {launcher}, built without MPI", faked(bench, False, launcher, rank), rank == 0) for launcher in LAUNCHERS for rank in (0, 3)),
        Check("mpirun -n 2, built without MPI", mpirun(bench)),
        Check("a shell of salloc is no rank", allocation(bench)),
    ]


def program(bench: Bench, with_mpi: bool) -> str:
    if not with_mpi and not bench.without_mpi:
        raise Skipped("found no lockstep built without MPI: tools/lockstep --version builds one, --without-mpi names one")
    return bench.lockstep if with_mpi else bench.without_mpi


def faked(bench: Bench, with_mpi: bool, launcher: str, rank: int):
    def body(folder: str) -> str:
        variables = [f"{name}={value}" for name, value in LAUNCHERS[launcher](rank).items()]
        ended = run(["env", *variables, program(bench, with_mpi), "train", config("uneven"), "--output", f"{folder}/run"]).expect(2)
        return expect_refused(ended, folder, f"this is rank {rank} of 4 processes", with_mpi)

    return body


def mpirun(bench: Bench):
    def body(folder: str) -> str:
        ended = run([*MPIRUN, "-n", "2", program(bench, False), "train", config("uneven"), "--output", f"{folder}/run"]).expect(2)
        return expect_refused(ended, folder, r"this is rank \d of 2 processes", False)

    return body


def expect_refused(ended, folder: str, who: str, with_mpi: bool) -> str:
    said = expect_said(ended, who, "finds this one alone" if with_mpi else "built without MPI")
    if left := os.listdir(folder):
        raise Broken(f"has written {left}\n{ended.text}")
    return f"status 2, “{said}”, nothing written"


def allocation(bench: Bench):
    """It has a number of tasks, and is one process all the same."""
    def body(folder: str) -> str:
        variables = ["SLURM_JOB_ID=7", "SLURM_NTASKS=4", "SLURM_NPROCS=4"]
        run(["env", *variables, bench.lockstep, "train", config("uneven"), "--output", f"{folder}/run"]).expect(0)
        return "trained by one process"

    return body
