"""The forward pass of a Lockstep model in NumPy, float64: an oracle for what `lockstep export` writes.

A model is a list of layers such as {"kind": "dense"}; tensors are found by the layer's path, `dense0` and so on, in the names of a layout.
What a file lacks is not computed: a BatchNorm that was folded away, a bias that was never there.
Images are [rows, height, width, channels], whatever the layout; only what it flattens them to follows from that.
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


def windows(x, size, stride, padding, dilation=(1, 1), outside=0.0):
    """Every window of images, [rows, height of the output, its width, height of the window, its width, channels].

    `same` as TensorFlow has it: the output has ceil(pixels / stride) pixels, and what is missing stands half before the image, half behind it.
    """
    edges, places = [], []
    for pixels, count, step, gap in zip(x.shape[1:3], size, stride, dilation):
        reach = (count - 1) * gap + 1
        outputs = -(-pixels // step) if padding == "same" else (pixels - reach) // step + 1
        missing = max(0, (outputs - 1) * step + reach - pixels)
        edges.append((missing // 2, missing - missing // 2))
        places.append(step * np.arange(outputs)[:, None] + gap * np.arange(count))
    x = np.pad(x, [(0, 0), *edges, (0, 0)], constant_values=outside)
    rows, columns = places
    return x[:, rows[:, None, :, None], columns[None, :, None, :]]


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
        elif kind == "conv2d":
            weight = tensor(names["weight"]).astype(np.float64)
            weight = weight.transpose(2, 3, 1, 0) if layout == "torch" else weight
            seen = windows(x, weight.shape[:2], layer["stride"], layer["padding"], layer["dilation"])
            x = np.tensordot(seen, weight, 3)
            if tensor("bias") is not None:
                x = x + tensor("bias")
        elif kind == "depthwise_conv2d":
            weight = tensor(names["weight"]).astype(np.float64)
            weight = weight.transpose(2, 3, 0, 1)[..., 0] if layout == "torch" else weight[..., 0]
            seen = windows(x, weight.shape[:2], layer["stride"], layer["padding"], layer["dilation"])
            x = np.einsum("nyxijc,ijc->nyxc", seen, weight)
            if tensor("bias") is not None:
                x = x + tensor("bias")
        elif kind == "max_pool":
            x = windows(x, layer["size"], layer["stride"], layer["padding"], outside=-np.inf).max(axis=(3, 4))
        elif kind == "average_pool":
            x = np.nanmean(windows(x, layer["size"], layer["stride"], layer["padding"], outside=np.nan), axis=(3, 4))
        elif kind == "global_average_pool":
            x = x.mean(axis=(1, 2))
        elif kind == "flatten":
            x = (x.transpose(0, 3, 1, 2) if layout == "torch" and x.ndim == 4 else x).reshape(len(x), -1)
        elif kind == "batch_norm":
            if tensor(names["mean"]) is not None:
                deviation = np.sqrt(tensor(names["variance"]).astype(np.float64) + layer["epsilon"])
                x = (x - tensor(names["mean"])) / deviation * tensor(names["gamma"]) + tensor(names["beta"])
        elif kind == "repeat":
            for iteration in range(layer["times"]):
                x = forward(layer["layers"], tensors, layout, x, f"{path}.{iteration}.")
        elif kind == "residual":
            skip = forward(layer["projection"], tensors, layout, x, f"{path}.projection.")
            x = skip + forward(layer["layers"], tensors, layout, x, f"{path}.")
        elif kind == "prelu":
            x = np.where(x > 0, x, tensor(names["slope"]) * x)
        elif kind == "rrelu":
            x = np.where(x > 0, x, layer["slope"] * x)
        elif kind not in ("dropout", "spatial_dropout", "alpha_dropout"):
            x = value(layer["formula"], x)
    return x


def prediction(loss, output):
    if loss == "softmax_cross_entropy":
        powers = np.exp(output - output.max(axis=1, keepdims=True))
        return powers / powers.sum(axis=1, keepdims=True)
    return sigmoid(output) if loss == "binary_cross_entropy" else output
