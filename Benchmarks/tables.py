"""Lockstep and scikit-learn side by side on the tables that ship inside the scikit-learn package.

Both get the same five folds: rows shuffled by a seed, a fifth of them for validation in turn (stratified where the target is a class), written to files that
Lockstep trains from with configs/tables/NAME.yaml as it is. scikit-learn's models are a linear one and its multi-layer perceptron with the hidden layers of that
configuration, behind its StandardScaler, everything else as scikit-learn has it by default but for the number of iterations, so that they converge.

Seconds are those of one fold, the mean over the folds: of Lockstep the whole command from start to exit, reading, evaluation and checkpoints included; of
scikit-learn its `fit` alone, without starting Python and importing (about a second).
"""

import argparse
import json
import platform
import subprocess
import tempfile
import time
import warnings
from pathlib import Path

import numpy
import pandas
import sklearn
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression, RidgeCV
from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

SEED = 1
# Name: its file, hidden units as in the configuration, what is compared, and columns of categories.
TABLES = {
    "digits": ("digits.csv", (256, 128), "accuracy", []),
    "breast-cancer": ("breast_cancer.csv", (32,), "accuracy", []),
    "wine": ("wine", (32,), "accuracy", []),
    "diabetes": ("diabetes.csv", (32,), "r2", ["sex"]),
}


def read(datasets, file):
    if file.endswith(".csv"):
        table = pandas.read_csv(datasets / file)
        return table.drop(columns="target"), table["target"], table
    x, y = numpy.load(datasets / f"{file}_x.npy"), numpy.load(datasets / f"{file}_y.npy")
    return pandas.DataFrame(x), pandas.Series(y), None


def write(folder, part, x, y, table, rows):
    """The rows of one part as files, and the override that has Lockstep read them."""
    if table is not None:
        table.iloc[rows].to_csv(folder / f"{part}.csv", index=False)
        return {"csv": {"path": str(folder / f"{part}.csv"), "target": "target"}}
    numpy.save(folder / f"{part}_x.npy", x.to_numpy()[rows])
    numpy.save(folder / f"{part}_y.npy", y.to_numpy()[rows])
    return {"npy": {"features": str(folder / f"{part}_x.npy"), "targets": str(folder / f"{part}_y.npy")}}


def train_lockstep(lockstep, config, folder, sources, categories, metric, validation):
    for source in sources.values():
        if categories:
            source["csv"]["categorical"] = categories
    begin = time.perf_counter()
    subprocess.run(
        [lockstep, "train", config, "--quiet", "--output", folder / "run", "--set", "data.source=null", "--set", "data.folds=null",
         *(word for part, source in sources.items() for word in ["--set", f"data.{part}={json.dumps(source)}"])],
        check=True, stdout=subprocess.DEVNULL)
    seconds = time.perf_counter() - begin
    newest = sorted((folder / "run" / "checkpoints").iterdir())[-1]
    # The validation file by its name: evaluate then says R² too.
    report = subprocess.run(
        [lockstep, "evaluate", newest, "--data", json.dumps(validation), "--json"], check=True, capture_output=True, text=True)
    return json.loads(report.stdout)[metric], seconds


def scikit(metric, hidden, categories, x):
    numbers = [name for name in x.columns if name not in categories]
    def behind(model):
        return make_pipeline(
            make_column_transformer((StandardScaler(), numbers), (OneHotEncoder(), categories)) if categories else StandardScaler(), model)
    if metric == "r2":
        return {
            "ridge regression": behind(RidgeCV(numpy.logspace(-3, 3, 13))),
            "MLPRegressor": behind(MLPRegressor(hidden, max_iter=2000, random_state=SEED)),
        }
    return {
        "logistic regression": behind(LogisticRegression(max_iter=2000)),
        "MLPClassifier": behind(MLPClassifier(hidden, max_iter=1000, random_state=SEED)),
    }


def compare(name, root, lockstep):
    file, hidden, metric, categories = TABLES[name]
    x, y, table = read(root / "datasets", file)
    kind = KFold if metric == "r2" else StratifiedKFold
    results = {}
    for train, validation in kind(5, shuffle=True, random_state=SEED).split(x, y):
        with tempfile.TemporaryDirectory() as folder:
            folder = Path(folder)
            sources = {part: write(folder, part, x, y, table, rows) for part, rows in [("train", train), ("validation", validation)]}
            given = json.loads(json.dumps(sources["validation"]))
            result = train_lockstep(
                lockstep, root / "configs" / "tables" / f"{name}.yaml", folder, sources, categories, metric, given)
            results.setdefault("**Lockstep**", []).append(result)
        for model_name, model in scikit(metric, hidden, categories, x).items():
            begin = time.perf_counter()
            model.fit(x.iloc[train], y.iloc[train])
            seconds = time.perf_counter() - begin
            results.setdefault(model_name, []).append((model.score(x.iloc[validation], y.iloc[validation]), seconds))
    title, percent = (name, metric == "accuracy")
    for model_name, folds in results.items():
        scores, seconds = zip(*folds)
        mean, deviation = numpy.mean(scores), numpy.std(scores, ddof=1)
        text = f"{100 * mean:.1f} ± {100 * deviation:.1f} %" if percent else f"{mean:.2f} ± {deviation:.2f}"
        print(f"| {title} | {model_name} | {'accuracy' if percent else 'R²'} | {text} | {numpy.mean(seconds):.2f} |", flush=True)
        title = ""


def main():
    parser = argparse.ArgumentParser(prog="tools/tables", description="Five folds of the tables of scikit-learn: Lockstep beside scikit-learn's own models.")
    parser.add_argument("tables", nargs="*", metavar="TABLE", help=f"some of {', '.join(TABLES)}; all by default")
    parser.add_argument("--root", type=Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--lockstep", required=True, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    for name in arguments.tables:
        if name not in TABLES:
            parser.error(f"found {name}, expected some of {', '.join(TABLES)}")
    # A solver that has not converged says so in its score.
    warnings.filterwarnings("ignore", module="sklearn")
    print(f"scikit-learn {sklearn.__version__}, Python {platform.python_version()}\n")
    print("| table | model | | 5 folds, mean ± sd | seconds a fold |\n|---|---|---|---|---|", flush=True)
    for name in arguments.tables or TABLES:
        compare(name, arguments.root, arguments.lockstep)


main()
