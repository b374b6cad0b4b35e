"""Measures layouts of ranks, in memory and over slow cables, and says what the α–β model makes of many machines: docs/experiments/ranks.md and .json."""
import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from typing import NamedTuple

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
# Machines of name spaces, and what they are made with.
sys.path += [f"{ROOT}/Tests/Cluster", f"{ROOT}/Tests/Torture"]

from bench import Skipped
from job import allow_root
from machines import machines

# Layers with weights.
LAYERS = {"wide": 5, "deep": 21, "small": 4, "resnet20": 22}
STEPS = {"wide": 60, "deep": 200, "small": 4000, "resnet20": 20}
LAYOUTS = (1, 2, 4)
CABLE_STEPS = {"wide": 20, "deep": 50, "resnet20": 14}
# Ranks, each on a machine of its own; seconds and bytes a second of the cable; whether Open MPI sends a bucket unasked, as Lockstep has it do.
CABLES = ((2, 0, math.inf, True), (2, 100e-6, 125e6, True), (2, 2e-3, 125e6, True), (2, 100e-6, 50e6, True), (4, 100e-6, 125e6, True), (2, 100e-6, 125e6, False))
EAGER = "OMPI_MCA_btl_tcp_eager_limit"
# Sixteen dense layers of 8,192 units, without BatchNorm.
BILLION, BILLION_LAYERS = 16 * 8192 * 8192, 16
LINKS = {"100 Gbit/s, 2 µs": (2e-6, 12.5e9), "10 Gbit/s, 20 µs": (20e-6, 1.25e9)}
RANKS = (1, 2, 4, 16, 64, 256, 1024)
# Of a rank: its cores, a shard each, and samples a core in a step.
CORES, SAMPLES = 64, 128
BUCKET = 2 << 20
# So much longer than alone a rank computes only where others want its processor.
BUSY = 1.25
# Small messages from every rank to every other in a step: losses, magnitudes, what could not be read, what a rank wants to be known.
RECORDS = 4
# Numbers a channel: the two parts of the mean and M2; the running mean and variance.
MOMENTS, RUNNING = 3, 2


class Link(NamedTuple):
    """Seconds from one rank to another, bytes a second that a rank sends and that it receives, and seconds in which it hands a message over."""
    latency: float
    rate: float
    overhead: float


class Network(NamedTuple):
    """What the model knows of one: `channels` are those of all BatchNorms, one behind every layer but the last; `samples_per_second` those of one core."""
    parameters: int
    layers: int
    channels: float
    samples_per_second: float

    def rounds(self, ranks: int) -> int:
        """Buckets that each rank owns."""
        return max(1, math.ceil(4 * self.parameters / ranks / BUCKET))

    def kept_channels(self, ranks: int) -> float:
        """Channels whose running statistics a rank keeps: of whole BatchNorms, which go round."""
        norms = self.layers - 1
        return self.channels / norms * math.ceil(norms / ranks)

    def messages(self, ranks: int, link: Link) -> dict[str, float]:
        """Seconds of a step that a rank's messages take with nothing beside them, by kind."""
        others = ranks - 1
        one_way = 4 * self.parameters * others / ranks / link.rate + link.overhead * others * self.rounds(ranks)
        # Who keeps statistics has moments from all, and gives the new ones to all.
        kept = 4 * self.kept_channels(ranks) * others / link.rate
        return {"gradients": one_way, "moments": MOMENTS * kept, "parameters": one_way, "statistics": RUNNING * kept,
                "records": link.overhead * others * RECORDS, "latency": 2 * link.latency if others else 0.0}

    def step(self, compute: float, ranks: int, spent: dict[str, float]) -> float:
        """Seconds of one: gradients go beside the backward pass, two thirds of its computing, parameters beside the forward pass, the rest beside nothing."""
        pieces = min(self.rounds(ranks), self.layers)

        def exposed(seconds: float, beside: float) -> float:
            # The last piece departs when the pass is over, or the first one is needed before it begins.
            return max(seconds / pieces, seconds - beside * (pieces - 1) / pieces)

        return (compute + exposed(spent["gradients"] + spent["moments"], compute * 2 / 3) + exposed(spent["parameters"] + spent["statistics"], compute / 3)
                + spent["records"] + spent["latency"])


def measure(lockstep: str) -> dict:
    """All figures that the page is made of."""
    with tempfile.TemporaryDirectory() as folder:
        return {"cores": len(os.sched_getaffinity(0)), "memory": [in_memory(lockstep, name, folder) for name in STEPS],
                "cables": list(over_cables(lockstep, folder))}


