"""What `lockstep search` finds on three real tables, beside Optuna: the same space, as many trials, the same data and the same program to train with.

Each table is cut once, by `data.split` of its configuration; a trial is judged on the part held out, at its end: by its accuracy, or where there is none, or with
--by-loss, by its loss. Six searches, each with several seeds:
`lockstep search --strategy random`, `--strategy tpe`, `--strategy halving`, the latter also with --min-steps a 27th of the steps, and Optuna's TPE sampler without and with its successive-halving pruner. Optuna's objective runs
`lockstep train` with the settings it suggests, under the pruner `lockstep train --steps N` and then `lockstep resume` from rung to rung, the rungs being those of
`lockstep search`. So what differs is how settings are chosen, and nothing else. Steps are those that all trials of a search were trained for.
"""

import argparse
import json
import statistics
import subprocess
import tempfile
import warnings
from pathlib import Path

import numpy
import optuna
import pandas
from sklearn import datasets

ETA = 3

# Name: the table, its target, the loss, steps of a trial.
TABLES = {
    "digits": (lambda: frame("digits"), "target", True, 900),
    "diabetes": (lambda: frame("diabetes"), "target", False, 600),
    "weather": (lambda: weather(), "weather", True, 900),
}

SPACE = {
    "optimizer.adam.learning_rate": ("log", 1e-4, 1e-1),
    "model.layers.0.dense.units": ("whole", 16, 128),
    "model.layers.1": ("choice", ["relu", "elu", "tanh"]),
    "model.layers.2.dropout.rate": ("linear", 0.0, 0.6),
}


def frame(name):
    data = getattr(datasets, f"load_{name}")(as_frame=True)
    table = data.frame
    return table.assign(target=[f"class {k}" for k in data.target]) if hasattr(data, "target_names") else table


def weather():
    from vega_datasets import local_data

    table = local_data.seattle_weather()
    day = pandas.to_datetime(table.pop("date")).dt.dayofyear * (2 * numpy.pi / 365.25)
    return table.assign(sine=numpy.sin(day), cosine=numpy.cos(day))


def write(name, folder):
    read, target, is_class, steps = TABLES[name]
    table = read()
    table.to_csv(folder / "data.csv", index=False)
    outputs = table[target].nunique() if is_class else 1
    (folder / "config.yaml").write_text(f"""\
name: {name}
data:
  source: {{csv: {{path: data.csv, target: {target}}}}}
  split: {{validation: 0.25, seed: 1}}
  standardize: {{features: true, targets: {str(not is_class).lower()}}}
model: {{layers: [{{dense: {{units: 64}}}}, relu, {{dropout: {{rate: 0.1}}}}, {{dense: {{units: {outputs}}}}}]}}
loss: {"softmax_cross_entropy" if is_class else "mean_squared_error"}
optimizer: {{adam: {{learning_rate: 0.001}}}}
schedule: cosine
training: {{batch_size: 64, shards: 4, threads: 1, steps: {steps}}}
checkpoint: {{keep: 1}}
""")
    return steps, len(table), table.shape[1] - 1


class Program:
    def __init__(self, binary, folder, metric):
        self.binary, self.folder, self.metric = binary, folder, metric

    def run(self, *words):
        return subprocess.run([self.binary, *map(str, words)], cwd=self.folder, capture_output=True, text=True)

    def value(self, *words):
        """The metric at the end of what `words` train; None where it diverges."""
        done = self.run(*words, "--quiet", "--json")
        if done.returncode not in (0, 1):
            raise SystemExit(f"lockstep {words}: {done.stderr}")
        return json.loads(done.stdout)["validation"][self.metric] if done.returncode == 0 else None


def lockstep(program, strategy, trials, seed, least=None):
    vary = []
    for key, (kind, *domain) in SPACE.items():
        text = ",".join(domain[0]) if kind == "choice" else f"{'log:' if kind == 'log' else ''}{domain[0]}..{domain[1]}"
        vary += ["--vary", f"{key}={text}"]
    vary += ["--min-steps", least] if least else []
    out = f"lockstep-{strategy}-{least}-{seed}"
    done = program.run(
        "search", "config.yaml", *vary, "--trials", trials, "--strategy", strategy, "--seed", seed, "--metric", program.metric,
        "--output", out, "--json", f"{out}.json", "--quiet")
    if done.returncode:
        raise SystemExit(done.stderr)
    found = json.loads((program.folder / f"{out}.json").read_text())
    return found["trials"][0]["metric"], sum(t["steps"] for t in found["trials"]), [r["divisor"] for r in found["rungs"]]


