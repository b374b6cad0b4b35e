import Foundation
import Lockstep
import LockstepResults
import TestSupport
import Testing

/// Permutation importance and partial dependence against scikit-learn's, of the same network in float64, with the same
/// permutations and on the same grid. Columns of categories are one feature on both sides.
@Suite("Explanations against scikit-learn", .enabled(if: python, PrivatePython.excuse))
struct ExplanationTests {
  @Test(arguments: ["accuracy", "roc_auc", "r2", "root_mean_squared_error"])
  func equalScikitLearn(metric: String) throws {
    let isNumbers = metric == "r2" || metric == "root_mean_squared_error"
    let place = try Place(
      """
      data: {train: {csv: {path: t.csv, target: label}}, standardize: \(isNumbers ? "{features: true, targets: true}" : "true")}
      model: {layers: [{dense: {units: 8}}, tanh, {dense: {units: \(isNumbers ? 1 : 2)}}]}
      loss: \(isNumbers ? "mean_squared_error" : "softmax_cross_entropy")
      optimizer: {adam: {learning_rate: 0.03}}
      training: {batch_size: 37, shards: 3, epochs: 8}

      """)
    let made = try PrivatePython.run(["-c", Self.make, isNumbers ? "numbers" : "classes"], in: place.folder)
    #expect(made.status == 0, "\(made.output)")
    try place.succeed("train", "config.yaml", "--output", "run", "--quiet")
    try place.succeed(
      "explain", "run", "--data", "test.csv", "--metric", metric, "--repeats", "3", "--seed", "7", "--json", "e.json",
      "--threads", "1")
    try place.succeed(
      "explain", "run", "--data", "test.csv", "--metric", metric, "--repeats", "3", "--seed", "7", "--json", "f.json",
      "--threads", "3")
    #expect(try place.read("e.json") == place.read("f.json"), "figures on one thread and on three")
    try place.succeed("export", "run", "--to", "w.safetensors")
    let permutations = (0..<4).map { column in
      (0..<3).map { Explanation.permutation(count: 301, seed: 7, repeat: $0, column: column) }
    }
    try place.write(JSONEncoder().encode(permutations), to: "permutations.json")
    let checked = try PrivatePython.run(["-c", Self.check, metric], in: place.folder)
    #expect(checked.status == 0, "\(checked.output)")
    #expect(checked.output.hasSuffix("equal\n"), "\(checked.output)")
  }

  private static let make = """
    import sys, numpy as np, pandas as pd
    r = np.random.default_rng(11)
    frame = pd.DataFrame(dict(a=r.normal(5, 2, 1001), b=r.normal(0, 300, 1001), year=r.integers(2000, 2006, 1001)))
    frame.insert(2, "kind", r.choice(["red", "green", "blue"], 1001))
    z = frame.a - 5 + frame.b / 300 + 2 * (frame.kind == "red") - 0.5 * (frame.year - 2002) + r.normal(0, 0.5, 1001)
    frame["label"] = z * 1000 if sys.argv[1] == "numbers" else np.where(z > 0, "yes", "no")
    frame[:700].to_csv("t.csv", index=False)
    frame[700:].to_csv("test.csv", index=False)
    """