def in_memory(lockstep: str, name: str, folder: str) -> dict:
    """A configuration on one, two and four ranks of one thread, on this machine."""
    config, file = config_of(name), f"{folder}/figures.json"
    subprocess.run([lockstep, "scale", config, "--ranks", ",".join(map(str, LAYOUTS)), "--steps", str(STEPS[name]), "--json", file, "--quiet"],
                   check=True, stdout=subprocess.DEVNULL)
    checked = json.loads(subprocess.run([lockstep, "check", config, "--json"], check=True, capture_output=True, text=True).stdout)
    return {"network": name, "parameters": checked["parameters"], "operations": checked["product_operations_per_step"], **read(file)}


def over_cables(lockstep: str, folder: str) -> Iterator[dict]:
    """Configurations on ranks of one thread, each on a machine of its own."""
    for ranks, latency, rate, unasked in CABLES:
        if not unasked:
            os.environ[EAGER] = str(64 << 10)
        with machines(lockstep, folder, ranks, latency, rate) as cluster:
            for name, steps in CABLE_STEPS.items():
                file = f"{folder}/figures.json"
                cluster.run("scale", config_of(name), "--threads", "1", "--steps", str(steps), "--json", file, "--quiet").expect(0)
                yield {"network": name, "latency": latency, "rate": rate if rate < math.inf else None, "unasked": unasked, **read(file)["layouts"][0]}
        os.environ.pop(EAGER, None)


def config_of(name: str) -> str:
    return f"{ROOT}/configs/bench/{name}.yaml"


def read(file: str) -> dict:
    with open(file) as opened:
        return json.load(opened)


class Modelled(NamedTuple):
    """Seconds that messages take alone and that a step waits for them, and the part of its time in which it computes."""
    alone: float
    waiting: float
    efficiency: float


class Figures:
    """What was measured, and the model of it."""

    def __init__(self, measured: dict):
        self.memory = {run["network"]: run for run in measured["memory"]}
        self.cables, self.cores = measured["cables"], measured["cores"]
        # What two ranks make of a message that finds nothing in its way.
        self.overhead = min(run["layouts"][1]["messages"]["latency_seconds"] for run in measured["memory"]) / 2
        self.networks = {name: self.network(name) for name in self.memory}

    def network(self, name: str) -> Network:
        run = self.memory[name]
        # In blocks of 1,024.
        parameters = math.ceil(run["parameters"] / 1024) * 1024
        sent = run["layouts"][1]["messages"]["formula_bytes"] / 4
        # Two ranks send half the parameters each way, moments of half the channels, and running statistics of the other half.
        return Network(parameters, LAYERS[name], max(0, sent - parameters) * 2 / (MOMENTS + RUNNING), run["layouts"][0]["samples_per_second"])

    def billion(self) -> Network:
        """A multiplication and an addition a weight forward, and twice as much backward."""
        wide = self.memory["wide"]
        operations = self.networks["wide"].samples_per_second * wide["operations"] / wide["batch"]
        return Network(BILLION, BILLION_LAYERS, 0, operations / (6 * BILLION))

    def measured(self, layout: dict) -> Link:
        """By what `lockstep scale` has measured: α is an order to the others and their answer."""
        messages = layout["messages"]
        return Link(messages["latency_seconds"] / 2, 1 / messages["seconds_per_byte"], self.overhead)

    def efficiency(self, name: str, layout: dict) -> float:
        return layout["samples_per_second"] / layout["ranks"] / self.networks[name].samples_per_second

    def modelled(self, name: str, ranks: int, link: Link, compute: float | None = None) -> Modelled:
        """Of a rank that computes so many seconds in a step; as fast as one that is alone unless it is said."""
        run, network = self.memory[name], self.networks[name]
        compute = compute or run["batch"] / ranks / network.samples_per_second
        spent = network.messages(ranks, link)
        step = network.step(compute, ranks, spent)
        return Modelled(sum(spent.values()), step - compute, compute / step)


def in_memory_table(figures: Figures) -> str:
    rows = []
    for name, run in figures.memory.items():
        for layout in run["layouts"][1:]:
            messages, link = layout["messages"], figures.measured(layout)
            model = figures.modelled(name, layout["ranks"], link)
            fits = layout["ranks"] <= figures.cores
            rows.append([name, str(layout["ranks"]), f"{messages['bytes'] / messages['formula_bytes']:.3f}",
                         duration(messages["latency_seconds"]), speed(link.rate), duration(messages["exchange_seconds"]), duration(model.alone),
                         percent(figures.efficiency(name, layout)) if fits else "", percent(model.efficiency) if fits else ""])
    return table(["network", "ranks", "bytes over formula", "α", "1/β", "messages alone", "by the model", "of ideal", "by the model"], rows)


