import Foundation
import TestSupport
import Testing

@testable import LockstepData
@testable import LockstepFormats

/// Arrays whose names Unicode takes for the same, in archives of NumPy and in safetensors: each is found by its own
/// bytes.
@Suite("Names of arrays", .enabled(if: PrivatePython.has("numpy", "safetensors"), PrivatePython.excuse))
struct ArrayNamesTests {
  @Test func twinsAreTwoArrays() throws {
    let script = """
      import json, numpy as np
      from safetensors.numpy import save_file
      for k, (a, b) in enumerate(json.load(open("pairs.json"))):
          y = np.arange(4) % 2
          both = {a: np.full((4, 2), 1.0), b: np.full((4, 2), 2.0), "y": y}
          np.savez(f"both{k}.npz", **both)
          np.savez_compressed(f"turned{k}.npz", **dict(reversed(list(both.items()))))
          save_file(both, f"both{k}.safetensors")
          np.savez(f"one{k}.npz", **{a: both[a], "y": y})
          save_file({a: both[a], "y": y}, f"one{k}.safetensors")
      """
    try withTemporaryFolder { folder in
      try JSONEncoder().encode(lookAlikes.map { [$0.0, $0.1] }).write(to: URL(filePath: "\(folder)/pairs.json"))
      let outcome = try PrivatePython.run(["-c", script], in: folder)
      try #require(outcome.status == 0, "\(outcome.output)")
      for (k, (a, b)) in lookAlikes.enumerated() {
        for (name, value) in [(a, 1.0), (b, 2.0)] {
          for file in ["both\(k).npz", "turned\(k).npz"] {
            #expect(try first(.npz("\(folder)/\(file)", array: name)) == value, "\(file)")
          }
          #expect(try first(.safetensors("\(folder)/both\(k).safetensors", tensor: name)) == value, "pair \(k)")
        }
        #expect(try first(.npz("\(folder)/one\(k).npz", array: a)) == 1)
        for open in [
          { try ArrayFile.npz("\(folder)/one\(k).npz", array: b) },
          { try ArrayFile.safetensors("\(folder)/one\(k).safetensors", tensor: b) },
        ] as [() throws -> ArrayFile] {
          let error = #expect(throws: DataFileError.self, "pair \(k)") { try open() }
          #expect(error.map { "\($0)".contains("code points differ") } == true, "\(error.map { "\($0)" } ?? "")")
        }
        // All the way, as training reads it: with both of them, and as targets.
        let files = try FileData(
          opening: FileData.Description(
            train: .npz(path: "\(folder)/both\(k).npz", features: a, targets: b), kind: .numbers))
        #expect(files.preprocessing.targets == .numbers(2))
      }
    }
  }

  private func first(_ file: ArrayFile) throws -> Double {
    var values: [Double] = []
    file.values.forEach(row: 0) { _, value in values.append(value) }
    return values.first ?? .nan
  }
}
