import Foundation
import LockstepKernels
import LockstepTraining
import TestSupport
import Testing

@testable import LockstepData
@testable import LockstepFormats
@testable import LockstepRuns

/// Features beside those of scikit-learn's StandardScaler, in float64 from the numbers of the file, whatever file it
/// is: what float32 would lose before the mean is taken away is not lost.
@Suite("Standardisation against scikit-learn", .enabled(if: python, PrivatePython.excuse))
struct StandardizationTests {
  /// Tables of floats and of whole numbers, each in every kind of file: times in seconds, 10⁸ + i mod 3, means of 10¹²,
  /// deviations of 10⁻²⁰, a constant, numbers beyond 2⁵³, which float64 rounds, too.
  private static let make = """
    import numpy as np, pandas as pd
    from safetensors.numpy import save_file
    r, n = np.random.default_rng(11), 503
    i = np.arange(n)
    floats = np.column_stack([1.7e9 + r.integers(0, 10**7, n), 1e8 + i % 3, 1e12 + r.normal(size=n), 1e-20 * r.normal(size=n), np.full(n, 0.1), r.normal(size=n),
      -5e6 + 0.001 * r.normal(size=n), r.exponential(size=n) * 1e15])
    whole = np.column_stack([1_700_000_000 + np.cumsum(r.integers(1, 99, n)), 10**8 + i % 3, 2**60 + 10**7 * r.permutation(n), 2**60 + 1000 * r.permutation(n), r.integers(0, 9, n), np.full(n, 7)])
    y = i % 2
    for name, table, types in [("floats", floats, ["f8"]), ("whole", whole, ["i8", "u8", "f8"])]:
        pd.DataFrame(table, columns=[f"c{k}" for k in range(table.shape[1])]).assign(y=y).to_csv(f"{name}.csv", index=False)
        for t in types:
            np.save(f"{name}-{t}.npy", table.astype(t))
            np.save(f"{name}-{t}-fortran.npy", np.asfortranarray(table.astype(t)))
            np.save(f"{name}-{t}-big.npy", table.astype(">" + t))
            np.savez_compressed(f"{name}-{t}.npz", x=table.astype(t), y=y)
            save_file({"x": table.astype(t), "y": y}, f"{name}-{t}.safetensors")
    np.save("y.npy", y)
    np.save("floats-f4.npy", floats[:, :6].astype("f4"))
    np.save("floats-f2.npy", r.normal(size=(n, 3)).astype("f2"))
    np.save("whole-i4.npy", whole[:, :2].astype("i4"))
    """

  /// The tolerance: float32 rounds once, by 2⁻²⁴, and the mean, which is rounded in float64 in either program, moves a
  /// number by at most 128 units in the last place of the largest number of its column, in deviations: it comes of a
  /// sum of some 500 numbers.
  private static let check = """
    import json, sys, numpy as np, pandas as pd
    from sklearn.preprocessing import StandardScaler
    for name in json.load(open("names.json")):
        x = pd.read_csv(name, float_precision="round_trip").drop(columns="y").to_numpy() if name.endswith(".csv") else np.load(name)["x"] if name.endswith(".npz") else None
        if name.endswith(".npy"): x = np.load(name)
        if x is None:
            from safetensors.numpy import load_file
            x = load_file(name)["x"]
        x = x.astype("f8")
        train = json.load(open(name + ".train.json"))
        scaler = StandardScaler().fit(x[train])
        expected = scaler.transform(x)
        np.save(name + ".expected.npy", expected)
        np.save(name + ".tolerance.npy", 2.0 ** -23 * np.abs(expected) + 128 * np.spacing(np.abs(x).max(axis=0)) / scaler.scale_)
    """

  private static let names =
    [
      "floats.csv", "whole.csv", "floats-f4.npy", "floats-f2.npy", "whole-i4.npy",
    ]
    + ["floats-f8", "whole-i8", "whole-u8", "whole-f8"].flatMap { name in
      [".npy", "-fortran.npy", "-big.npy", ".npz", ".safetensors"].map { name + $0 }
    }

  private func source(_ name: String, _ folder: String) -> FileSource {
    let path = "\(folder)/\(name)"
    if name.hasSuffix(".csv") { return .csv(CSVSource(path: path, targets: [.name("y")])) }
    if name.hasSuffix(".npz") { return .npz(path: path, features: "x", targets: "y") }
    if name.hasSuffix(".safetensors") { return .safetensors(path: path, features: "x", targets: "y") }
    return .npy(features: path, targets: "\(folder)/y.npy")
  }