def cables_table(figures: Figures) -> str:
    rows = []
    for run in figures.cables:
        name, ranks, measured = run["network"], run["ranks"], figures.measured(run)
        step = figures.memory[name]["batch"] / run["samples_per_second"]
        waiting = step * run["phases"]["communicate"]
        links = [measured, Link(run["latency"], run["rate"], figures.overhead)] if run["rate"] else [measured]
        models = [figures.modelled(name, ranks, link, step - waiting) for link in links]
        alone = [run["messages"]["exchange_seconds"], *(model.alone for model in models)]
        waits = [waiting, *(model.waiting for model in models)] if ranks <= figures.cores else []
        cells = [duration(2 * measured.latency), speed(measured.rate), *blank(map(duration, alone), 3)]
        busy = step - waiting > BUSY * figures.memory[name]["batch"] / ranks / figures.networks[name].samples_per_second
        cells += [duration(step - waiting) + " !" * busy if waits else "", *blank(map(duration, waits), 3)]
        cells += blank([percent(figures.efficiency(name, run)), percent(figures.modelled(name, ranks, links[-1]).efficiency)] if waits else [], 2)
        rows.append([cable(run), name, *cells])
    sources = ["by α, β", "by the cable"]
    return table(["cable", "network", "α", "1/β", "alone", *sources, "computes", "waits", *sources, "of ideal", "by the model"], rows)


def fit(figures: Figures) -> str:
    """From the least to the most, what was measured of messages alone over what the model says by the cable."""
    told = [run for run in figures.cables if run["rate"] and run["unasked"]]
    links = [Link(run["latency"], run["rate"], figures.overhead) for run in told]
    ratios = [run["messages"]["exchange_seconds"] / figures.modelled(run["network"], run["ranks"], link).alone for run, link in zip(told, links)]
    return f"{min(ratios):.2f} to {max(ratios):.2f}"


def blank(cells: Iterable[str], count: int) -> list[str]:
    """So many cells, of which the last may have nothing to say."""
    return [*cells, *[""] * count][:count]


def cable(run: dict) -> str:
    kind = f"{run['rate'] * 8e-9:g} Gbit/s, {duration(run['latency'])}" if run["rate"] else "as fast as can be"
    return f"{run['ranks']} machines, {kind}" + ("" if run["unasked"] else ", asking")


def projections(figures: Figures, networks: dict[str, Network]) -> tuple[str, list[dict]]:
    parts, found = [], []
    for name_of_link, (latency, rate) in LINKS.items():
        rows = []
        for name, network in networks.items():
            compute = SAMPLES / network.samples_per_second
            shares = []
            for ranks in RANKS:
                spent = network.messages(ranks, Link(latency, rate, figures.overhead))
                shares.append(compute / network.step(compute, ranks, spent))
                found.append({"network": name, "link": name_of_link, "ranks": ranks, "compute_seconds": compute, "efficiency": shares[-1], "messages": spent})
            largest = max(spent, key=spent.get)
            rows.append([name, duration(compute), *map(percent, shares), f"{largest}, {duration(spent[largest])}"])
        header = ["network", "step of one rank", *(f"{ranks:,}" for ranks in RANKS), f"most at {RANKS[-1]:,} ranks"]
        parts.append(f"{name_of_link}:\n\n" + table(header, rows))
    return "\n\n".join(parts), found


def duration(seconds: float) -> str:
    scale, unit = (1e6, "µs") if seconds < 1e-3 else (1e3, "ms") if seconds < 1 else (1, "s")
    return f"{seconds * scale:.3g} {unit}"


def speed(rate: float) -> str:
    return f"{rate * 1e-9:.3g} GB/s" if rate >= 1e9 else f"{rate * 1e-6:.3g} MB/s"


def percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def table(header: list[str], rows: list[list[str]]) -> str:
    return "\n".join("| " + " | ".join(cells) + " |" for cells in [header, ["---"] * len(header), *rows])


