"""Tries what carries messages between real ranks, by a program that does nothing else: see tools/ranks messages."""
import os
import signal
import sys
import time

sys.path.append(os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "Torture"))

from job import Ranks, allow_root

# What the probe does, between how many ranks, the status with which mpirun ends, and how often some words stand in what is said: 128 more than a signal is that of a rank killed by it.
CASES = [
    *(("exchange", ranks, 0, ": ok\n", ranks) for ranks in (1, 2, 3, 4, 7)),
    ("hang", 3, 1, ") has not answered for 2 s", 1),
    ("differ", 3, 1, "expected 4000: the two do different things", 1),
    ("die", 3, 128 + signal.SIGKILL, "process rank 2 ", 1),
]


def main(probe: str) -> int:
    allow_root()
    failed = 0
    for mode, count, status, words, least in CASES:
        start, ended = time.monotonic(), Ranks(probe, count).run(mode)
        well = ended.status == status and (ended.output + ended.errors).count(words) >= least
        failed += not well
        print(f"{'ok' if well else 'FAILED':<8}messages {mode}, ranks: {count} ({time.monotonic() - start:.1f} s)", flush=True)
        if not well:
            print(f"        expected status {status} and {words!r}\n{ended.text}\n{ended.output}", flush=True)
    print(f"\ntools/ranks: {len(CASES)} checks, {failed} failed", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
