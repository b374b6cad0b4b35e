"""Measures layouts of ranks on this machine, and says what the α–β model makes of many machines: docs/experiments/ranks.md and .json."""
import argparse
import json
import math
import os
import subprocess
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
STEPS = {"wide": 60, "deep": 200, "small": 4000, "resnet20": 20}
LAYOUTS = (1, 2, 4)
# Sixteen dense layers of 8,192 units, without BatchNorm.
BILLION = 16 * 8192 * 8192
LINKS = {"100 Gbit/s, 2 µs": (2e-6, 12.5e9), "10 Gbit/s, 20 µs": (20e-6, 1.25e9)}
RANKS = (1, 2, 4, 16, 64, 256, 1024)
# Of a rank: its cores, a shard each, and samples a core in a step.
CORES, SAMPLES = 64, 128
BUCKET = 2 << 20
# Small messages from every rank to every other in a step, beside statistics.
RECORDS = 5


class Network:
    """What the model knows of one."""

    def __init__(self, parameters: float, statistics: float, samples_per_second: float):
        """`statistics` are the elements that a shard has of all BatchNorms, `samples_per_second` those of one core."""
        self.parameters, self.statistics, self.samples_per_second = parameters, statistics, samples_per_second

    def messages(self, ranks: int, shards: int, latency: float, rate: float) -> dict[str, float]:
        """Seconds of a step that a rank's messages take with nothing beside them, by kind."""
        others, size = ranks - 1, 4 * self.parameters
        if others == 0:
            return dict.fromkeys(("gradients", "parameters", "statistics", "records"), 0.0)
        buckets = max(1, math.ceil(size / ranks / BUCKET))
        one_way = latency * others * buckets + size * others / ranks / rate
        return {"gradients": one_way, "parameters": one_way, "statistics": 4 * self.statistics * shards * others / rate, "records": RECORDS * latency * others}

    def efficiency(self, compute: float, spent: dict[str, float]) -> float:
        """Gradients go beside the backward pass, two thirds of a step; parameters beside the forward pass; the rest beside nothing."""
        exposed = max(0, spent["gradients"] - compute * 2 / 3) + max(0, spent["parameters"] - compute / 3)
        return compute / (compute + exposed + spent["statistics"] + spent["records"])


