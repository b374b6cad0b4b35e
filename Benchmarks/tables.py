"""What `lockstep init` and `lockstep train`, with nothing edited, make of real tables, beside scikit-learn's own models on the same rows.

Twelve tables from Python packages that bring them along: scikit-learn, statsmodels, vega_datasets, palmerpenguins. Each is cut into five folds by a seed (stratified
where the target is a class). For each, Lockstep sees a file of the training rows alone: `init` proposes a configuration, `train` trains by it, holding a fifth of them
back to stop by, and `evaluate` scores the best step on the rows of the fold. scikit-learn has all training rows: a linear model (logistic regression, ridge) behind
its StandardScaler and OneHotEncoder, and HistGradientBoosting with categories as such; both as scikit-learn has them by default.

A difference is within the noise where it is below two standard errors of the mean of the five differences, fold by fold.
"""

import argparse
import json
import subprocess
import tempfile
import time
import warnings
from pathlib import Path

import numpy
import pandas
from sklearn import datasets
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, RidgeCV
from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

SEED = 1


def scikit(name):
    data = getattr(datasets, f"load_{name}")(as_frame=True)
    table = data.frame
    return table.assign(target=[data.target_names[k] for k in data.target]) if hasattr(data, "target_names") and name != "digits" else table


def statsmodels(name):
    import statsmodels.api
    return getattr(statsmodels.api.datasets, name).load_pandas().data


def vega(name):
    from vega_datasets import local_data
    return getattr(local_data, name)()


def penguins():
    from palmerpenguins import load_penguins
    return load_penguins()


# Name: the table, its target, whether that is a class.
TABLES = {
    "iris": (lambda: scikit("iris"), "target", True),
    "wine": (lambda: scikit("wine"), "target", True),
    "breast cancer": (lambda: scikit("breast_cancer"), "target", True),
    "digits": (lambda: scikit("digits"), "target", True),
    "diabetes": (lambda: scikit("diabetes"), "target", False),
    "penguins": (penguins, "species", True),
    "weather": (lambda: vega("seattle_weather"), "weather", True),
    "cars": (lambda: vega("cars"), "Miles_per_Gallon", False),
    "barley": (lambda: vega("barley"), "yield", False),
    "vote": (lambda: statsmodels("anes96"), "vote", True),
    "affairs": (lambda: statsmodels("fair"), "affairs", False),
    "doctor visits": (lambda: statsmodels("randhie"), "mdvis", False),
}


def lockstep(binary, train, test, target, is_class, folder):
    train.to_csv(folder / "data.csv", index=False)
    test.to_csv(folder / "test.csv", index=False)

    def run(*words):
        done = subprocess.run([binary, *words], cwd=folder, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"lockstep {' '.join(words)}: {done.stderr}")
        return done

    begin = time.perf_counter()
    run("init", "data.csv", "--target", target)
    log = run("train", "data.yaml", "--output", "run").stderr
    seconds = time.perf_counter() - begin
    warned = [line for line in log.splitlines() if line.startswith("warning")]
    report = json.loads(run("evaluate", "run", "--data", "test.csv", "--missing", "mean", "--unknown", "ignore", "--json").stdout)
    return report["accuracy" if is_class else "r2"], seconds, warned


def peers(train, target, is_class):
    words = [c for c in train.columns if c != target and not pandas.api.types.is_numeric_dtype(train[c])]
    # What says more than a table can be learned from, days and names, is left out for them as well.
    kept = [c for c in words if train[c].nunique() * 2 <= len(train) and not pandas.api.types.is_datetime64_any_dtype(train[c])]
    numbers = [c for c in train.columns if c != target and c not in words]
    linear = make_column_transformer(
        (make_pipeline(SimpleImputer(), StandardScaler()), numbers), (OneHotEncoder(handle_unknown="ignore"), kept))
    trees = make_column_transformer(
        ("passthrough", numbers), (OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=numpy.nan, encoded_missing_value=numpy.nan), kept))
    places = list(range(len(numbers), len(numbers) + len(kept)))
    if is_class:
        models = LogisticRegression(max_iter=2000), HistGradientBoostingClassifier(categorical_features=places, random_state=SEED)
    else:
        models = RidgeCV(numpy.logspace(-3, 3, 13)), HistGradientBoostingRegressor(categorical_features=places, random_state=SEED)
    return {"linear": make_pipeline(linear, models[0]), "trees": make_pipeline(trees, models[1])}


def compare(name, binary):
    read, target, is_class = TABLES[name]
    table = read()
    table = table[table[target].notna()].reset_index(drop=True)
    kind = StratifiedKFold if is_class else KFold
    scores = {"lockstep": [], "linear": [], "trees": []}
    seconds, warned = [], []
    for train, test in kind(5, shuffle=True, random_state=SEED).split(table, table[target]):
        train, test = table.iloc[train], table.iloc[test]
        with tempfile.TemporaryDirectory() as folder:
            score, time_of_fold, warnings_of_fold = lockstep(binary, train, test, target, is_class, Path(folder))
        scores["lockstep"].append(score)
        seconds.append(time_of_fold)
        warned += warnings_of_fold
        for title, model in peers(train, target, is_class).items():
            model.fit(train.drop(columns=target), train[target])
            scores[title].append(model.score(test.drop(columns=target), test[target]))
    scores = {title: numpy.array(values) for title, values in scores.items()}
    order = sorted(["linear", "trees"], key=lambda title: scores[title].mean())

    def holds(peer):
        difference = scores["lockstep"] - scores[peer]
        return difference.mean() >= -2 * difference.std(ddof=1) / len(difference) ** 0.5 - 1e-9

    def text(title):
        values = scores[title]
        return f"{100 * values.mean():.1f} ± {100 * values.std(ddof=1):.1f} %" if is_class else f"{values.mean():.3f} ± {values.std(ddof=1):.3f}"

    reached = "the better" if holds(order[1]) and holds(order[0]) else "the worse" if holds(order[0]) else "neither"
    print(
        f"| {name} | {len(table):,} × {table.shape[1] - 1} | {'accuracy' if is_class else 'R²'} | {text('lockstep')} | {text('linear')} | {text('trees')} "
        f"| {reached} | {numpy.mean(seconds):.1f} |", flush=True)
    for line in sorted(set(warned)):
        print(f"warned: {line}", flush=True)
    return reached


def main():
    parser = argparse.ArgumentParser(prog="tools/tables", description="Real tables, five folds: lockstep init and train beside scikit-learn's models.")
    parser.add_argument("tables", nargs="*", metavar="TABLE", help=f"some of {', '.join(TABLES)}; all by default")
    parser.add_argument("--lockstep", required=True, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    for name in arguments.tables:
        if name not in TABLES:
            parser.error(f"found the table {name}, expected some of {', '.join(TABLES)}")
    warnings.filterwarnings("ignore")
    print("| table | rows × columns | score | Lockstep | linear | trees | within the noise of | s a fold |\n|---|---|---|---|---|---|---|---|")
    reached = [compare(name, arguments.lockstep) for name in arguments.tables or TABLES]
    print(f"\n{sum(r != 'neither' for r in reached)} of {len(reached)} within the noise of the worse, {sum(r == 'the better' for r in reached)} of the better")


if __name__ == "__main__":
    main()
