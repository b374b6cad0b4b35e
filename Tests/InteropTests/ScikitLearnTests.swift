import Foundation
import TestSupport
import Testing

/// What evaluate says, recomputed by scikit-learn from what predict writes.
@Suite("Metrics against scikit-learn", .enabled(if: python, PrivatePython.excuse))
struct ScikitLearnTests {
  @Test(arguments: [2, 3, 7])
  func classification(classes: Int) throws {
    let yaml = """
      data: {train: {csv: {path: t.csv, target: label}}, standardize: true}
      model: {layers: [{dense: {units: 8}}, tanh, {dense: {units: \(classes)}}]}
      loss: softmax_cross_entropy
      optimizer: {adam: {learning_rate: 0.02}}
      training: {batch_size: 37, shards: 3, epochs: 3}

      """
    let make = """
      import sys, numpy as np, pandas as pd
      from sklearn.datasets import make_classification
      k = int(sys.argv[1])
      x, y = make_classification(1000, 6, n_informative=5, n_redundant=0, n_classes=k, n_clusters_per_class=1, class_sep=0.7, random_state=k)
      frame = pd.DataFrame(x, columns=list("abcdef"))
      frame["label"] = [f"c{k - 1 - v}" for v in y]
      frame[:700].to_csv("t.csv", index=False)
      frame[700:].to_csv("test.csv", index=False)
      """
    let check = """
      import json, numpy as np, pandas as pd
      from sklearn import metrics
      p, truth = pd.read_csv("p.csv"), pd.read_csv("test.csv")["label"]
      predicted = pd.read_csv("q.csv")["prediction"]
      names = list(p.columns)
      assert names == sorted(set(truth)), names
      assert (np.array(names)[np.argmax(p.values, axis=1)] == predicted).all()
      precision, recall, f1, support = metrics.precision_recall_fscore_support(truth, predicted, labels=names, zero_division=0)
      rows = p.values.astype("f8")
      rows /= rows.sum(axis=1, keepdims=True)
      auc = metrics.roc_auc_score(truth == names[1], p.values[:, 1]) if len(names) == 2 else metrics.roc_auc_score(truth, rows, multi_class="ovr", labels=names)
      result = dict(loss=metrics.log_loss(truth, rows, labels=names), accuracy=metrics.accuracy_score(truth, predicted),
        precision=precision.mean(), recall=recall.mean(), f1=f1.mean(), roc_auc=auc,
        confusion=metrics.confusion_matrix(truth, predicted, labels=names).tolist(), support=support.tolist())
      if len(names) > 5: result["top_5_accuracy"] = metrics.top_k_accuracy_score(truth, rows, k=5, labels=names)
      print(json.dumps(result))
      """
    let place = try Place(yaml)
    let made = try PrivatePython.run(["-c", make] + ["\(classes)"], in: place.folder)
    #expect(made.status == 0, "\(made.output)")
    try place.succeed("train", "config.yaml", "--output", "run", "--quiet")
    let checkpoint = try #require(try place.checkpoints("run").last)
    let json = try place.succeed("evaluate", checkpoint, "--data", "test.csv", "--json").json
    try place.succeed("predict", checkpoint, "--input", "test.csv", "--output", "p.csv", "--probabilities")
    try place.succeed("predict", checkpoint, "--input", "test.csv", "--output", "q.csv")
    let checked = try PrivatePython.run(["-c", check], in: place.folder)
    #expect(checked.status == 0, "\(checked.output)")
    let expected = try JSONSerialization.jsonObject(with: Data(checked.output.utf8)) as? [String: Any] ?? [:]
    for key in ["loss", "accuracy", "precision", "recall", "f1", "roc_auc"] + (classes > 5 ? ["top_5_accuracy"] : []) {
      let (found, wanted) = (json[key] as? Double ?? .nan, expected[key] as? Double ?? .nan)
      // The loss was summed over logits, the probabilities are float32.
      expectClose(
        actual: [found], expected: [wanted], absolute: key == "loss" ? 1e-6 : 1e-9,
        relative: key == "loss" ? 1e-5 : 1e-6, key)
    }
    #expect(json["confusion_matrix"] as? [[Int]] == expected["confusion"] as? [[Int]])
    #expect((json["classes"] as? [[String: Any]])?.map { $0["support"] as? Int } == expected["support"] as? [Int])
  }

