import Foundation
import LockstepData
import LockstepKernels
import LockstepModel
import LockstepTraining
import TestSupport

/// Samples of a seed, without structure.
struct TestData: Dataset {
  let count: Int
  let features: Int
  let task: LearningTask
  private(set) var shape: Shape
  /// Seconds that it takes to fill rows whose first sample has an even number: then one worker is far behind another.
  var delay = 0.0
  private let x: [Float]
  private let y: [Float]

  /// Images.
  init(samples: Int, shape: Shape, task: LearningTask, seed: UInt64 = 7) {
    self.init(samples: samples, features: shape.count, task: task, seed: seed)
    self.shape = shape
  }

  init(samples: Int, features: Int, task: LearningTask, seed: UInt64 = 7) {
    var generator = SeededGenerator(seed: seed)
    shape = .features(features)
    (count, self.features, self.task) = (samples, features, task)
    x = generator.normal(samples * features)
    y =
      switch task {
      case .classification(let classes): generator.labels(samples, below: classes)
      case .regression(let targets): generator.normal(samples * targets)
      case .labels(let labels): generator.labels(samples * labels, below: 2)
      }
  }

  /// `x` and `y` in rows.
  init(features: Int, task: LearningTask, x: [Float], y: [Float]) {
    (count, self.features, self.task, self.x, self.y) = (x.count / features, features, task, x, y)
    shape = .features(features)
  }

  var fingerprint: String { "test data" }

  func target(of sample: Int) -> [Float] {
    Array(y[sample * task.targetColumns..<(sample + 1) * task.targetColumns])
  }

  func fill(_ indices: Span<Int>, features matrix: Matrix, targets: Matrix) throws(DatasetError) {
    let columns = targets.columns
    if delay > 0, indices.count > 0, indices[0] % 2 == 0 { Thread.sleep(forTimeInterval: delay) }
    for row in indices.indices {
      let sample = indices[row]
      for c in 0..<features { matrix[row, c] = x[sample * features + c] }
      for c in 0..<columns { targets[row, c] = y[sample * columns + c] }
    }
  }
}

/// A data set of one batch whose rows come in their own order at every step, whatever the sampler's order is, and may
/// change between steps.
///
/// `@unchecked Sendable`: the test writes between steps only, while the workers wait.
final class ScriptedData: Dataset, @unchecked Sendable {
  let count: Int
  let shape: Shape
  let task: LearningTask
  private var x: [Float] = []
  private var y: [Float] = []
  /// The row of the batch in which a sample comes.
  private var rows: [Int]

  init(rows count: Int, shape: Shape, task: LearningTask) {
    (self.count, self.shape, self.task) = (count, shape, task)
    rows = Array(0..<count)
  }

  convenience init(rows: Int, features: Int, task: LearningTask) {
    self.init(rows: rows, shape: .features(features), task: task)
  }

  var features: Int { shape.count }

  var fingerprint: String { "scripted" }

  /// Sets what the next step of `trainer`, to which this data is attached, sees: row r of the batch is row r of `x` and
  /// `y`.
  func prepare(_ trainer: Trainer, x: [Float], y: [Float]) {
    guard let batch = trainer.sampler?.batch(at: trainer.state.step) else { return }
    (self.x, self.y) = (x, y)
    for row in 0..<count { rows[batch.sample(row)] = row }
  }

  func fill(_ indices: Span<Int>, features matrix: Matrix, targets: Matrix) throws(DatasetError) {
    let (features, columns) = (features, targets.columns)
    for r in indices.indices {
      let row = rows[indices[r]]
      for c in 0..<features { matrix[r, c] = x[row * features + c] }
      for c in 0..<columns { targets[r, c] = y[row * columns + c] }
    }
  }
}

/// A data set in which one sample cannot be read.
struct UnreadableData: Dataset {
  let count: Int
  let features = 3
  let task = LearningTask.regression(targets: 1)
  let damaged: Int
  var fingerprint: String { "unreadable" }

  func fill(_ indices: Span<Int>, features: Matrix, targets: Matrix) throws(DatasetError) {
    for row in indices.indices where indices[row] == damaged { throw DatasetError("sample \(damaged) is damaged") }
    features.elements.fill(0.5)
    targets.elements.fill(1)
  }
}
