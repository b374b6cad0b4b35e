import Foundation
import TestSupport
import Testing

@testable import LockstepFiles

@Suite("Preprocessing")
struct PreprocessingTests {
  @Test func readsBackBitForBit() throws {
    var generator = SeededGenerator(seed: 1)
    for _ in 0..<200 {
      let columns = (0..<1 + generator.next() % 5).map { _ -> Preprocessing.Column in
        let mean = Double(bitPattern: generator.next())
        let deviation = abs(Double(bitPattern: generator.next()))
        guard mean.isFinite, deviation.isNormal else {
          return .init(name: "q\"\\\n\u{2028}", kind: .category(["", "b,", "é"]))
        }
        return .init(name: generator.next() % 2 == 0 ? nil : "name", kind: .number(mean: mean, deviation: deviation))
      }
      let preprocessing = Preprocessing(
        columns: columns, targets: generator.next() % 2 == 0 ? .classes(["a", "b"]) : .numbers(3), targetNames: ["y"],
        isStandardized: true, fillsMissing: generator.next() % 2 == 0, samples: 7)
      #expect(Preprocessing(JSONValue.object(preprocessing.json).text) == preprocessing)
    }
    let plain = Preprocessing(identity: 784, .classification(classes: 3), samples: 5)
    #expect(JSONValue.object(plain.json).text.utf8.count < 200)
    #expect(Preprocessing(JSONValue.object(plain.json).text) == plain)
  }

  @Test(arguments: [
    "", "{}", "[]", #"{"samples":1,"standardize":true,"missing":"error","columns":[{"name":"a"}],"classes":["a"]}"#,
    #"{"samples":1,"standardize":true,"missing":"error","columns":[{"mean":1,"deviation":0}],"targets":1}"#,
    #"{"samples":1,"standardize":true,"missing":"error","columns":-1,"targets":1}"#,
  ])
  func whatIsNoneIsNotRead(text: String) { #expect(Preprocessing(text) == nil) }

  /// Against scikit-learn's StandardScaler and OneHotEncoder on a table that pandas has written.
  @Test(.enabled(if: python, PrivatePython.excuse))
  func agreesWithScikitLearn() throws {
    let script = """
      import numpy as np, pandas as pd
      from sklearn.preprocessing import StandardScaler, OneHotEncoder
      r = np.random.default_rng(1)
      n = 500
      frame = pd.DataFrame({"a": r.normal(1e6, 1, n), "b": r.exponential(size=n) * 1e-3, "c": r.choice(["x", "Y", "é, \\"q\\""], n),
        "d": r.integers(0, 9, n), "y": r.choice(["no", "yes"], n)})
      frame.to_csv("t.csv", index=False)
      read = pd.read_csv("t.csv")
      numbers = read[["a", "b", "d"]].astype("float32").astype("float64")
      scaler = StandardScaler().fit(numbers)
      scaled = scaler.transform(numbers)
      onehot = OneHotEncoder(sparse_output=False).fit_transform(read[["c"]])
      rows = np.column_stack([scaled[:, :2], onehot, scaled[:, 2:]])
      np.save("expected.npy", rows)
      np.save("classes.npy", (read["y"] == "yes").astype("i4"))
      """
    try withTemporaryFolder { folder in
      let outcome = try PrivatePython.run(["-c", script], in: folder)
      #expect(outcome.status == 0, "\(outcome.output)")
      let (_, inputs, targets) = try training(.csv("\(folder)/t.csv", standardize: true))
      let expected = rows(of: try ArrayFile.npy("\(folder)/expected.npy").values)
      #expect(targets == rows(of: try ArrayFile.npy("\(folder)/classes.npy").values))
      #expect(inputs.count == 500)
      for (row, wanted) in zip(inputs, expected) {
        expectClose(actual: row, expected: wanted.map(Double.init), absolute: 1e-6, relative: 1e-6)
      }
    }
  }

  /// A split keeps the same samples whatever the file is called, and whatever is done to its numbers.
  @Test func fingerprintsFollowFromContents() throws {
    try withTemporaryFolder { folder in
      let text = "a,y\n1,u\n2,v\n3,u\n4,v\n"
      try write(text, to: "\(folder)/t.csv")
      try write(text, to: "\(folder)/other.csv")
      try write(text.replacing("4", with: "5"), to: "\(folder)/changed.csv")
      func fingerprint(_ description: FileData.Description) throws -> String? {
        try FileData(opening: description).sets?.train.fingerprint
      }
      let own = try fingerprint(.csv("\(folder)/t.csv"))
      #expect(try fingerprint(.csv("\(folder)/other.csv")) == own)
      #expect(try fingerprint(.csv("\(folder)/changed.csv")) != own)
      #expect(try fingerprint(.csv("\(folder)/t.csv", standardize: true)) != own)
      #expect(try fingerprint(.csv("\(folder)/t.csv", split: .share(0.5, seed: 1))) != own)
      #expect(
        try fingerprint(.csv("\(folder)/t.csv", split: .share(0.5, seed: 1)))
          != fingerprint(.csv("\(folder)/t.csv", split: .share(0.5, seed: 2))))
    }
  }
}

private let python = PrivatePython.has("numpy", "pandas", "sklearn", "safetensors")
