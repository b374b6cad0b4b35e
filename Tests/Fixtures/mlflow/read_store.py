"""Reads a store that Lockstep has written with MLflow's own client: experiment, run, settings and the history of every figure must be those of the run's
folder.

usage: read_store.py STORE RUN STATUS
"""

import json
import os
import sys

# MLflow 3.17 refuses to read files unless it is told to.
os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"

import ruamel.yaml
from mlflow import MlflowClient


def leaves(value, path=""):
    if isinstance(value, dict) or isinstance(value, list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(inner, f"{path}.{key}" if path else f"{key}")
    else:
        yield path, value


def history(run):
    """(step, value) of every number of the log, by name, in its order."""
    found = {}
    for line in map(json.loads, open(f"{run}/metrics.jsonl")):
        event, step = line.pop("event"), line.pop("step")
        values = {}
        if event in ("train", "validation"):
            values = {("validation_" if event == "validation" else "") + name: value for name, value in line.items()}
        if event == "layers":
            values = {f"layers/{name}/{layer['name']}": value for layer in line["layers"] for name, value in layer.items() if name != "name"}
        for name, value in values.items():
            if value is not None:
                found.setdefault(name, []).append((step, value))
    return found


def main(store, run, status):
    client = MlflowClient(tracking_uri=store)
    experiments = [experiment for experiment in client.search_experiments() if experiment.name != "Default"]
    assert [experiment.name for experiment in experiments] == ["17"], experiments
    runs = {found.info.run_name: found for found in client.search_runs([experiments[0].experiment_id])}
    found = runs[run]
    assert found.info.status == status and found.info.start_time > 1_600_000_000_000, found.info
    assert found.info.end_time >= found.info.start_time, found.info
    settings = {name: value for name, value in leaves(ruamel.yaml.YAML(typ="safe").load(open(f"{run}/config.yaml")))}
    assert set(found.data.params) == set(settings), found.data.params
    for name, value in found.data.params.items():
        expected = settings[name]
        assert value == expected or str(expected).lower() == value or float(value) == expected, (name, value, expected)
    expected = history(run)
    missing = set(expected) ^ set(found.data.metrics)
    assert not missing, missing
    for name, values in expected.items():
        metrics = client.get_metric_history(found.info.run_id, name)
        read = [(metric.step, metric.value) for metric in metrics]
        # The evaluation at the end of a run may not have been scheduled; then it stands in the summary alone.
        assert read[: len(values)] == values and len(read) <= len(values) + name.startswith("validation_"), (name, read, values)
    assert sorted(item.path for item in client.list_artifacts(found.info.run_id))[0] == "config.yaml"
    assert found.data.tags["lockstep.folder"] == os.path.abspath(run)
    print("equal")


main(*sys.argv[1:])