class Measured:
    """A configuration on one, two and four ranks of one thread."""

    def __init__(self, lockstep: str, name: str, folder: str):
        config, file = f"{ROOT}/configs/bench/{name}.yaml", f"{folder}/{name}.json"
        subprocess.run([lockstep, "scale", config, "--ranks", ",".join(map(str, LAYOUTS)), "--steps", str(STEPS[name]), "--json", file, "--quiet"],
                       check=True, stdout=subprocess.DEVNULL)
        with open(file) as opened:
            self.json = json.load(opened)
        checked = json.loads(subprocess.run([lockstep, "check", config, "--json"], check=True, capture_output=True, text=True).stdout)
        self.name, self.layouts, self.shards, self.batch = name, self.json["layouts"], self.json["shards"], self.json["batch"]
        self.operations = checked["product_operations_per_step"] / self.batch
        # Two ranks send half the parameters each way, and the statistics of half the shards; the parameters in blocks of 1,024.
        parameters = math.ceil(checked["parameters"] / 1024) * 1024
        statistics = max(0, (self.layouts[1]["messages"]["formula_bytes"] / 4 - parameters) / (self.shards / 2))
        self.network = Network(parameters, statistics, self.layouts[0]["samples_per_second"])

    def modelled(self, layout: dict) -> float:
        """Of the efficiency of a layout on this machine."""
        ranks, messages = layout["ranks"], layout["messages"]
        compute = self.batch / ranks / self.network.samples_per_second
        spent = self.network.messages(ranks, self.shards // ranks, messages["latency_seconds"], 1 / messages["seconds_per_byte"])
        return self.network.efficiency(compute, spent)


def duration(seconds: float) -> str:
    scale, unit = (1e6, "µs") if seconds < 1e-3 else (1e3, "ms") if seconds < 1 else (1, "s")
    return f"{seconds * scale:.3g} {unit}"


def percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def table(header: list[str], rows: list[list[str]]) -> str:
    return "\n".join("| " + " | ".join(cells) + " |" for cells in [header, ["---"] * len(header), *rows])


def checks(measured: list[Measured], cores: int) -> str:
    rows = []
    for run in measured:
        for layout in run.layouts[1:]:
            messages = layout["messages"]
            fits = layout["ranks"] <= cores
            rows.append([
                run.name, str(layout["ranks"]), f"{messages['bytes'] / messages['formula_bytes']:.3f}", duration(messages["latency_seconds"]),
                f"{1e-9 / messages['seconds_per_byte']:.3g} GB/s", duration(messages["exchange_seconds"]), duration(messages["modelled_seconds"]),
                percent(layout["efficiency"]) if fits else "", percent(run.modelled(layout)) if fits else "",
            ])
    header = ["network", "ranks", "bytes over formula", "α", "1/β", "messages alone", "by the model", "of ideal", "by the model"]
    return table(header, rows)


def projections(networks: dict[str, Network]) -> tuple[str, list[dict]]:
    parts, found = [], []
    for link, (latency, rate) in LINKS.items():
        rows = []
        for name, network in networks.items():
            compute = SAMPLES / network.samples_per_second
            shares = []
            for ranks in RANKS:
                spent = network.messages(ranks, CORES, latency, rate)
                shares.append(network.efficiency(compute, spent))
                found.append({"network": name, "link": link, "ranks": ranks, "compute_seconds": compute, "efficiency": shares[-1],
                              "messages": spent})
            largest = max(spent, key=spent.get)
            rows.append([name, duration(compute), *map(percent, shares), f"{largest}, {duration(spent[largest])}"])
        parts.append(f"{link}:\n\n" + table(["network", "step of one rank", *(f"{ranks:,}" for ranks in RANKS), f"most at {RANKS[-1]:,} ranks"], rows))
    return "\n\n".join(parts), found


def main() -> None:
    parser = argparse.ArgumentParser(prog="tools/projection", description=__doc__)
    parser.add_argument("--lockstep", required=True)
    parser.add_argument("--output", default=f"{ROOT}/docs/experiments")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measured = [Measured(options.lockstep, name, folder) for name in STEPS]
    by_name = {run.name: run for run in measured}
    wide = by_name["wide"]
    # A multiplication and an addition a weight forward, and twice as much backward.
    billion = Network(BILLION, 0, wide.network.samples_per_second * wide.operations / (6 * BILLION))
    text, found = projections({"wide": wide.network, "resnet20": by_name["resnet20"].network, "a billion parameters": billion})
    cores = len(os.sched_getaffinity(0))
    processor = wide.json["processor"]
    page = PAGE.format(
        processor=processor, cores=cores, checks=checks(measured, cores), projections=text, samples=SAMPLES, per_rank=f"{CORES * SAMPLES:,}", records=RECORDS,
        most=f"{RANKS[-1]:,}", rates=", ".join(f"{name} {network.samples_per_second:,.4g}" for name, network in
                                               {"wide": wide.network, "resnet20": by_name["resnet20"].network, "a billion parameters": billion}.items()))
    with open(f"{options.output}/ranks.md", "w") as file:
        file.write(page)
    with open(f"{options.output}/ranks.json", "w") as file:
        json.dump({"processor": processor, "cores": cores, "measured": [run.json for run in measured], "projected": found}, file, indent=1)
        file.write("\n")
    print(f"{options.output}/ranks.md")


PAGE = """# What many machines would make of it

`tools/projection` wrote this page, on {processor} with {cores} cores: layouts of ranks were measured on one machine, and a model of their messages says what to expect of
{most} machines of 64 cores. **It is a model: nobody has run so many.** What it assumes stands first.

## The model

A message of m bytes takes α + β m seconds (Hockney 1994). In a step a rank of R sends every other one its part of the gradients and, as owner, of the new parameters, each in
buckets of 2 MiB at most: α (R − 1) k + β 4 P (R − 1) / R for P parameters and k buckets, either way. BatchNorm adds 24 bytes a channel and shard to every other rank, and {records} small
records are told to every other one. Gradients go beside the backward pass, two thirds of a step's computing, parameters beside the forward pass; what is longer than that is waited for, and
so are statistics and records, beside which nothing is computed.

It is assumed that a rank of 64 cores computes 64 times as fast as one core does here, so that only messages cost anything: {samples} samples a core in a step, {per_rank} a rank, a shard
a core, on as many ranks as there are (weak scaling); that R is a power of 2, so that a rank owns one node of the tree; that every link is used both ways at once, and that the network's
middle is as fast as its edge. One core makes so many samples a second: {rates}. That of a billion parameters, sixteen dense layers of 8,192 units, is that of wide by the operations of its products.

## Checked here

Messages of 64 bytes and 4 MiB give α and β; messages alone are those of a step with nothing computed beside them. Ranks beyond the cores take turns, so what they reach says nothing.
The model knows nothing of ranks that wait for one another: of small, whose step takes some 100 µs, it promises too much.

{checks}

## Projected

Efficiency by ranks of 64 cores:

{projections}

## What follows

Where efficiency falls the last column says by what. Statistics of BatchNorms and records go from every rank to every other, which is right for tens of ranks and not for a thousand;
gradients and parameters go to and from owners, and their bytes do not grow with the ranks.
"""

if __name__ == "__main__":
    main()