def tpe(program, divisors, trials, seed, steps):
    spent = 0

    def suggest(trial, key, kind, domain):
        if kind == "choice":
            return trial.suggest_categorical(key, domain[0])
        if kind == "whole":
            return trial.suggest_int(key, *domain)
        return trial.suggest_float(key, *domain, log=kind == "log")

    def objective(trial):
        nonlocal spent
        options = []
        for key, (kind, *domain) in SPACE.items():
            options += ["--set", f"{key}={suggest(trial, key, kind, domain)}"]
        out = f"optuna-{len(divisors)}-{seed}-{trial.number}"
        done = 0
        for divisor in divisors:
            rung = steps // divisor
            words = ["train", "config.yaml", *options, "--output", out] if not done else ["resume", out]
            value = program.value(*words, "--steps", rung)
            spent, done = spent + rung - done, rung
            if value is None:
                raise optuna.TrialPruned()
            trial.report(value, rung)
            if divisor > 1 and trial.should_prune():
                raise optuna.TrialPruned()
        return value

    pruner = (
        optuna.pruners.SuccessiveHalvingPruner(min_resource=steps // divisors[0], reduction_factor=ETA) if len(divisors) > 1 else optuna.pruners.NopPruner())
    direction = "maximize" if program.metric == "accuracy" else "minimize"
    study = optuna.create_study(direction=direction, sampler=optuna.samplers.TPESampler(seed=seed), pruner=pruner)
    study.optimize(objective, n_trials=trials)
    return study.best_value, spent


def main():
    parser = argparse.ArgumentParser(prog="tools/search", description="lockstep search beside Optuna, on three tables.")
    parser.add_argument("tables", nargs="*", metavar="TABLE", help=f"some of {', '.join(TABLES)}; all by default")
    parser.add_argument("--trials", type=int, default=40)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--by-loss", action="store_true", help="judge by the loss, classes too")
    parser.add_argument("--lockstep", required=True, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    for name in arguments.tables:
        if name not in TABLES:
            parser.error(f"found the table {name}, expected some of {', '.join(TABLES)}")
    warnings.filterwarnings("ignore")
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    print("| table | rows × columns | search | metric | mean of the seeds | ± | least | most | against TPE | steps |\n|---|---|---|---|---|---|---|---|---|---|")
    for name in arguments.tables or TABLES:
        with tempfile.TemporaryDirectory() as folder:
            metric = "accuracy" if TABLES[name][2] and not arguments.by_loss else "loss"
            program = Program(arguments.lockstep, Path(folder), metric)
            steps, rows, columns = write(name, Path(folder))
            found = {"TPE": [], "lockstep, tpe": [], "lockstep, random": [], "TPE, halving": [], "lockstep, halving from 1/27": [], "lockstep, halving": []}
            for seed in range(1, arguments.seeds + 1):
                found["lockstep, random"].append(lockstep(program, "random", arguments.trials, seed)[:2])
                found["lockstep, tpe"].append(lockstep(program, "tpe", arguments.trials, seed)[:2])
                *halved, divisors = lockstep(program, "halving", arguments.trials, seed, steps // 27)
                found["lockstep, halving from 1/27"].append(halved)
                found["lockstep, halving"].append(lockstep(program, "halving", arguments.trials, seed)[:2])
                found["TPE"].append(tpe(program, [1], arguments.trials, seed, steps))
                found["TPE, halving"].append(tpe(program, divisors, arguments.trials, seed, steps))
            peers = {"lockstep, random": "TPE", "lockstep, tpe": "TPE", "lockstep, halving from 1/27": "TPE, halving", "lockstep, halving": "TPE, halving"}
            for title, results in found.items():
                values = [value for value, _ in results]
                mean = statistics.mean(values)
                other = peers.get(title)
                against = f"{100 * (mean / statistics.mean(value for value, _ in found[other]) - 1):+.2f} %" if other else ""
                print(
                    f"| {name} | {rows:,} × {columns} | {title} | {metric} | {mean:.4f} | {statistics.stdev(values) if len(values) > 1 else 0:.4f} | {min(values):.4f} | {max(values):.4f} "
                    f"| {against} | {statistics.mean(spent for _, spent in results):,.0f} |", flush=True)


if __name__ == "__main__":
    main()
