"""Proves that a run of several ranks is the run of one process: see tools/ranks."""
import argparse
import os
import shlex
import shutil
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
# What reads a run's folder and holds it to its promises is there.
sys.path.append(os.path.join(os.path.dirname(HERE), "Torture"))

import bits
import failures
import lonely
import network
import resume
import signals
import slurm
from bench import Bench, Check, Skipped
from job import allow_root
from program import Broken, Program

PROOFS = {"bits": bits.checks, "resume": resume.checks, "failures": failures.checks, "signals": signals.checks,
          "lonely": lonely.checks, "network": network.checks, "slurm": slurm.checks}

# Lines of a failed command's output that are shown.
DETAILS = 40


def main() -> int:
    arguments = parse()
    allow_root()
    bench = Bench(os.path.abspath(arguments.lockstep), arguments.without_mpi and os.path.abspath(arguments.without_mpi))
    if Program(bench.lockstep).run("--version").status != 0:
        sys.exit(f"tools/ranks: {bench.lockstep} does not run; build it by tools/lockstep --mpi --version")
    outcomes = []
    for proof in PROOFS if arguments.proof == "all" else [arguments.proof]:
        # Real paths, because messages show them.
        folder = os.path.realpath(tempfile.mkdtemp(prefix=f"lockstep-ranks-{proof}-"))
        checks = PROOFS[proof](bench.inside(folder))
        chosen = [check for check in checks if arguments.only in check.name and (check.quick or arguments.only or not arguments.quick)]
        outcomes += [attempt(proof, number, check, folder, bench) for number, check in enumerate(chosen)]
        # Where one has failed, its folder is kept.
        for name in os.listdir(folder):
            if not name.startswith("check-"):
                shutil.rmtree(f"{folder}/{name}")
        if not os.listdir(folder):
            os.rmdir(folder)
    failed = outcomes.count("FAILED")
    print(f"\ntools/ranks: {len(outcomes)} checks, {failed} failed, {outcomes.count('skipped')} skipped", flush=True)
    return 1 if failed or not outcomes else 0


def attempt(proof: str, number: int, check: Check, folder: str, bench: Bench) -> str:
    """Does one check and prints its line."""
    place, start = f"{folder}/check-{number}", time.monotonic()
    os.mkdir(place)
    try:
        word, text = "ok", check.body(place)
    except Skipped as skipped:
        word, text = "skipped", str(skipped)
    # A file that is not there, or is none of ours, breaks a promise, too.
    except (Broken, OSError, ValueError, LookupError) as broken:
        again = ["tools/ranks", proof, "--only", check.name, "--lockstep", bench.lockstep]
        again += ["--without-mpi", bench.without_mpi] if bench.without_mpi else []
        reason, *details = (str(broken) if isinstance(broken, Broken) else repr(broken)).splitlines()
        word, text = "FAILED", "\n        ".join([f"{reason}; again by: {shlex.join(again)}; folder kept: {place}", *details[:2], *details[2:][-DETAILS:]])
    if word != "FAILED":
        shutil.rmtree(place)
    print(f"{word:<8}{proof} {check.name} ({time.monotonic() - start:.1f} s): {text}", flush=True)
    return word


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="tools/ranks", description="Proves under mpirun and srun that a run of several ranks is the run of one process. Exit status 1 if a check fails.")
    parser.add_argument("proof", nargs="?", default="all", choices=["all", *PROOFS])
    parser.add_argument("--lockstep", required=True, metavar="PATH", help="the binary, built with MPI (default: .build-mpi/release/lockstep, built if need be)")
    parser.add_argument("--without-mpi", metavar="PATH", help="lonely: a binary built without MPI (default: .build/release/lockstep, where there is one)")
    parser.add_argument("--quick", action="store_true", help="a sample of everything, in a minute and a half")
    parser.add_argument("--only", default="", metavar="TEXT", help="the checks that have this in their name")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
