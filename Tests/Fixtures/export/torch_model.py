"""A Lockstep model as a module of PyTorch, in float64: its layers have the names of Lockstep's, so that a file of `--layout torch` is its `state_dict`.

usage: torch_model.py FOLDER...     computes with the `torch*.safetensors` of folders as run_models.py takes them, into `*.output`
"""
import glob
import json
import sys

import numpy as np
import torch
from safetensors.torch import load_file
from torch.nn import functional as F

OPERATIONS = {
    "sum": torch.add,
    "product": torch.mul,
    "minimum": torch.minimum,
    "maximum": torch.maximum,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": F.relu,
    "leaky_relu": lambda x, slope: F.leaky_relu(x, slope.item()),
    "elu": lambda x, alpha: F.elu(x, alpha.item()),
    "selu": F.selu,
    "softplus": F.softplus,
    "softsign": F.softsign,
    "erf": torch.erf,
}


def value(formula, x):
    if not isinstance(formula, list):
        return x if formula == "x" else torch.tensor(formula, dtype=x.dtype)
    return OPERATIONS[formula[0]](*(value(part, x) for part in formula[1:]))


def edges(x, size, layer, dilation=(1, 1)):
    """What `F.pad` adds to images for TensorFlow's `same`."""
    amounts = []
    for pixels, count, step, gap in zip(x.shape[2:], size, layer["stride"], dilation):
        missing = max(0, (-(-pixels // step) - 1) * step + (count - 1) * gap + 1 - pixels)
        amounts = [missing // 2, missing - missing // 2] + amounts
    return amounts if layer["padding"] == "same" else [0, 0, 0, 0]


class Convolution(torch.nn.Conv2d):
    def __init__(self, layer, weight, bias, groups):
        super().__init__(
            weight.shape[1] * groups, weight.shape[0], weight.shape[2:], layer["stride"], dilation=layer["dilation"], groups=groups, bias=bias)
        self.layer = layer

    def forward(self, x):
        return super().forward(F.pad(x, edges(x, self.kernel_size, self.layer, self.dilation)))


class BatchNorm(torch.nn.BatchNorm2d):
    """Of rows as of images."""

    def _check_input_dim(self, x):
        pass


class Function(torch.nn.Module):
    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)


def pool(layer):
    def maximum(x):
        return F.max_pool2d(F.pad(x, edges(x, layer["size"], layer), value=-torch.inf), layer["size"], layer["stride"])

    def average(x):
        # The share of a window that is inside.
        parts = [F.avg_pool2d(F.pad(part, edges(x, layer["size"], layer)), layer["size"], layer["stride"]) for part in (x, torch.ones_like(x))]
        return parts[0] / parts[1]

    return Function(maximum if layer["kind"] == "max_pool" else average)


class Residual(torch.nn.Module):
    def __init__(self, layer, tensors, path):
        super().__init__()
        self.names = append(self, layer["layers"], tensors, path)
        self.projection = Layers(layer["projection"], tensors, f"{path}projection.")

    def forward(self, x):
        skip = self.projection(x)
        for name in self.names:
            x = getattr(self, name)(x)
        return skip + x


class Layers(torch.nn.Module):
    def __init__(self, layers, tensors, path=""):
        super().__init__()
        self.names = append(self, layers, tensors, path)

    def forward(self, x):
        for name in self.names:
            x = getattr(self, name)(x)
        return x


def module(layer, tensors, path):
    """Sizes are taken from the tensors; that they fit says `load_state_dict`."""
    kind = layer["kind"]
    weight, bias = tensors.get(f"{path}weight"), f"{path}bias" in tensors
    if kind == "dense":
        return torch.nn.Linear(weight.shape[1], weight.shape[0], bias=bias)
    if kind in ("conv2d", "depthwise_conv2d"):
        return Convolution(layer, weight, bias, len(weight) if kind == "depthwise_conv2d" else 1)
    if kind in ("max_pool", "average_pool"):
        return pool(layer)
    if kind == "global_average_pool":
        return Function(lambda x: x.mean(dim=(2, 3)))
    if kind == "flatten":
        return torch.nn.Flatten()
    if kind == "batch_norm":
        if weight is None:
            return torch.nn.Identity()
        return BatchNorm(len(weight), layer["epsilon"])
    if kind == "prelu":
        return torch.nn.PReLU(len(weight))
    if kind == "repeat":
        repeat = Layers([], tensors)
        for iteration in range(layer["times"]):
            repeat.add_module(str(iteration), Layers(layer["layers"], tensors, f"{path}{iteration}."))
            repeat.names.append(str(iteration))
        return repeat
    if kind == "residual":
        return Residual(layer, tensors, path)
    if kind == "rrelu":
        return torch.nn.LeakyReLU(layer["slope"])
    if kind in ("dropout", "spatial_dropout", "alpha_dropout"):
        return torch.nn.Identity()
    return Function(lambda x: value(layer["formula"], x))


def append(parent, layers, tensors, path):
    counts, names = {}, []
    for layer in layers:
        number = counts.get(layer["kind"], 0)
        counts[layer["kind"]] = number + 1
        names.append(f"{layer['kind']}{number}")
        parent.add_module(names[-1], module(layer, tensors, f"{path}{names[-1]}."))
    return names


for folder in sys.argv[1:]:
    case = json.load(open(f"{folder}/case.json"))
    x = torch.from_numpy(np.fromfile(f"{folder}/features.f32", "<f4").reshape(-1, *case["shape"])).double()
    for path in sorted(glob.glob(f"{folder}/torch*.safetensors")):
        tensors = load_file(path)
        y = x.permute(0, 3, 1, 2) if x.ndim == 4 else x
        if "standardization.mean" in tensors:
            y = (y - tensors.pop("standardization.mean")) / tensors.pop("standardization.deviation")
        model = Layers(case["layers"], tensors)
        # Every name and every shape, no more and no fewer.
        model.load_state_dict(tensors, strict=True)
        with torch.no_grad():
            output = model.double().eval()(y).reshape(len(x), case["output_channels"], -1)
        output.transpose(1, 2).contiguous().numpy().astype("<f8").tofile(f"{path}.output")
    print(folder)
