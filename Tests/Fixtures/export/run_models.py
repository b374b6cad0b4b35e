"""Computes with every exported file of the folders given, and writes what comes out as float64 beside it.

A folder holds `case.json` (layers, loss, the shape of a sample), `features.f32`, and files of a model: `*.onnx`, `*.safetensors`, `*.npz`.
Of `a.onnx` come `a.onnx.output` and `a.onnx.prediction`: what the graph computes, or NumPy with the tensors.
"""
import json
import os
import sys

import numpy as np
import onnx
import onnxruntime
from safetensors import safe_open
from safetensors.numpy import load_file

from numpy_model import forward, prediction


def run_onnx(path, case, x):
    onnx.checker.check_model(onnx.load(path), full_check=True)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    assert [value.name for value in session.get_inputs()] == ["features"]
    # float64 where float32 would cost features digits that count.
    x = x.astype({"tensor(float)": np.float32, "tensor(double)": np.float64}[session.get_inputs()[0].type])
    names = [value.name for value in session.get_outputs()]
    values = dict(zip(names, session.run(None, {"features": x})))
    # The batch may have any number of rows.
    one = session.run(["output"], {"features": x[:1]})[0]
    assert one.shape == values["output"][:1].shape
    if case["loss"] in ("softmax_cross_entropy", "binary_cross_entropy"):
        assert names == ["output", "probabilities"], names
        return values["output"], values["probabilities"]
    assert names == ["output"], names
    return values["output"], values["output"]


def run_tensors(tensors, layout, case, x):
    x = x.astype(np.float64)
    turns = layout == "torch" and x.ndim == 4
    if turns:
        x = x.transpose(0, 3, 1, 2)
    if "standardization.mean" in tensors:
        x = (x - tensors["standardization.mean"]) / tensors["standardization.deviation"]
    output = forward(case["layers"], tensors, layout, x.transpose(0, 2, 3, 1) if turns else x)
    if turns and output.ndim == 4:
        output = output.transpose(0, 3, 1, 2)
    output = output.reshape(len(x), -1)
    if layout == "torch":
        # An image has its channels first there, flattened or not.
        output = output.reshape(len(x), case["output_channels"], -1).transpose(0, 2, 1).reshape(len(x), -1)
    return output, prediction(case["loss"], output)


for folder in sys.argv[1:]:
    case = json.load(open(f"{folder}/case.json"))
    x = np.fromfile(f"{folder}/features.f32", "<f4").reshape(-1, *case["shape"])
    for name in sorted(os.listdir(folder)):
        path = f"{folder}/{name}"
        if name.endswith(".onnx"):
            values = run_onnx(path, case, x)
        elif name.endswith(".safetensors"):
            layout = safe_open(path, "np").metadata()["layout"]
            values = run_tensors(load_file(path), layout, case, x)
        elif name.endswith(".npz"):
            values = run_tensors(dict(np.load(path)), case["npz_layout"], case, x)
        else:
            continue
        for what, value in zip(("output", "prediction"), values):
            np.ascontiguousarray(value, "<f8").tofile(f"{path}.{what}")
    print(folder)
