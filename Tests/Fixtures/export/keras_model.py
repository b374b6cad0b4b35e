"""A Lockstep model in Keras, in float64: its layers take the tensors of a file of `--layout keras` by Keras's own names of them.

usage: keras_model.py FOLDER...     computes with the `keras*.safetensors` of folders as run_models.py takes them, into `*.output`
"""
import glob
import json
import os
import sys

os.environ.setdefault("KERAS_BACKEND", "torch")

import keras
import numpy as np
from keras import layers as k
from safetensors.numpy import load_file

keras.config.set_floatx("float64")

OPERATIONS = {
    "sum": keras.ops.add,
    "product": keras.ops.multiply,
    "minimum": keras.ops.minimum,
    "maximum": keras.ops.maximum,
    "sigmoid": keras.ops.sigmoid,
    "tanh": keras.ops.tanh,
    "relu": keras.ops.relu,
    "leaky_relu": keras.ops.leaky_relu,
    "elu": keras.ops.elu,
    "selu": keras.ops.selu,
    "softplus": keras.ops.softplus,
    "softsign": keras.ops.softsign,
    "erf": keras.ops.erf,
}


def value(formula, x):
    if not isinstance(formula, list):
        return x if formula == "x" else formula
    return OPERATIONS[formula[0]](*(value(part, x) for part in formula[1:]))


def average(layer, x):
    """AveragePooling2D as it is on TensorFlow: on PyTorch its `same` repeats pixels of the edge where padding is uneven (Keras 3.15)."""
    edges = [(0, 0)]
    for pixels, count, step in zip(x.shape[1:3], layer["size"], layer["stride"]):
        missing = max(0, (-(-pixels // step) - 1) * step + count - pixels) if layer["padding"] == "same" else 0
        edges.append((missing // 2, missing - missing // 2))
    sums = [keras.ops.average_pool(keras.ops.pad(part, [*edges, (0, 0)]), layer["size"], layer["stride"], "valid") for part in (x, keras.ops.ones_like(x))]
    return sums[0] / sums[1]


def layer_of(layer, tensors, path, x):
    kind = layer["kind"]
    weight, bias = tensors.get(f"{path}.kernel"), f"{path}.bias" in tensors
    if kind == "dense":
        return k.Dense(weight.shape[1], use_bias=bias)
    if kind == "conv2d":
        return k.Conv2D(weight.shape[3], weight.shape[:2], layer["stride"], layer["padding"], dilation_rate=layer["dilation"], use_bias=bias)
    if kind == "depthwise_conv2d":
        return k.DepthwiseConv2D(weight.shape[:2], layer["stride"], layer["padding"], dilation_rate=layer["dilation"], use_bias=bias)
    if kind == "max_pool":
        return k.MaxPooling2D(layer["size"], layer["stride"], layer["padding"])
    if kind == "average_pool":
        return k.Lambda(lambda x: average(layer, x))
    if kind == "global_average_pool":
        return k.GlobalAveragePooling2D()
    if kind == "flatten":
        return k.Flatten()
    if kind == "batch_norm":
        return k.BatchNormalization(epsilon=layer["epsilon"]) if f"{path}.gamma" in tensors else k.Identity()
    if kind == "prelu":
        positions = [1, 2] if len(x.shape) == 4 else []
        return k.PReLU(shared_axes=positions + ([len(x.shape) - 1] if tensors[f"{path}.alpha"].size == 1 else []) or None)
    if kind == "rrelu":
        return k.LeakyReLU(negative_slope=layer["slope"])
    if kind in ("dropout", "spatial_dropout", "alpha_dropout"):
        return k.Identity()
    return k.Lambda(lambda x: value(layer["formula"], x))


def forward(layers, tensors, x, prefix=""):
    counts = {}
    for layer in layers:
        kind = layer["kind"]
        path = f"{prefix}{kind}{counts.get(kind, 0)}"
        counts[kind] = counts.get(kind, 0) + 1
        if kind == "repeat":
            for iteration in range(layer["times"]):
                x = forward(layer["layers"], tensors, x, f"{path}.{iteration}.")
        elif kind == "residual":
            skip = forward(layer["projection"], tensors, x, f"{path}.projection.")
            x = k.Add()([skip, forward(layer["layers"], tensors, x, f"{path}.")])
        else:
            one = layer_of(layer, tensors, path, x)
            x = one(x)
            for variable in one.weights:
                tensor = tensors.pop(f"{path}.{variable.name}")
                assert tuple(variable.shape) == tensor.shape, (path, variable.name, variable.shape, tensor.shape)
                variable.assign(tensor)
    return x


for folder in sys.argv[1:]:
    case = json.load(open(f"{folder}/case.json"))
    x = np.fromfile(f"{folder}/features.f32", "<f4").reshape(-1, *case["shape"]).astype(np.float64)
    for path in sorted(glob.glob(f"{folder}/keras*.safetensors")):
        tensors = load_file(path)
        y = x
        if "standardization.mean" in tensors:
            y = (y - tensors.pop("standardization.mean")) / tensors.pop("standardization.deviation")
        start = keras.Input(case["shape"])
        model = keras.Model(start, forward(case["layers"], tensors, start))
        assert not tensors, sorted(tensors)
        keras.ops.convert_to_numpy(model(y, training=False)).reshape(len(x), -1).astype("<f8").tofile(f"{path}.output")
    print(folder)
