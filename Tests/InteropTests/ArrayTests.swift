import Foundation
import LockstepKernels
import LockstepTraining
import TestSupport
import Testing

@testable import LockstepData
@testable import LockstepFormats

/// Arrays that NumPy and the safetensors package have written, tables that pandas has.
@Suite("Arrays of NumPy, safetensors and pandas", .enabled(if: python, PrivatePython.excuse))
struct ArrayTests {
  /// Every type, order and byte order that NumPy writes.
  @Test func arraysOfNumPy() throws {
    let script = """
      import numpy as np
      from numpy.lib import format
      values = np.array([[0, 1, 2], [3, 100, 5], [1, 0, 127]])
      types = ["?", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f2", "f4", "f8"]
      for t in types:
          for order in "<>":
              for layout in "CF":
                  dtype = np.dtype(t).newbyteorder(order)
                  np.save(f"{t.replace('?', 'b')}{ord(order)}{layout}.npy", np.asarray(values.astype(dtype), order=layout))
      for version in [(1, 0), (2, 0), (3, 0)]:
          with open(f"v{version[0]}.npy", "wb") as file: format.write_array(file, values.astype("f4"), version)
      np.save("cube.npy", np.arange(24, dtype="f4").reshape(2, 3, 4))
      np.save("line.npy", np.arange(3, dtype="f8"))
      np.savez("plain.npz", x=values.astype("f4"), y=np.array([5, 7, 5]))
      np.savez_compressed("packed.npz", x=values.astype("f4"), y=np.array([5, 7, 5]))
      halves = np.array([0, -0.0, 1, -2.5, 65504, 6e-8, 6.1e-5, 3.14159], dtype="f2")
      np.save("halves.npy", halves.reshape(1, -1))
      print(",".join(repr(float(v)) for v in halves.astype("f4")))
      """
    try withTemporaryFolder { folder in
      let outcome = try PrivatePython.run(["-c", script], in: folder)
      #expect(outcome.status == 0, "\(outcome.output)")
      let values: [[Float]] = [[0, 1, 2], [3, 100, 5], [1, 0, 127]]
      for type in ["b", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f2", "f4", "f8"] {
        for order in [60, 62] {
          for layout in ["C", "F"] {
            let name = "\(type)\(order)\(layout)"
            let array = try ArrayFile.npy("\(folder)/\(name).npy")
            #expect(
              rows(of: array.values) == (type == "b" ? values.map { $0.map { $0 == 0 ? 0 : 1 } } : values), "\(name)")
            #expect(array.values.text(row: 1, column: 1).hasPrefix(type == "b" ? "1" : "100"), "\(name)")
          }
        }
      }
      for version in 1...3 { #expect(rows(of: try ArrayFile.npy("\(folder)/v\(version).npy").values) == values) }
      #expect(
        rows(of: try ArrayFile.npy("\(folder)/cube.npy").values) == [
          (0..<12).map { Float($0) }, (12..<24).map { Float($0) },
        ])
      #expect(rows(of: try ArrayFile.npy("\(folder)/line.npy").values) == [[0], [1], [2]])
      for name in ["plain", "packed"] {
        #expect(rows(of: try ArrayFile.npz("\(folder)/\(name).npz", array: "x").values) == values, "\(name)")
        #expect(rows(of: try ArrayFile.npz("\(folder)/\(name).npz", array: "y").values) == [[5], [7], [5]])
        let error = #expect(throws: DataFileError.self) { try ArrayFile.npz("\(folder)/\(name).npz", array: "z") }
        #expect("\(error.map(String.init(describing:)) ?? "")".contains("found no array z, expected one of x, y"))
        try damageEveryByte(of: "\(folder)/\(name).npz", in: folder)
      }
      let halves = outcome.output.split(separator: ",").map {
        Float($0.trimmingPrefix(" ").replacing("\n", with: "")) ?? .nan
      }
      #expect(
        rows(of: try ArrayFile.npy("\(folder)/halves.npy").values)[0].map(\.bitPattern) == halves.map(\.bitPattern))
    }
  }

  /// An archive whose every byte in turn is another, and that ends after every byte.
  private func damageEveryByte(of path: String, in folder: String) throws {
    let good = [UInt8](try Data(contentsOf: URL(filePath: path)))
    for at in stride(from: 0, to: good.count, by: 3) {
      for damaged in [Array(good[..<at]), good.enumerated().map { $0 == at ? $1 ^ 0xFF : $1 }] {
        try Data(damaged).write(to: URL(filePath: "\(folder)/damaged.npz"))
        if let array = try? ArrayFile.npz("\(folder)/damaged.npz", array: "x") { _ = rows(of: array.values) }
      }
    }
  }

  @Test func tensorsOfTheSafetensorsPackage() throws {
    let script = """
      import numpy as np
      from safetensors.numpy import save_file
      values = np.array([[0, 1, 2], [3, 100, 5]])
      types = {t: values.astype(t) for t in ["bool", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float16", "float32", "float64"]}
      save_file(types, "t.safetensors", metadata={"a": "b"})
      """
    try withTemporaryFolder { folder in
      let outcome = try PrivatePython.run(["-c", script], in: folder)
      #expect(outcome.status == 0, "\(outcome.output)")
      for type in [
        "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float16", "float32", "float64",
      ] {
        let array = try ArrayFile.safetensors("\(folder)/t.safetensors", tensor: type)
        #expect(rows(of: array.values) == [[0, 1, 2], [3, 100, 5]], "\(type)")
      }
    }
  }

  /// Against scikit-learn's StandardScaler and OneHotEncoder on a table that pandas has written: in float64, from the
  /// numbers of the file.
  @Test func agreesWithScikitLearn() throws {
    let script = """
      import numpy as np, pandas as pd
      from sklearn.preprocessing import StandardScaler, OneHotEncoder
      r = np.random.default_rng(1)
      n = 500
      frame = pd.DataFrame({"a": r.normal(1e6, 1, n), "b": r.exponential(size=n) * 1e-3, "c": r.choice(["x", "Y", "é, \\"q\\""], n),
        "d": r.integers(0, 9, n), "y": r.choice(["no", "yes"], n)})
      frame.to_csv("t.csv", index=False)
      read = pd.read_csv("t.csv")
      numbers = read[["a", "b", "d"]]
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
      let source = FileSource.csv(CSVSource(path: "\(folder)/t.csv", targets: [.name("y")]))
      let files = try FileData(opening: FileData.Description(train: source, isStandardized: true, kind: .classes))
      let data = files.sets.train
      let memory = Arena(count: data.count * (data.features + 1))
      let x = memory.matrix(at: 0, rows: data.count, columns: data.features)
      let y = memory.matrix(at: data.count * data.features, rows: data.count, columns: 1)
      try data.fill(Array(0..<data.count).span, features: x, targets: y)
      let (inputs, targets) = ((0..<data.count).map { x.row($0).array }, (0..<data.count).map { y.row($0).array })
      let expected = rows(of: try ArrayFile.npy("\(folder)/expected.npy").values)
      #expect(targets == rows(of: try ArrayFile.npy("\(folder)/classes.npy").values))
      #expect(inputs.count == 500)
      for (row, wanted) in zip(inputs, expected) {
        expectClose(actual: row, expected: wanted.map(Double.init), absolute: 1e-6, relative: 1e-6)
      }
    }
  }

  /// The rows of an array as float32.
  private func rows(of array: NumericArray) -> [[Float]] {
    let memory = Arena(count: array.columns)
    return (0..<array.rows).map { index in
      array.read(row: index, into: memory.all)
      return memory.all.array
    }
  }
}

private let python = PrivatePython.has("numpy", "pandas", "sklearn", "safetensors")
