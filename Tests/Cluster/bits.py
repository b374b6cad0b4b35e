"""The same bits on every layout: summary, log and checkpoints are those of one process without mpirun."""
import itertools
import json
import os
import pathlib

import runfolder
from bench import Bench, Check, config
from program import Broken
from promise import Reference

CONFIGS = ("shard-statistics", "batch-statistics", "dropout-clip", "uneven", "convolution")
PRECISIONS = ("float32", "bf16")
LAYOUTS = [(ranks, threads) for ranks in (1, 2, 3, 4, 8) for threads in (1, 2)]
# By --quick, of one configuration and precision after the other: every number of ranks, and both of threads.
SAMPLES = ((3, 1), (2, 2), (8, 1), (1, 2), (4, 2))


def checks(bench: Bench) -> list[Check]:
    found = []
    for (name, precision), sample in zip(itertools.product(CONFIGS, PRECISIONS), itertools.cycle(SAMPLES)):
        for ranks, threads in LAYOUTS:
            found.append(Check(f"{name} {precision} {ranks}x{threads}", same(bench, name, precision, ranks, threads), (ranks, threads) == sample))
    found.append(Check("scale --ranks starts itself", scaled(bench)))
    for strategy, trials in (("halving", 9), ("tpe", 12)):
        found.append(Check(f"search, {strategy}, on 1, 2 and 3 ranks, killed between", searched(bench, strategy, trials), strategy == "halving"))
    return found


def scaled(bench: Bench):
    """`lockstep scale` calls mpirun, and every layout has the bits of one process."""
    def body(folder: str) -> str:
        steps = "20"
        bench.alone().run("scale", config("uneven"), "--ranks", "1,2,4", "--steps", steps, "--json", f"{folder}/ranks.json", "--quiet").expect(0)
        with open(f"{folder}/ranks.json") as file:
            layouts = json.load(file)["layouts"]
        trained = bench.reference("uneven", "--steps", steps).summary["weights_digest"]
        for layout, ranks in zip(layouts, (1, 2, 4), strict=True):
            if layout["ranks"] != ranks or layout["weights_digest"] != trained:
                raise Broken(f"{layout['ranks']} ranks came to {layout['weights_digest']}, expected {ranks} and {trained}")
            if (messages := layout["messages"]) and not 1 <= messages["bytes"] / messages["formula_bytes"] < 1.5:
                raise Broken(f"{ranks} ranks: rank 0 sends {messages['bytes']} bytes a step, the formula says {messages['formula_bytes']}")
        return f"digest {trained[:12]} on 1, 2 and 4 ranks, {[round(layout['messages']['bytes']) for layout in layouts[1:]]} bytes a step"

    return body


def searched(bench: Bench, strategy: str, trials: int):
    """What a search has found, trial by trial, and that a killed one goes on with other ranks."""
    def body(folder: str) -> str:
        options = ("search", config("uneven"), "--vary", "optimizer.nadam.learning_rate=log:1e-4..1", "--vary", "activation=relu,tanh", "--trials", str(trials), "--strategy", strategy, "--quiet")

        def records(name: str) -> dict[str, str]:
            paths = [*pathlib.Path(folder, name).glob("trial-*/trial.json"), pathlib.Path(folder, name, "search.json")]
            return {str(path.relative_to(f"{folder}/{name}")): path.read_text() for path in paths}

        bench.alone().run(*options, "--output", f"{folder}/alone").expect(0)
        expected = records("alone")
        if len(expected) != trials + 1:
            raise Broken(f"{len(expected) - 1} trials, expected {trials}")
        for ranks in (2, 3):
            bench.ranks(ranks).run(*options, "--output", f"{folder}/{ranks}").expect(0)
        job = bench.ranks(3).start(*options, "--output", f"{folder}/killed")
        job.wait_until(lambda: os.path.exists(f"{folder}/killed/trial-0002/trial.json"), "its second trial")
        job.kill()
        bench.ranks(2).run(*options, "--output", f"{folder}/killed").expect(0)
        for name in ("2", "3", "killed"):
            if (found := records(name)) != expected:
                raise Broken(f"{name}: {[path for path in expected if found.get(path) != expected[path]]} are not those of one process")
        return f"{trials} trials, as one process"

    return body


def same(bench: Bench, name: str, precision: str, ranks: int, threads: int):
    def body(folder: str) -> str:
        options = ("--threads", str(threads), "--set", f"training.precision={precision}")
        # A checkpoint holds the number of threads, too: so one process has the same.
        reference = bench.reference(name, *options)
        run = f"{folder}/run"
        reference.expect_finished(run, bench.ranks(ranks).train(config(name), run, *options))
        compare_checkpoints(reference, run)
        return f"digest {reference.summary['weights_digest'][:12]}, {reference.keep} checkpoints, as one process"

    return body


def compare_checkpoints(reference: Reference, run: str) -> None:
    """Byte for byte."""
    expected, found = ({step: runfolder.read(path) for step, path in runfolder.checkpoints(folder).items()} for folder in (reference.folder, run))
    if found.keys() != expected.keys():
        raise Broken(f"{run}: checkpoints of steps {list(found)}, one process has {list(expected)}")
    for step, content in found.items():
        if content != expected[step]:
            raise Broken(f"{runfolder.checkpoint_path(run, step)} is not the file of one process, {runfolder.checkpoint_path(reference.folder, step)}")