def main() -> None:
    parser = argparse.ArgumentParser(prog="tools/projection", description=__doc__)
    parser.add_argument("--lockstep", help="a binary built with MPI, which is measured")
    parser.add_argument("--figures", metavar="FILE", help="what was measured before, as ranks.json has it: only the page is written anew")
    parser.add_argument("--output", default=f"{ROOT}/docs/experiments")
    options = parser.parse_args()
    allow_root()
    try:
        measured = read(options.figures) if options.figures else measure(os.path.abspath(options.lockstep))
    except Skipped as skipped:
        raise SystemExit(f"tools/projection: {skipped}") from None
    figures = Figures(measured)
    networks = {"wide": figures.networks["wide"], "resnet20": figures.networks["resnet20"], "a billion parameters": figures.billion()}
    text, found = projections(figures, networks)
    with open(f"{options.output}/ranks.json", "w") as file:
        json.dump({**measured, "projected": found}, file, indent=1)
        file.write("\n")
    page = PAGE.format(
        processor=measured["memory"][0]["processor"], cores=figures.cores, memory=in_memory_table(figures), cables=cables_table(figures), projections=text,
        samples=SAMPLES, per_rank=f"{CORES * SAMPLES:,}", records=RECORDS, most=f"{RANKS[-1]:,}", overhead=duration(figures.overhead), fit=fit(figures),
        rates=", ".join(f"{name} {network.samples_per_second:,.4g}" for name, network in networks.items()))
    with open(f"{options.output}/ranks.md", "w") as file:
        file.write(page)
    print(f"{options.output}/ranks.md")


PAGE = """# What many machines would make of it

`tools/projection` wrote this page, on {processor} with {cores} cores. Measured are layouts of ranks that speak through the memory of one machine, and ranks on machines that are name
spaces of one, joined by a cable as slow as it was told to be. Projected, by a model of messages that is held against both, is what {most} machines of 64 cores would make of it.
**Nobody has run so many.**

## The model

A message of m bytes takes α + β m seconds (Hockney 1994). α has two parts: latency, in which further messages may follow, and overhead, {overhead}, in which its sender is busy with it.
The messages of a step, of R ranks and P parameters:

| messages | a rank sends | beside |
| --- | --- | --- |
| gradients | 4 P (R − 1) / R bytes, in k rounds of a bucket to each other rank, of 2 MiB at most | the backward pass, two thirds of a step's computing |
| parameters | as many | the forward pass, a third of it |
| moments of BatchNorms | 12 bytes a channel to the rank that keeps its running statistics | the backward pass |
| running statistics | 8 bytes a channel that it keeps to every other rank | the forward pass |
| records | {records} small ones to every other rank | nothing |
| latency | once with the order to begin, once with what came of it | nothing |

The last round of gradients departs when the backward pass is over, and the first one of parameters is needed before the forward pass begins; so what is waited for is one round, or what of
all rounds is longer than (k − 1) / k of the pass. A layer is the smallest piece that can depart: where there are fewer layers than rounds, k is their number.

It is assumed that a rank of 64 cores computes 64 times as fast as one core does here, so that only messages cost anything: {samples} samples a core in a step, {per_rank} a rank, a shard
a core, on as many ranks as there are (weak scaling); that R is a power of 2, so that a rank owns one node of the tree; that every link is used both ways at once, and that the network's
middle is as fast as its edge; that passes spend their time evenly over the parameters; that no rank is slower than another, and none has to compute for its messages. One core makes so many
samples a second: {rates}. That of a billion parameters, sixteen dense layers of 8,192 units, is that of wide by the operations of its products.

## Measured in memory

Messages of 64 bytes and 4 MiB give α, an order to all and their answer, and β; messages alone are those of a step with nothing computed beside them. Ranks beyond the cores take turns, so
what they reach says nothing. The model knows nothing of ranks that wait for one another: of small, whose step takes some 100 µs, it promises too much.

{memory}

## Measured over cables

Every machine has a name space of the network, and a line to a switch, [cable.py](../../Tests/Cluster/cable.py): a frame waits until the line is free, takes its bytes over the rate, and
arrives a latency later. TCP carries the messages, as between machines; processors and memory they share, and the cable takes some of a core's time itself. One thread a rank; computing
and waiting are the phases of rank 0. The model is asked twice: by α and β as they are measured, and by the latency and rate that the cable was told. More ranks than cores compute in turns,
so of them only the messages are compared. `!` marks ranks that compute more than a fourth longer than one that is alone: others had their processors, one rank waits for another that was
held up, and what they reach of the ideal says little.

{cables}

Where buckets go unasked over a cable that was told a rate, messages alone take {fit} of what the model says by the cable. The model's waits are what two ranks need that are equally fast.

*Asking*: as Open MPI comes, it asks before it sends more than 64 KiB over TCP. The answer waits behind whatever is on its way on the same connection, so that the two directions of a line
take turns, and a rank that computes a layer sees it only when that is done. Lockstep has it send up to 8 MiB unasked; that row has it ask.

## Projected

Efficiency by ranks of 64 cores:

{projections}

## What follows

Where efficiency falls the last column says by what. Gradients, parameters and statistics go to and from owners, and their bytes do not grow with the ranks. But a round does: of a thousand
ranks a bucket of 2 MiB is 2 GiB for its owner, which nothing hides in the last round of gradients and the first one of parameters, and where each rank owns one bucket that is all.
"""

if __name__ == "__main__":
    main()