  @Test func binaryCrossEntropyAndRegression() throws {
    let yaml = """
      data: {train: {npz: {path: t.npz, features: x, targets: y}}, standardize: true}
      model: {layers: [{dense: {units: 8}}, tanh, {dense: {units: 1}}]}
      loss: binary_cross_entropy
      optimizer: {adam: {learning_rate: 0.02}}
      training: {batch_size: 37, shards: 3, epochs: 3}

      """
    let make = """
      import numpy as np
      r = np.random.default_rng(3)
      x = r.normal(size=(403, 4))
      z = x @ [1, -2, 0.5, 0] + r.normal(size=403) * 0.3
      np.savez_compressed("t.npz", x=np.asfortranarray(x), y=(z > 0), z=z, names=np.arange(3))
      """
    let check = """
      import json, numpy as np, pandas as pd
      from sklearn import metrics
      t = np.load("t.npz")
      p, z, q = np.load("p.npy"), np.load("z.npy"), np.load("q.npy")
      assert p.shape == (403, 2) and p.dtype == np.float32 and (p.argmax(axis=1) == q).all() and q.dtype == np.int64 and z.shape == (403,)
      print(json.dumps(dict(roc_auc=metrics.roc_auc_score(t["y"], p[:, 1]), f1=metrics.f1_score(t["y"], q, average="macro"),
        r2=metrics.r2_score(t["z"].astype("f4"), z), root_mean_squared_error=metrics.mean_squared_error(t["z"].astype("f4").astype("f8"), z.astype("f8")) ** 0.5,
        mean_absolute_error=metrics.mean_absolute_error(t["z"].astype("f4").astype("f8"), z.astype("f8")))))
      """
    let place = try Place(yaml)
    try place.write(
      yaml.replacing("binary_cross_entropy", with: "mean_squared_error").replacing("targets: y", with: "targets: z"),
      to: "z.yaml")
    let made = try PrivatePython.run(["-c", make], in: place.folder)
    #expect(made.status == 0, "\(made.output)")
    var found: [String: Any] = [:]
    for (config, run) in [("config.yaml", "run"), ("z.yaml", "zrun")] {
      try place.succeed("train", config, "--output", run, "--quiet")
      let checkpoint = try #require(try place.checkpoints(run).last)
      found.merge(try place.succeed("evaluate", checkpoint, "--data", "t.npz", "--json").json) { first, _ in first }
      if run == "run" {
        try place.succeed("predict", checkpoint, "--input", "t.npz", "--output", "p.npy", "--probabilities")
        try place.succeed("predict", checkpoint, "--input", "t.npz", "--output", "q.npy")
      } else {
        try place.succeed("predict", checkpoint, "--input", "t.npz", "--output", "z.npy")
      }
    }
    let checked = try PrivatePython.run(["-c", check], in: place.folder)
    #expect(checked.status == 0, "\(checked.output)")
    let expected = try JSONSerialization.jsonObject(with: Data(checked.output.utf8)) as? [String: Any] ?? [:]
    for key in ["roc_auc", "f1", "r2", "root_mean_squared_error", "mean_absolute_error"] {
      expectClose(
        actual: [found[key] as? Double ?? .nan], expected: [expected[key] as? Double ?? .nan], absolute: 1e-6,
        relative: 1e-5, key)
    }
  }
}

private let python = PrivatePython.has("numpy", "pandas", "sklearn", "safetensors")
