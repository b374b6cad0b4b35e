import Foundation
import LockstepFiles
import LockstepKernels
import TestSupport
import Testing

/// The bytes of a file.
func bytes(of path: String) throws -> [UInt8] {
  Array(try Data(contentsOf: URL(fileURLWithPath: path)))
}

/// Writes a file, plainly.
func write(_ bytes: [UInt8], to path: String) throws {
  try Data(bytes).write(to: URL(fileURLWithPath: path))
}

/// Writes a file, plainly.
func write(_ text: String, to path: String) throws {
  try write(Array(text.utf8), to: path)
}

/// Tensors with memory of their own.
struct TestTensors {
  let records: [TensorRecord]

  /// Tensors of these shapes with values drawn from N(0, 1) by `seed`.
  init(_ tensors: [(name: String, shape: [Int])], seed: UInt64 = 1) {
    let counts = tensors.map { $0.shape.reduce(1, *) }
    let arena = Arena(count: counts.reduce(0, +))
    var offset = 0
    var records: [TensorRecord] = []
    for (index, tensor) in tensors.enumerated() {
      let values = arena.vector(at: offset, count: counts[index])
      RandomKey(seed: seed, purpose: .initialization).stream(UInt64(index)).normal(into: values)
      records.append(TensorRecord(name: tensor.name, shape: tensor.shape, values: values, owner: arena))
      offset += counts[index]
    }
    self.records = records
  }

  var values: [[Float]] { records.map(\.values.array) }

  /// A tensor for each of many odd shapes: a number, an empty one, a single element, primes.
  static func oddShapes(seed: UInt64 = 1) -> TestTensors {
    let shapes: [[Int]] = [
      [], [0], [1], [1, 1, 1], [3, 0, 5], [2], [7], [13, 17], [1, 31], [31, 1], [2, 3, 5, 7], [1009],
    ]
    return TestTensors(shapes.enumerated().map { ("model.\($0).weight", $1) }, seed: seed)
  }

  static func small(seed: UInt64 = 1) -> TestTensors {
    TestTensors(
      [("model.0.weight", [2, 3]), ("model.0.bias", [3]), ("optimizer.first.model.0.bias", [3])], seed: seed)
  }
}

/// What a program prints, and its exit status.
func run(_ program: String, _ arguments: [String]) throws -> (output: String, status: Int32) {
  let process = Process()
  let pipe = Pipe()
  process.executableURL = URL(fileURLWithPath: program)
  process.arguments = arguments
  process.standardOutput = pipe
  process.standardError = pipe
  try process.run()
  let output = pipe.fileHandleForReading.readDataToEndOfFile()
  process.waitUntilExit()
  return (String(decoding: output, as: UTF8.self), process.terminationStatus)
}
