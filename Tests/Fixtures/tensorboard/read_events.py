"""Reads the events of a run with TensorBoard's own package: scalars must be those of metrics.jsonl, histograms those of the checkpoints' tensors.

usage: read_events.py RUN
Of every step of a histogram the run must have kept the checkpoint. Its optimizer is adam with beta1 = 0, whose first moment is the gradient.
"""

import glob
import json
import subprocess
import sys

import numpy
from safetensors.numpy import load
from tensorboard.backend.event_processing import event_accumulator
from tensorboard.backend.event_processing.event_file_loader import RawEventFileLoader
from tensorboard.compat.proto import event_pb2


def logged(run):
    """(step, value) of every number of the log, by tag, in its order; as float32, which a scalar is."""
    found = {}
    for line in map(json.loads, open(f"{run}/metrics.jsonl")):
        event, step = line.pop("event"), line.pop("step")
        if event in ("train", "validation"):
            values = {f"{event}/{name}": value for name, value in line.items()}
        elif event == "layers":
            values = {f"{name}/{layer['name']}": value for layer in line["layers"] for name, value in layer.items() if name != "name"}
        else:
            values = {}
        for tag, value in values.items():
            if value is not None:
                found.setdefault(tag, []).append((step, float(numpy.float32(value))))
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


def main(run):
    # Nothing kept aside, nothing thinned out.
    everything = {kind: 0 for kind in event_accumulator.DEFAULT_SIZE_GUIDANCE}
    events = event_accumulator.EventAccumulator(f"{run}/tensorboard", size_guidance=everything)
    events.Reload()
    records = [record for path in glob.glob(f"{run}/tensorboard/*") for record in RawEventFileLoader(path).Load()]
    summaries = [event for event in map(event_pb2.Event.FromString, records) if event.HasField("summary")]
    assert sum(map(len, map(events.Scalars, events.Tags()["scalars"]))) + sum(
        map(len, map(events.Histograms, events.Tags()["histograms"]))
    ) == len(summaries), "the records hold more than TensorBoard shows"
    assert events.file_version == 2.0

    expected = logged(run)
    assert set(events.Tags()["scalars"]) == set(expected), events.Tags()["scalars"]
    for tag, values in expected.items():
        assert [(event.step, event.value) for event in events.Scalars(tag)] == values, tag

    count = 0
    for tag in events.Tags()["histograms"]:
        kind, name = tag.split("/", 1)
        prefix = {"weights": "model", "gradients": "optimizer.first_moment"}[kind]
        for event in events.Histograms(tag):
            check_histogram(event, tensors(run, event.step)[f"{prefix}.{name}"], tag)
            count += 1
    assert "tensorflow" not in sys.modules or not hasattr(sys.modules["tensorflow"], "Session")
    print(f"{len(expected)} scalars, {count} histograms")


main(sys.argv[1])
