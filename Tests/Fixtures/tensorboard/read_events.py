"""Reads the events of a run with TensorBoard's own package: scalars must be those of metrics.jsonl, under Keras's names, histograms those of the
checkpoints' tensors; the plugin for hyperparameters must find the settings of config.yaml beside the last scalars.

usage: read_events.py RUN
Of every step of a histogram the run must have kept the checkpoint. Its optimizer is adam with beta1 = 0, whose first moment is the gradient.
"""

import glob
import json
import subprocess
import sys

import numpy
import ruamel.yaml
from safetensors.numpy import load
from tensorboard import context
from tensorboard.backend.event_processing import data_provider, event_accumulator, plugin_event_multiplexer
from tensorboard.backend.event_processing.event_file_loader import RawEventFileLoader
from tensorboard.compat.proto import event_pb2
from tensorboard.plugins import base_plugin
from tensorboard.plugins.hparams import api_pb2, backend_context, list_session_groups


def logged(run):
    """(step, value) of every number of the log, by TensorBoard's run and tag, in its order; as float32, which a scalar is."""
    found = {"train": {}, "validation": {}}
    for line in map(json.loads, open(f"{run}/metrics.jsonl")):
        event, step = line.pop("event"), line.pop("step")
        values = {}
        if event in ("train", "validation"):
            values = {name if name == "epoch" else f"epoch_{name}": value for name, value in line.items()}
        if event == "validation":
            values |= {f"evaluation_{name}_vs_iterations": value for name, value in line.items()}
        if event == "layers":
            values = {f"{name}/{layer['name']}": value for layer in line["layers"] for name, value in layer.items() if name != "name"}
        for tag, value in values.items():
            if value is not None:
                found["validation" if event == "validation" else "train"].setdefault(tag, []).append((step, float(numpy.float32(value))))
    return found


def tensors(run, step):
    file = subprocess.run(["zstd", "-dcq", f"{run}/checkpoints/step-{step:08}.safetensors.zst"], capture_output=True, check=True)
    return load(file.stdout)


def buckets(values):
    """Counts between the eighths of powers of two: (low, high, count) of every one that is not empty."""
    values = values.astype(numpy.float64)
    assert ((values == 0) | (abs(values) > 1e-37)).all()
    exponent = numpy.floor(numpy.log2(abs(values[values != 0])))
    eighth = numpy.floor((abs(values[values != 0]) / 2.0**exponent - 1) * 8)
    inner = 2.0**exponent * (1 + eighth / 8)
    outer = 2.0**exponent * (1 + (eighth + 1) / 8)
    sign = numpy.sign(values[values != 0])
    edges = sorted(zip(numpy.minimum(sign * inner, sign * outer), numpy.maximum(sign * inner, sign * outer)))
    found = {}
    for edge in edges:
        found[edge] = found.get(edge, 0) + 1
    zeros = int((values == 0).sum())
    if zeros:
        found[(-(2.0**-126), 2.0**-126)] = zeros
    return sorted((low, high, count) for (low, high), count in found.items())


def check_histogram(event, values, name):
    histogram = event.histogram_value
    values = values.astype(numpy.float64).ravel()
    assert (histogram.min, histogram.max, histogram.num) == (values.min(), values.max(), values.size), name
    for found, expected in ((histogram.sum, values.sum()), (histogram.sum_squares, (values**2).sum())):
        assert abs(found - expected) <= 1e-12 * abs(values).sum() + 1e-12 * (values**2).sum(), name
    # The first bucket holds all that is below its limit.
    lows = [-numpy.inf] + list(histogram.bucket_limit[:-1])
    filled = [entry for entry in zip(lows, histogram.bucket_limit, histogram.bucket) if entry[2] > 0]
    expected = buckets(values)
    expected[0] = (-numpy.inf, *expected[0][1:])
    assert filled == expected, (name, event.step, filled, expected)


def read(folder):
    """All that TensorBoard shows of a folder, nothing kept aside, nothing thinned out."""
    everything = {kind: 0 for kind in event_accumulator.DEFAULT_SIZE_GUIDANCE}
    events = event_accumulator.EventAccumulator(folder, size_guidance=everything)
    events.Reload()
    records = [record for path in glob.glob(f"{folder}/*") for record in RawEventFileLoader(path).Load()]
    summaries = [event for event in map(event_pb2.Event.FromString, records) if event.HasField("summary")]
    assert sum(map(len, map(events.Scalars, events.Tags()["scalars"]))) + sum(
        map(len, map(events.Histograms, events.Tags()["histograms"]))
    ) == len(summaries), "the records hold more than TensorBoard shows"
    assert events.file_version == 2.0
    return events


def leaves(value, path=""):
    """Every value of a configuration by the key that --set names it by."""
    if isinstance(value, dict) or isinstance(value, list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(inner, f"{path}.{key}" if path else f"{key}")
    else:
        yield path, value


def check_settings(run, scalars):
    """What the table of hyperparameters shows of the run."""
    multiplexer = plugin_event_multiplexer.EventMultiplexer()
    multiplexer.AddRunsFromDirectory(run)
    multiplexer.Reload()
    provider = data_provider.MultiplexerDataProvider(multiplexer, run)
    backend = backend_context.Context(base_plugin.TBContext(data_provider=provider))
    request = context.RequestContext()
    found = backend.experiment_from_metadata(request, "", True, backend.hparams_metadata(request, ""), None)
    wanted = api_pb2.ListSessionGroupsRequest(slice_size=9, allowed_statuses=[0, 1, 2, 3], aggregation_type=api_pb2.AGGREGATION_AVG)
    for info in found.metric_infos:
        wanted.col_params.add(metric=info.name)
    groups = list_session_groups.Handler(request, backend, "", wanted).run().session_groups
    assert [group.name for group in groups] == ["tensorboard"], groups
    settings = {name: getattr(value, value.WhichOneof("kind")) for name, value in groups[0].hparams.items()}
    expected = dict(leaves(ruamel.yaml.YAML(typ="safe").load(open(f"{run}/config.yaml"))))
    assert settings == {name: value for name, value in expected.items() if value is not None}, (settings, expected)
    values = {(value.name.group, value.name.tag): (value.training_step, value.value) for value in groups[0].metric_values}
    assert values == {(name, tag): points[-1] for name, tags in scalars.items() for tag, points in tags.items()}
    session = groups[0].sessions[0]
    assert session.status == api_pb2.Status.STATUS_SUCCESS and session.end_time_secs > session.start_time_secs > 1.6e9
    return len(settings)


def main(run):
    expected, count = logged(run), 0
    for name, scalars in expected.items():
        events = read(f"{run}/tensorboard/{name}")
        assert set(events.Tags()["scalars"]) == set(scalars), events.Tags()["scalars"]
        for tag, values in scalars.items():
            assert [(event.step, event.value) for event in events.Scalars(tag)] == values, tag
        for tag in events.Tags()["histograms"]:
            kind, tensor = tag.split("/", 1)
            prefix = {"weights": "model", "gradients": "optimizer.first_moment"}[kind]
            for event in events.Histograms(tag):
                check_histogram(event, tensors(run, event.step)[f"{prefix}.{tensor}"], tag)
                count += 1
    assert "epoch_loss" in expected["train"] and "epoch_loss" in expected["validation"]
    assert check_settings(run, expected) > 20
    assert "tensorflow" not in sys.modules or not hasattr(sys.modules["tensorflow"], "Session")
    print(f"{len(expected['train'])} + {len(expected['validation'])} scalars, {count} histograms")


main(sys.argv[1])
