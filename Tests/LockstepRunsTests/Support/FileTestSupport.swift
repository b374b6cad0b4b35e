import Foundation
import LockstepFormats
import LockstepKernels
import LockstepRuns
import LockstepTraining
import TestSupport
import Testing

/// Tensors with memory of their own.
struct TestTensors {
  let records: [Tensor]

  /// Tensors of these shapes with values drawn from N(0, 1) by `seed`.
  init(_ tensors: [(name: String, shape: [Int])], seed: UInt64 = 1) {
    records = Tensor.zeros(tensors.map { TensorInfo($0.name, shape: $0.shape) })
    for (index, tensor) in records.enumerated() {
      RandomKey(seed: seed, purpose: .initialization).stream(UInt64(index)).normal(into: tensor.values)
    }
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
