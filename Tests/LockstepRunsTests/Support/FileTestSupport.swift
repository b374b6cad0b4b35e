import Foundation
import LockstepKernels
import LockstepRuns
import TestSupport
import Testing

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