  /// The network anew, in float64, as an estimator; scikit-learn's random numbers are replaced by the permutations of
  /// the file. It shuffles what it has shuffled before, so each of its orders is what leads from the one to the next.
  private static let check = """
    import json, sys, numpy as np, pandas as pd
    from safetensors import safe_open
    from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
    from sklearn.inspection import _permutation_importance as importance, _partial_dependence as dependence
    explained, test = json.load(open("e.json")), pd.read_csv("test.csv")
    with safe_open("w.safetensors", "np") as file:
        w = {name: file.get_tensor(name).astype("f8") for name in file.keys()}
        columns = json.loads(file.metadata()["preprocessing"])["columns"]
    is_numbers = explained["metric"] in ("r2", "root_mean_squared_error")

    class Network(RegressorMixin if is_numbers else ClassifierMixin, BaseEstimator):
        def fit(self, x, y): return self
        def __sklearn_is_fitted__(self): return True
        def outputs(self, frame):
            parts = []
            for column in columns:
                cells = frame[column["name"]]
                if "categories" in column: parts += [(cells == one).values.astype("f8") for one in column["categories"]]
                else: parts.append((cells.values.astype("f8") - column["mean"]) / column["deviation"])
            hidden = np.tanh(np.stack(parts, 1) @ w["dense0.kernel"] + w["dense0.bias"])
            return hidden @ w["dense1.kernel"] + w["dense1.bias"]
        def predict(self, frame):
            return self.outputs(frame)[:, 0] if is_numbers else self.classes_[self.outputs(frame).argmax(1)]

    if not is_numbers:
        def predict_proba(self, frame):
            z = self.outputs(frame)
            e = np.exp(z - z.max(1, keepdims=True))
            return e / e.sum(1, keepdims=True)
        Network.predict_proba = predict_proba
    network = Network()
    if not is_numbers: network.classes_ = np.array(["no", "yes"])

    class Orders:
        def __init__(self, orders): self.orders, self.before = orders, None
        def randint(self, most): return 0
        def shuffle(self, places):
            order = np.array(self.orders.pop(0))
            assert sorted(order) == list(range(len(order))) and (order != np.arange(len(order))).any()
            places[:] = order if self.before is None else np.argsort(self.before)[order]
            self.before = order

    orders = json.load(open("permutations.json"))
    waiting = [Orders([])] + [Orders(list(each)) for each in orders]
    importance.check_random_state = lambda seed: waiting.pop(0)
    names = [column["name"] for column in columns]
    x, y = test[names].astype({"a": "f8", "b": "f8", "year": "f8"}), test["label"]
    scoring = {"root_mean_squared_error": "neg_root_mean_squared_error"}.get(explained["metric"], explained["metric"])
    found = importance.permutation_importance(network, x, y, scoring=scoring, n_repeats=3)
    assert not waiting and len(explained["features"]) == 4
    tolerance = 1e-6 * max(1, abs(explained["baseline"]))
    for feature in explained["features"]:
        assert names[feature["column"]] == feature["name"]
        np.testing.assert_allclose(feature["values"], found.importances[feature["column"]], rtol=1e-6, atol=tolerance)
        np.testing.assert_allclose(feature["mean"], found.importances_mean[feature["column"]], rtol=1e-6, atol=tolerance)
        np.testing.assert_allclose(feature["stddev"], np.std(found.importances[feature["column"]], ddof=1), rtol=1e-5, atol=tolerance)
        # Student's t of two degrees of freedom.
        half = 4.302652729911275 * feature["stddev"] / 3 ** 0.5
        np.testing.assert_allclose(feature["high"] - feature["mean"], half, rtol=1e-9, atol=1e-15)
    means = [feature["mean"] for feature in explained["features"]]
    assert means == sorted(means, reverse=True) and means[0] > 10 * tolerance
    assert [one["name"] for one in explained["partial_dependence"]] == [one["name"] for one in explained["features"]]
    for one in explained["partial_dependence"]:
        values = np.array(one["values"], dtype=object if isinstance(one["values"][0], str) else "f8")
        if one["name"] in "ab":
            wanted = np.quantile(x[one["name"]], np.arange(1, 20) / 20)
            np.testing.assert_allclose(values, wanted, rtol=1e-5, atol=1e-4)
        else: assert np.allclose(values, range(2000, 2006), rtol=1e-6) if one["name"] == "year" else list(values) == ["blue", "green", "red"]
        dependence._grid_from_X = lambda *_: (values.reshape(-1, 1), [values])
        average = dependence.partial_dependence(network, x, [one["name"]], method="brute", response_method="auto" if is_numbers else "predict_proba", categorical_features=["kind"]).average
        assert len(one["outputs"]) == len(average) == 1
        scale = 1000 if is_numbers else 1
        np.testing.assert_allclose(one["outputs"][0]["means"], average[0], rtol=1e-6, atol=1e-6 * scale)
    print("equal")
    """
}

private let python = PrivatePython.has("numpy", "pandas", "sklearn", "safetensors")