  @Test(arguments: [
    nil, DataSplit.share(0.3, seed: 5, by: .random), .share(0.25, seed: 1, by: .last), .fold(1, of: 4, seed: 2),
  ])
  func everyFile(split: DataSplit?) throws {
    try withTemporaryFolder { folder in
      let made = try PrivatePython.run(["-c", Self.make], in: folder)
      try #require(made.status == 0, "\(made.output)")
      var opened: [(name: String, files: FileData)] = []
      for name in Self.names {
        let files = try FileData(
          opening: FileData.Description(train: source(name, folder), split: split, isStandardized: true, kind: .classes)
        )
        let train = files.sets.train
        let samples = (train as? DatasetView).map { view in (0..<view.count).map { view.sample($0) } }
        try write(samples ?? Array(0..<train.count), to: "\(folder)/\(name).train.json")
        opened.append((name, files))
      }
      try write(Self.names, to: "\(folder)/names.json")
      let checked = try PrivatePython.run(["-c", Self.check], in: folder)
      try #require(checked.status == 0, "\(checked.output)")
      for (name, files) in opened {
        let expected = try doubles("\(folder)/\(name).expected.npy")
        let tolerance = try doubles("\(folder)/\(name).tolerance.npy")
        let sets = files.sets
        // What is trained on, and what is held back.
        for side in [sets.train] + [sets.validation].compactMap({ $0 }) {
          let rows =
            (side as? DatasetView).map { view in (0..<view.count).map { view.sample($0) } } ?? Array(0..<side.count)
          compare(try inputs(of: side), rows.map { expected[$0] }, rows.map { tolerance[$0] }, name)
        }
        // What a checkpoint that reads back what it has recorded evaluates, and predicts.
        let recorded = try #require(Preprocessing(JSONValue.object(files.preprocessing.json).text))
        #expect(recorded == files.preprocessing)
        let evaluated = try FileData.samples(of: source(name, folder), recorded, withTargets: true)
        compare(try inputs(of: evaluated), expected, tolerance, "\(name), evaluated")
        compare(try predicted(source(name, folder), recorded), expected, tolerance, "\(name), predicted")
      }
    }
  }

  private func compare(_ found: [[Float]], _ expected: [[Double]], _ tolerance: [[Double]], _ what: String) {
    #expect(found.count == expected.count, "\(what)")
    var worst = (excess: 0.0, place: "")
    for (row, ((found, expected), tolerance)) in zip(zip(found, expected), tolerance).enumerated() {
      for column in expected.indices {
        let excess = abs(Double(found[column]) - expected[column]) / max(tolerance[column], 1e-300)
        if !(excess <= worst.excess) {
          worst = (excess, "row \(row), column \(column): \(found[column]), expected \(expected[column])")
        }
      }
    }
    #expect(worst.excess <= 1, "\(what): \(worst.excess) times the tolerance at \(worst.place)")
  }

  private func inputs(of data: any Dataset) throws -> [[Float]] {
    let memory = Arena(count: data.count * (data.features + 1))
    let x = memory.matrix(at: 0, rows: data.count, columns: data.features)
    let y = memory.matrix(at: data.count * data.features, rows: data.count, columns: 1)
    try data.fill(Array(0..<data.count).span, features: x, targets: y)
    return (0..<data.count).map { x.row($0).array }
  }

  /// Through the streams of `lockstep predict`, in blocks.
  private func predicted(_ source: FileSource, _ preprocessing: Preprocessing) throws -> [[Float]] {
    var stream: any SampleStream
    if case .csv(let table) = source {
      stream = try TableSampleStream(table, preprocessing, keeping: [], isStopped: nil)
    } else {
      stream = ArraySampleStream(try FileData.samples(of: source.withoutTargets, preprocessing, withTargets: false))
    }
    let memory = Arena(count: 100 * preprocessing.features)
    let block = memory.matrix(at: 0, rows: 100, columns: preprocessing.features)
    var rows: [[Float]] = []
    while true {
      let count = try stream.next(into: block)
      if count == 0 { return rows }
      rows += (0..<count).map { block.row($0).array }
    }
  }

  private func doubles(_ path: String) throws -> [[Double]] {
    let array = try ArrayFile.npy(path).values
    return (0..<array.rows).map { row in
      var values: [Double] = []
      array.forEach(row: row) { _, value in values.append(value) }
      return values
    }
  }

  private func write<Value: Encodable>(_ value: Value, to path: String) throws {
    try JSONEncoder().encode(value).write(to: URL(filePath: path))
  }
}

private let python = PrivatePython.has("numpy", "pandas", "sklearn", "safetensors")
