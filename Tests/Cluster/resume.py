"""Stopped on one layout, gone on with on another, with mpirun and without."""
from bench import Bench, Check, config

# Ranks and threads of one leg after the other; without mpirun where there are no ranks.
CHAINS = {
    "more and more": [(0, 1), (2, 1), (3, 2), (8, 1)],
    "fewer and fewer": [(8, 1), (4, 2), (3, 1), (0, 2)],
    "to and fro": [(4, 1), (0, 2), (1, 1), (8, 2), (0, 1), (3, 1)],
}
CONFIGS = ("dropout-clip", "batch-statistics", "convolution")
QUICK = (("dropout-clip", "float32", "fewer and fewer"), ("batch-statistics", "bf16", "more and more"))


def checks(bench: Bench) -> list[Check]:
    return [Check(f"{name} {precision} {title}", legs(bench, name, precision, chain), (name, precision, title) in QUICK)
            for name in CONFIGS for precision in ("float32", "bf16") for title, chain in CHAINS.items()]


def legs(bench: Bench, name: str, precision: str, chain: list[tuple[int, int]]):
    def body(folder: str) -> str:
        reference = bench.reference(name, "--set", f"training.precision={precision}")
        run, told = f"{folder}/run", []
        for number, (ranks, threads) in enumerate(chain, start=1):
            step = reference.steps * number // len(chain)
            program = bench.ranks(ranks) if ranks else bench.alone()
            options = ["--threads", str(threads)] + (["--steps", str(step)] if number < len(chain) else [])
            if number == 1:
                ended = program.train(config(name), run, *options, "--set", f"training.precision={precision}")
            else:
                ended = program.resume(run, *options)
            ended.expect(0)
            reference.expect_log(run)
            told.append(f"{f'{ranks}x{threads}' if ranks else f'alone on {threads}'} to step {step}")
        reference.expect_finished(run, ended)
        return f"{', '.join(told)}; digest {reference.summary['weights_digest'][:12]} as one process"

    return body
