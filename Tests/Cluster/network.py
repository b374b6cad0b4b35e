"""Ranks on two machines with names and addresses of their own, that see each other through TCP alone."""
import runfolder
from bench import Bench, Check, config
from bits import compare_checkpoints
from disturbed import expect_said, expect_unharmed
from machines import machines

# Of an Ethernet of 1 Gbit/s and some switches: seconds, and bytes a second.
LATENCY, RATE = 200e-6, 125e6


def checks(bench: Bench) -> list[Check]:
    return [
        *(Check(f"{name} {precision}", same(bench, name, precision), name == "batch-statistics")
          for name, precision in (("long", "float32"), ("batch-statistics", "bf16"), ("convolution", "float32"))),
        Check("cable pulled", pulled(bench), False),
    ]


def same(bench: Bench, name: str, precision: str):
    def body(folder: str) -> str:
        options = ("--threads", "1", "--set", f"training.precision={precision}")
        reference = bench.reference(name, *options)
        run = f"{folder}/run"
        with machines(bench.lockstep, folder, latency=LATENCY, rate=RATE) as pair:
            reference.expect_finished(run, pair.train(config(name), run, *options))
            compare_checkpoints(reference, run)
            speeds = [runfolder.summary(place)["samples_per_second"] for place in (run, reference.folder)]
            return f"two machines: digest {reference.summary['weights_digest'][:12]} as one process, " \
                   f"{speeds[0]:,.0f} samples/s; one process {speeds[1]:,.0f}"

    return body


def pulled(bench: Bench):
    def body(folder: str) -> str:
        run = f"{folder}/run"
        with machines(bench.lockstep, folder) as pair:
            job = pair.start("train", config("long"), "--output", run, "--threads", "1", "--verbose", "--rank-timeout", "3s")
            job.wait_until(lambda: len(job.processes()) == 2 and len(runfolder.checkpoints(run)) >= 2, "both ranks were there and had saved twice")
            pair.cut()
            # Both ranks end. mpirun waits for its daemon on the other machine, for ever.
            job.expect_gone(30)
            job.kill()
            ended = job.ended()
        said = expect_said(ended, r"rank 1 \(node2\) has not answered for 3 s")
        return f"both ranks end, “{said}”; {expect_unharmed(bench, run, ended)}"

    return body
