"""Proves that a run survives anything: see tools/torture."""
import argparse
import os
import random
import shutil
import sys
import tempfile
import time

import damage
import disk
import diverge
import faults
import kill
import power
import report
from program import Broken, Program

# A proof, its count's option, the full count and the quick one.
PROOFS = {
    "kill": (kill.prove, "kills", 1000, 25),
    "diverge": (diverge.prove, "divergences", 200, 10),
    "faults": (faults.prove, "faults", 0, 60),
    "disk": (disk.prove, "fills", 200, 4),
    "damage": (damage.prove, "flips", 10000, 60),
    "power": (power.prove, "resumes", 0, 60),
}
COUNTS = {
    "kills": "kill: how many times a run is killed",
    "divergences": "diverge: how many times a run that diverges is killed",
    "faults": "faults: how many of the calls, drawn at random; 0 for every one",
    "fills": "disk: how many times a foreign file fills the disk, and how many sizes of a disk for the larger run",
    "flips": "damage: how many random bits beyond the header, and of every other kind of damage in proportion",
    "resumes": "power: how many of the folders that a power cut leaves are gone on with to the end; 0 for every one",
}


def main() -> int:
    arguments = parse()
    os.nice(19)
    configs = os.path.join(os.path.dirname(os.path.abspath(__file__)), "configs")
    program = Program(os.path.abspath(arguments.lockstep))
    if program.run("--version").status != 0:
        sys.exit(f"tools/torture: {program.path} does not run; build it by swift build -c release")
    chosen = PROOFS if arguments.proof == "all" else [arguments.proof]
    skipped = {}
    for name in chosen:
        prove, option, full, quick = PROOFS[name]
        count = getattr(arguments, option)
        if count is None:
            count = quick if arguments.quick else full
        # Real paths, because a system call's trace shows them.
        folder = os.path.realpath(tempfile.mkdtemp(prefix=f"lockstep-torture-{name}-"))
        start = time.monotonic()
        try:
            outcome = prove(program, configs, folder, random.Random(f"{arguments.seed} {name}"), count)
        except Broken as broken:
            print(f"\n{name:<8}BROKEN: {broken}\n\nfolder kept: {folder}\nagain by: tools/torture {name} --seed {arguments.seed} "
                  f"--{option} {count} --lockstep {program.path}", flush=True)
            return 1
        seconds = time.monotonic() - start
        report.tell(name, outcome, seconds)
        if arguments.report:
            report.record(arguments.report, name, outcome, seconds)
        shutil.rmtree(folder)
        if outcome.skipped:
            skipped[name] = outcome.skipped
    if skipped:
        print("\ntools/torture: NOT EVERYTHING WAS PROVEN. Skipped on this machine were",
              *(f"  {name}: {reason}" for name, reason in skipped.items()), sep="\n", file=sys.stderr, flush=True)
    return 0


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="tools/torture", description="Proves that a run survives anything. Exit status 1 at the first promise that is broken.")
    parser.add_argument("proof", nargs="?", default="all", choices=["all", *PROOFS])
    parser.add_argument("--lockstep", required=True, metavar="PATH", help="the binary (default: .build/release/lockstep, built if need be)")
    parser.add_argument("--seed", type=int, default=1, help="of every random choice")
    parser.add_argument("--quick", action="store_true", help="a sample of everything, within a minute")
    parser.add_argument("--report", metavar="FILE", help="add a row of a Markdown table a proof")
    for option, text in COUNTS.items():
        parser.add_argument(f"--{option}", type=int, metavar="N", help=text)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
