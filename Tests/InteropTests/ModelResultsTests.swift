import Foundation
import LockstepFormats
import LockstepResults
import LockstepRuns
import LockstepStudies
import TestSupport
import Testing

/// The figures of results pages, recomputed by scikit-learn and pandas from what predict writes.
@Suite("Results against scikit-learn", .enabled(if: python, PrivatePython.excuse))
struct ModelResultsTests {
  @Test(arguments: [2, 4])
  func classes(classes: Int) throws {
    let place = try Place(Self.configuration("{dense: {units: \(classes)}}", "softmax_cross_entropy"))
    try Self.make(
      """
      from sklearn.datasets import make_classification
      k = \(classes)
      x, y = make_classification(1500, 5, n_informative=4, n_redundant=0, n_classes=k, n_clusters_per_class=1, class_sep=0.7, random_state=k)
      frame = pd.DataFrame(x * [1, 10, 0.1, 1, 1] + [0, 100, 0, 0, 0], columns=list("abcde"))
      frame["kind"] = np.random.default_rng(k).choice(["red", "green", "blue"], 1500)
      frame["label"] = [f"c{v}" for v in y]
      """, place)
    let check = """
      import json, numpy as np, pandas as pd
      from sklearn import metrics
      from sklearn.calibration import calibration_curve
      test = pd.read_csv("test.csv")
      p = pd.read_csv("p.csv")
      names, truth = list(p.columns), test["label"]
      guess = np.array(names)[p.values.argmax(axis=1)]
      which = [1] if len(names) == 2 else range(len(names))
      shown, said = calibration_curve(guess == truth, p.values.max(axis=1), n_bins=15, strategy="uniform")
      counts = np.histogram(p.values.max(axis=1), np.linspace(0, 1, 16))[0]
      loss = -np.log([p.values[i, names.index(t)] for i, t in enumerate(truth)])
      print(json.dumps(dict(
        roc=[metrics.roc_auc_score(truth == names[i], p.values[:, i]) for i in which],
        average=[metrics.average_precision_score(truth == names[i], p.values[:, i]) for i in which],
        share=shown.tolist(), confidence=said.tolist(), counts=counts[counts > 0].tolist(),
        ece=float((counts[counts > 0] / counts.sum() * np.abs(shown - said)).sum()),
        curves={names[i]: dict(
          roc=np.stack(metrics.roc_curve(truth == names[i], p.values[:, i], drop_intermediate=False)[:2], 1).tolist(),
          precision_recall=np.stack(metrics.precision_recall_curve(truth == names[i], p.values[:, i])[1::-1], 1).tolist()) for i in which},
        worst=np.argsort(-loss)[:12].tolist(), cells=pd.read_csv("test.csv", dtype=str).iloc[int(np.argmax(loss))][list("abcde") + ["kind"]].tolist(),
        mean=test[list("abcde")].mean().tolist(), std=test[list("abcde")].std(ddof=0).tolist(),
        least=test[list("abcde")].min().tolist(), largest=test[list("abcde")].max().tolist(),
        kinds=test["kind"].value_counts().sort_index().tolist())))
      """
    let (results, expected) = try Self.compare(place, check)
    guard case .classes(let found) = results.outcome else { return #expect(Bool(false), "no classes") }
    func close(_ key: String, _ actual: [Double], _ tolerance: Double) {
      expectClose(
        actual: actual, expected: expected[key] as? [Double] ?? [], absolute: tolerance, relative: tolerance, key)
    }
    let curves = found.classes.compactMap(\.curves)
    #expect(curves.count == (classes == 2 ? 1 : classes))
    // Probabilities are float32, scores are not: a tie of theirs may be none of ours.
    close("roc", curves.map(\.areaUnderROC), 1e-6)
    close("average", curves.map(\.averagePrecision), 1e-6)
    let bins = found.reliability.bins.filter { $0.count > 0 }
    #expect(bins.map(\.count) == expected["counts"] as? [Int])
    close("share", bins.compactMap(\.share), 1e-9)
    close("confidence", bins.compactMap(\.confidence), 1e-6)
    expectClose(
      actual: [found.reliability.expectedError], expected: [expected["ece"] as? Double ?? .nan], absolute: 1e-6,
      relative: 1e-6, "ece")
    #expect(results.worst.map(\.number) == expected["worst"] as? [Int])
    #expect(results.worst.map(\.row) == results.worst.map(\.number))
    #expect(results.worst.first?.cells == expected["cells"] as? [String])
    #expect(results.columns == ["a", "b", "c", "d", "e", "kind"])
    var numbers: [(mean: Double, deviation: Double, least: Double, largest: Double)] = []
    for case .numbers(let mean, let deviation, let least, let largest) in results.data.columns.map(\.content) {
      numbers.append((mean, deviation, least, largest))
    }
    // Inputs are float32, of about their deviation's size.
    close("mean", numbers.map(\.mean), 1e-5)
    close("std", numbers.map(\.deviation), 1e-5)
    close("least", numbers.map(\.least), 1e-5)
    close("largest", numbers.map(\.largest), 1e-5)
    guard case .categories(let kinds, let counts, let others) = results.data.columns[5].content else {
      return #expect(Bool(false), "no categories")
    }
    #expect(kinds == ["blue", "green", "red"] && others == 0 && counts == expected["kinds"] as? [Int])
  }

  @Test func labels() throws {
    let place = try Place(
      Self.configuration("{dense: {units: 3}}", "binary_cross_entropy", target: "target: [u, v, w]"))
    try Self.make(
      """
      from sklearn.datasets import make_multilabel_classification
      x, y = make_multilabel_classification(1500, 5, n_classes=3, random_state=7)
      frame = pd.DataFrame(x, columns=list("abcde"))
      for i, name in enumerate("uvw"): frame[name] = y[:, i]
      """, place)
    let check = """
      import json, numpy as np, pandas as pd
      from sklearn import metrics
      truth, p = pd.read_csv("test.csv")[list("uvw")].values, pd.read_csv("p.csv").values
      print(json.dumps(dict(
        roc=[metrics.roc_auc_score(truth[:, i], p[:, i]) for i in range(3)],
        average=[metrics.average_precision_score(truth[:, i], p[:, i]) for i in range(3)],
        curves={"uvw"[i]: dict(
          roc=np.stack(metrics.roc_curve(truth[:, i], p[:, i], drop_intermediate=False)[:2], 1).tolist(),
          precision_recall=np.stack(metrics.precision_recall_curve(truth[:, i], p[:, i])[1::-1], 1).tolist()) for i in range(3)},
        confusion=[metrics.confusion_matrix(truth[:, i], p[:, i] > 0.5).tolist() for i in range(3)])))
      """
    let (results, expected) = try Self.compare(place, check)
    guard case .labels(let found) = results.outcome else { return #expect(Bool(false), "no labels") }
    for (key, values) in [
      ("roc", found.map { $0.curves?.areaUnderROC ?? .nan }),
      ("average", found.map { $0.curves?.averagePrecision ?? .nan }),
    ] {
      expectClose(actual: values, expected: expected[key] as? [Double] ?? [], absolute: 1e-6, relative: 1e-6, key)
    }
    #expect(found.compactMap(\.confusion) == expected["confusion"] as? [[[Int]]])
    #expect(found.map(\.name) == ["u", "v", "w"])
  }

  @Test func numbers() throws {
    let place = try Place(
      Self.configuration(
        "{dense: {units: 2}}", "mean_squared_error", target: "target: [u, v]",
        standardize: "{features: true, targets: true}"))
    try Self.make(
      """
      x = np.random.default_rng(5).normal(size=(1500, 3))
      frame = pd.DataFrame(x, columns=list("abc"))
      frame["u"], frame["v"] = 100 * x[:, 0] + 3000, x[:, 1] * x[:, 2] / 100
      """, place)
    let check = """
      import json, numpy as np, pandas as pd
      from sklearn import metrics
      truth, p = pd.read_csv("test.csv")[["u", "v"]].values, pd.read_csv("p.csv").values
      scaled = (p - truth) / pd.read_csv("t.csv")[["u", "v"]].std(ddof=0).values
      error = p - truth
      print(json.dumps(dict(
        pairs=[np.stack([truth[:, i], p[:, i]], 1).tolist() for i in range(2)],
        rmse=[metrics.mean_squared_error(truth[:, i], p[:, i]) ** 0.5 for i in range(2)],
        r2=[metrics.r2_score(truth[:, i], p[:, i]) for i in range(2)],
        histogram=[np.histogram(error[:, i], 40)[0].tolist() for i in range(2)],
        worst=np.argsort(-(scaled ** 2).mean(axis=1))[:12].tolist())))
      """
    let (results, expected) = try Self.compare(place, check)
    guard case .targets(let found) = results.outcome else { return #expect(Bool(false), "no targets") }
    for (key, values) in [("rmse", found.map(\.figures.rootMeanSquaredError)), ("r2", found.map(\.figures.r2))] {
      expectClose(actual: values, expected: expected[key] as? [Double] ?? [], absolute: 1e-6, relative: 1e-5, key)
    }
    #expect(results.worst.map(\.number) == expected["worst"] as? [Int])
    #expect(found.allSatisfy { $0.pairs.count == 500 && $0.residuals?.counts.reduce(0, +) == 600 })
    for (target, counts) in zip(found, expected["histogram"] as? [[Int]] ?? []) {
      // A number at the edge of two bins may fall on either side.
      let moved = zip(target.residuals?.counts ?? [], counts).reduce(0) { $0 + abs($1.0 - $1.1) }
      #expect(moved <= 4 && counts.count == 40, "\(target.name): \(counts)")
    }
  }

  // MARK: A run and what Python makes of it

  private static func configuration(
    _ last: String, _ loss: String, target: String = "target: label", standardize: String = "true"
  ) -> String {
    """
    data: {train: {csv: {path: t.csv, \(target)}}, standardize: \(standardize)}
    model: {layers: [{dense: {units: 8}}, tanh, \(last)]}
    loss: \(loss)
    optimizer: {adam: {learning_rate: 0.02}}
    training: {batch_size: 37, shards: 3, epochs: 3}

    """
  }

  private static func make(_ script: String, _ place: Place) throws {
    let whole = """
      import numpy as np, pandas as pd
      \(script)
      frame[:900].to_csv("t.csv", index=False)
      frame[900:].to_csv("test.csv", index=False)
      """
    let made = try PrivatePython.run(["-c", whole], in: place.folder)
    #expect(made.status == 0, "\(made.output)")
  }

  private static func compare(
    _ place: Place, _ check: String
  ) throws -> (results: ModelResults, expected: [String: Any]) {
    try place.succeed("train", "config.yaml", "--output", "run", "--quiet")
    let checkpoint = try #require(try place.checkpoints("run").last)
    let isNumbers = check.contains("r2_score")
    if isNumbers {
      try place.succeed("predict", checkpoint, "--input", "test.csv", "--output", "p.csv")
    } else {
      try place.succeed("predict", checkpoint, "--input", "test.csv", "--output", "p.csv", "--probabilities")
    }
    let checked = try PrivatePython.run(["-c", check], in: place.folder)
    #expect(checked.status == 0, "\(checked.output)")
    let expected = try JSONSerialization.jsonObject(with: Data(checked.output.utf8)) as? [String: Any] ?? [:]
    let path = place.path(checkpoint)
    let source = try TrainedModel.source(place.path("test.csv"), label: "--data", checkpoint: path)
    let results = try ModelResults(checkpoint: path, on: source, threads: 2)
    let alone = try ModelResults(checkpoint: path, on: source, threads: 1)
    #expect(results.outcome == alone.outcome && results.worst == alone.worst && results.data == alone.data)
    try told(results.json(EvaluationReport(checkpoint: path, on: source, threads: 2)), expected)
    return (results, expected)
  }

  /// Whether the points of pictures lie where scikit-learn has some, and the summary of the data is that of pandas.
  private static func drawn(_ json: JSONObject, _ expected: [String: Any]) throws {
    func numbers(_ value: JSONValue?) -> [Double] { value?.array?.compactMap(\.number) ?? [] }
    /// The share of points that are none of `known`.
    func strange(_ x: [Double], _ y: [Double], _ known: [[Double]]) -> Double {
      #expect(x.count == y.count && x.count > 10 && x.count < 700)
      let others = zip(x, y).count { point in
        !known.contains { abs($0[0] - point.0) < 1e-6 && abs($0[1] - point.1) < 1e-6 * max(1, abs(point.1)) }
      }
      return Double(others) / Double(max(1, x.count))
    }
    if let curves = expected["curves"] as? [String: [String: [[Double]]]] {
      let found = json["curves"]?.array?.compactMap(\.object) ?? []
      #expect(Set(found.compactMap { $0["name"]?.string }) == Set(curves.keys) && found.count == curves.count)
      for curve in found {
        let known = try #require(curves[curve["name"]?.string ?? ""])
        let (roc, ranking) = (curve["roc"]?.object, curve["precision_recall"]?.object)
        let (alarms, hits) = (numbers(roc?["false_positive_rate"]), numbers(roc?["true_positive_rate"]))
        #expect(alarms.first == 0 && hits.first == 0 && alarms.last == 1 && hits.last == 1)
        // Probabilities are float32, scores are not: a tie may be none of ours.
        #expect(strange(alarms, hits, known["roc"] ?? []) < 0.02)
        let shares = (numbers(ranking?["recall"]), numbers(ranking?["precision"]))
        #expect(shares.0.last == 1 && strange(shares.0, shares.1, known["precision_recall"] ?? []) < 0.02)
      }
    } else {
      #expect(json["curves"] == nil)
    }
    if let pairs = expected["pairs"] as? [[[Double]]] {
      let points = json["targets"]?.array?.compactMap { $0.object?["points"]?.object } ?? []
      #expect(points.count == pairs.count)
      for (found, known) in zip(points, pairs) {
        // Files hold numbers of float32, some of them times a thousand.
        let unit = known.map { abs($0[1]) }.max() ?? 1
        let (truths, predictions) = (numbers(found["true"]), numbers(found["predicted"]))
        #expect(truths.count == 500)
        #expect(
          strange(truths.map { $0 / unit }, predictions.map { $0 / unit }, known.map { $0.map { $0 / unit } }) == 0)
      }
    }
    let columns = json["data"]?.object?["columns"]?.array?.compactMap(\.object) ?? []
    #expect(json["data"]?.object?["available"]?.integer == columns.count && columns.count >= 3)
    if let kinds = expected["kinds"] as? [Int] {
      let found = columns.last?["categories"]?.array?.compactMap { $0.object?["count"]?.integer }
      #expect(found == kinds && columns.last?["others"]?.integer == 0)
    }
    for (key, name) in [("mean", "mean"), ("std", "deviation"), ("least", "least"), ("largest", "largest")] {
      guard let values = expected[key] as? [Double] else { continue }
      expectClose(
        actual: columns.compactMap { $0[name]?.number }, expected: values, absolute: 1e-5, relative: 1e-5, name)
    }
  }

  /// Whether a script reads in `evaluate --json` what scikit-learn makes of the same samples.
  private static func told(_ json: JSONObject, _ expected: [String: Any]) throws {
    let parts = try #require((json["classes"] ?? json["labels"] ?? json["targets"])?.array).map { $0.object }
    #expect(json["worst_samples"]?.array?.count == 12 && json["columns"]?.array?.isEmpty == false)
    if let worst = expected["worst"] as? [Int] {
      #expect(json["worst_samples"]?.array?.map { $0.object?["number"]?.integer } == worst.map { $0 })
    }
    for (key, name) in [("average", "average_precision"), ("rmse", "root_mean_squared_error"), ("r2", "r2")] {
      guard let values = expected[key] as? [Double] else { continue }
      expectClose(
        actual: parts.compactMap { $0?[name]?.number }, expected: values, absolute: 1e-6, relative: 1e-5, name)
    }
    if let matrices = expected["confusion"] as? [[[Int]]] {
      let found = parts.map { $0?["confusion_matrix"]?.array?.map { $0.array?.map { $0.integer ?? -1 } ?? [] } ?? [] }
      #expect(found == matrices)
    }
    try drawn(json, expected)
    if let error = expected["ece"] as? Double, let counts = expected["counts"] as? [Int] {
      let calibration = try #require(json["calibration"]?.object)
      expectClose(
        actual: [calibration["expected_error"]?.number ?? .nan], expected: [error], absolute: 1e-6, relative: 1e-6,
        "expected_error")
      let found = calibration["bins"]?.array?.compactMap { $0.object?["count"]?.integer } ?? []
      #expect(found.count == 15 && found.filter { $0 > 0 } == counts)
    }
    if expected["r2"] != nil {
      let sums = parts.map {
        $0?["residuals"]?.object?["counts"]?.array?.compactMap(\.integer).reduce(0, +)
      }
      #expect(sums == [600, 600])
    }
  }
}

private let python = PrivatePython.has("numpy", "pandas", "sklearn")
