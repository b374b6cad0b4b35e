"""The forward pass of a Lockstep model in NumPy, float64: an oracle for what `lockstep export` writes.

A model is a list of layers such as {"kind": "dense"}; tensors are found by the layer's path, `dense0` and so on, in the names of a layout.
What a file lacks is not computed: a BatchNorm that was folded away, a bias that was never there.
"""
import math

import numpy as np

NAMES = {
    "keras": dict(weight="kernel", gamma="gamma", beta="beta", mean="moving_mean", variance="moving_variance", slope="alpha"),
    "torch": dict(weight="weight", gamma="weight", beta="bias", mean="running_mean", variance="running_var", slope="weight"),
}

erf = np.vectorize(math.erf)


def softplus(x):
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


def sigmoid(x):
    return np.where(x >= 0, 1 / (1 + np.exp(-np.abs(x))), np.exp(-np.abs(x)) / (1 + np.exp(-np.abs(x))))


def elu(x, alpha):
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))


OPERATIONS = {
    "sum": np.add,
    "product": np.multiply,
    "minimum": np.minimum,
    "maximum": np.maximum,
    "sigmoid": sigmoid,
    "tanh": np.tanh,
    "relu": lambda x: np.maximum(x, 0),
    "leaky_relu": lambda x, slope: np.where(x > 0, x, slope * x),
    "elu": elu,
    "selu": lambda x: 1.0507009873554805 * elu(x, 1.6732632423543772),
    "softplus": softplus,
    "softsign": lambda x: x / (1 + np.abs(x)),
    "erf": erf,
}


def value(formula, x):
    """That of "x", a number, or an operation before its arguments."""
    if not isinstance(formula, list):
        return x if formula == "x" else formula
    return OPERATIONS[formula[0]](*(value(part, x) for part in formula[1:]))


def forward(layers, tensors, layout, x, prefix=""):
    names = NAMES[layout]
    counts = {}
    for layer in layers:
        kind = layer["kind"]
        path = f"{prefix}{kind}{counts.get(kind, 0)}"
        counts[kind] = counts.get(kind, 0) + 1
        tensor = lambda name: tensors.get(f"{path}.{name}")
        if kind == "dense":
            weight = tensor(names["weight"]).astype(np.float64)
            x = x @ (weight.T if layout == "torch" else weight)
            if tensor("bias") is not None:
                x = x + tensor("bias")
        elif kind == "batch_norm":
            if tensor(names["mean"]) is not None:
                deviation = np.sqrt(tensor(names["variance"]).astype(np.float64) + layer["epsilon"])
                x = (x - tensor(names["mean"])) / deviation * tensor(names["gamma"]) + tensor(names["beta"])
        elif kind == "repeat":
            for iteration in range(layer["times"]):
                x = forward(layer["layers"], tensors, layout, x, f"{path}.{iteration}.")
        elif kind == "residual":
            x = x + forward(layer["layers"], tensors, layout, x, f"{path}.")
        elif kind == "prelu":
            x = np.where(x > 0, x, tensor(names["slope"]) * x)
        elif kind == "rrelu":
            x = np.where(x > 0, x, layer["slope"] * x)
        elif kind not in ("dropout", "alpha_dropout"):
            x = value(layer["formula"], x)
    return x


def prediction(loss, output):
    if loss == "softmax_cross_entropy":
        powers = np.exp(output - output.max(axis=1, keepdims=True))
        return powers / powers.sum(axis=1, keepdims=True)
    return sigmoid(output) if loss == "binary_cross_entropy" else output
