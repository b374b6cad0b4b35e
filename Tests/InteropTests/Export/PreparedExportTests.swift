import Foundation
import TestSupport
import Testing

/// What is done to the data of a run is in its exports: ONNX Runtime and NumPy predict what `predict` does, from the
/// numbers of the file.
@Suite("Exports of standardised runs with gaps, in ONNX Runtime and NumPy", .enabled(if: python, PrivatePython.excuse))
struct PreparedExportTests {
  /// A column whose digits float32 loses, a time in seconds, one with gaps, categories; two targets that are far from
  /// 0.
  private static let make = """
    import numpy as np, pandas as pd
    r = np.random.default_rng(7)
    n = 700
    i = np.arange(n)
    size = r.normal(5, 3, n)
    frame = pd.DataFrame({"serial": 100_000_000 + i % 3, "time": 1_700_000_000 + r.integers(0, 86_400, n),
      "size": np.where(i % 11 == 0, np.nan, size), "kind": np.where(i % 13 == 0, None, r.choice(["x", "y", "é"], n))})
    frame["price"] = 250_000 + 30_000 * (i % 3) + 4_000 * size
    frame["tax"] = (frame["time"] - 1_700_000_000) / 1e7 + 1
    frame.to_csv("t.csv", index=False)
    """

  private static func configuration(_ standardize: String) -> String {
    """
    data: {source: {csv: {path: t.csv, target: [price, tax]}}, standardize: \(standardize), missing: mean}
    model: {layers: [{dense: {units: 16}}, tanh, {dense: {units: 2}}]}
    loss: mean_squared_error
    optimizer: {adam: {learning_rate: 0.02}}
    training: {batch_size: 50, shards: 2, epochs: 6}

    """
  }

  /// Reads the metadata, makes inputs of the table by what they say, and compares what comes of them with `predict`.
  private static let check = """
    import json, sys
    import numpy as np, onnx, onnxruntime, pandas as pd
    from safetensors import safe_open
    from safetensors.numpy import load_file

    table, wanted = pd.read_csv("t.csv", keep_default_na=True), pd.read_csv("p.csv").values.astype("f8")
    model = onnx.load("m.onnx")
    onnx.checker.check_model(model, full_check=True)
    texts = [{p.key: p.value for p in model.metadata_props}["preprocessing"],
      safe_open("m.safetensors", "np").metadata()["preprocessing"],
      np.load("m.npz")["preprocessing.json"].decode()]
    assert texts[0] == texts[1] == texts[2]
    said = json.loads(texts[0])
    assert [c["name"] for c in said["columns"]] == ["serial", "time", "size", "kind"] and said["missing"] == "mean"
    assert said["target_names"] == ["price", "tax"] and said["samples"] == len(table)
    columns = []
    for column in said["columns"]:
        cells = table[column["name"]]
        if "categories" in column:
            assert column["categories"] == sorted(set(cells.dropna()), key=lambda name: name.encode())
            columns += [(cells == name).astype("f8") for name in column["categories"]]
        else:
            values = cells.dropna().astype("f8")
            assert abs(values.mean() - column["mean"]) <= 1e-12 * abs(values.mean())
            columns.append(cells.astype("f8"))
    x = np.column_stack(columns)
    assert np.isnan(x).sum() == 64

    def close(found, what):
        # Targets that are not standardised are predicted around 0: there the rounding is that of the larger ones.
        scale = np.abs(wanted) if "target_scales" in said else np.abs(wanted).max(axis=0)
        error = np.max(np.abs(found - wanted) / scale)
        assert error < 1e-6, (what, error)

    session = onnxruntime.InferenceSession("m.onnx", providers=["CPUExecutionProvider"])
    assert session.get_inputs()[0].type == ("tensor(double)" if said.get("inputs") == "float64" else "tensor(float)")
    assert said.get("inputs") == "float64"
    close(session.run(["output"], {"features": x})[0], "onnx")

    for name, tensors in (("safetensors", load_file("m.safetensors")), ("npz", np.load("m.npz"))):
        assert tensors["standardization.mean"].dtype == np.float64
        z = np.where(np.isnan(x), tensors["standardization.mean"], x)
        z = ((z - tensors["standardization.mean"]) / tensors["standardization.deviation"]).astype("f4").astype("f8")
        z = np.tanh(z @ tensors["dense0.kernel"] + tensors["dense0.bias"])
        y = z @ tensors["dense1.kernel"] + tensors["dense1.bias"]
        # Units of targets are in the last layer.
        close(y, name)
    """

  @Test(arguments: ["{features: true, targets: true}", "{features: true, targets: false}"])
  func theyPredictTheSame(standardize: String) throws {
    let place = try Place(Self.configuration(standardize))
    let made = try PrivatePython.run(["-c", Self.make], in: place.folder)
    #expect(made.status == 0, "\(made.output)")
    try place.succeed("train", "config.yaml", "--output", "run", "--quiet")
    let checkpoint = try #require(try place.checkpoints("run").last)
    try place.succeed("predict", checkpoint, "--input", "t.csv", "--output", "p.csv")
    for file in ["m.onnx", "m.safetensors", "m.npz"] { try place.succeed("export", checkpoint, "--to", file) }
    let checked = try PrivatePython.run(["-c", Self.check], in: place.folder)
    #expect(checked.status == 0, "\(checked.output)")
  }
}

private let python = PrivatePython.has("numpy", "pandas", "safetensors", "onnx", "onnxruntime")
