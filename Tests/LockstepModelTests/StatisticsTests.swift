import LockstepKernels
import TestSupport
import Testing

@testable import LockstepModel

/// BatchNorm's statistics over shards.
@Suite struct StatisticsTests {
  /// With `statistics: batch` a batch in many shards is the batch in one, to rounding: outputs, gradients, running
  /// statistics.
  @Test(arguments: testSeeds)
  func batchStatisticsDoNotDependOnShards(seed: UInt64) throws {
    let norm = BatchNorm(statistics: .batch)
    let model = Model(features: 6, norm, Dense(13, bias: false), norm, GELU(), residual(norm, Dense(13)), Dense(3))
    let rows = 29
    var generator = SeededGenerator(seed: seed)
    let (x, labels) = (generator.normal(rows * 6), generator.labels(rows, below: 3))
    var whole: (outputs: [Float], gradients: [[Double]], running: [Double])?
    for shards in [1, 2, 3, 4, 5, 8, 29, 64] {
      let trial = try NetworkTrial(model, loss: .softmaxCrossEntropy, rows: rows, shards: shards)
      var weights = SeededGenerator(seed: seed)
      trial.scramble(&weights)
      trial.load(features: x, targets: labels)
      _ = trial.differentiate()
      trial.foldRunningStatistics()
      let outputs = trial.workspace.shards.flatMap { $0.output.elements.array }
      let gradients = trial.network.parameters.entries.map { trial.gradient($0) }
      let running = trial.network.runningStatistics.entries.flatMap { trial.running.vector($0).array.doubles }
      guard let first = whole else {
        whole = (outputs, gradients, running)
        continue
      }
      expectClose(
        actual: outputs, expected: first.outputs.doubles, absolute: 1e-5, "outputs, seed \(seed), \(shards) shards")
      expectClose(actual: running, expected: first.running, "running statistics, seed \(seed), \(shards) shards")
      for (tensor, entry) in trial.network.parameters.entries.enumerated() {
        let largest = first.gradients[tensor].reduce(0) { max($0, abs($1)) }
        expectClose(
          actual: gradients[tensor], expected: first.gradients[tensor], absolute: 1e-6 + 1e-4 * largest,
          "\(entry.name), seed \(seed), \(shards) shards")
      }
    }
  }

  /// The running variance is that of the whole batch: the variance between the shards' means counts, which the mean of
  /// the shards' variances would drop.
  @Test(arguments: BatchNorm.Statistics.allCases)
  func runningStatisticsArePooled(_ statistics: BatchNorm.Statistics) throws {
    let model = Model(features: 1, BatchNorm(statistics: statistics, momentum: 0), Dense(1))
    let trial = try NetworkTrial(model, rows: 8, shards: 4)
    // Within a shard ±1 about 0, 10, 20, 30: variance 1 within, 125 between.
    trial.load(features: [-1, 1, 9, 11, 19, 21, 29, 31], targets: [Float](repeating: 0, count: 8))
    _ = trial.differentiate()
    trial.foldRunningStatistics()
    let running = trial.network.runningStatistics.entries.flatMap { trial.running.vector($0).array }
    expectClose(actual: running, expected: [15, 126], "mean and variance")
  }

  /// A hundred thousand rows far from zero: two passes and the merge along the tree keep the digits that Σx² − (Σx)²
  /// loses.
  @Test func statisticsFarFromZero() throws {
    let rows = 4096
    let model = Model(features: 1, BatchNorm(statistics: .batch, momentum: 0), Dense(1))
    let trial = try NetworkTrial(model, rows: rows, shards: 7)
    let x = (0..<rows).map { 10_000 + Float($0 % 2) }
    trial.load(features: x, targets: x)
    trial.forward()
    trial.foldRunningStatistics()
    let variance = trial.running.vector(trial.network.runningStatistics.entries[1])[0]
    expectClose(actual: Double(variance), expected: 0.25, relative: 1e-3, "variance")
  }

  /// Who folds which BatchNorm makes no difference, and each is folded once.
  @Test func foldingIsShared() throws {
    let model = Model(features: 3, repeated(5, BatchNorm(), Dense(3), BatchNorm(statistics: .batch)))
    var generator = SeededGenerator(seed: 5)
    let x = generator.normal(12 * 3)
    var first: [Float] = []
    for workers in 1...4 {
      let trial = try NetworkTrial(model, rows: 12, shards: 4, workers: workers)
      trial.load(features: x)
      trial.forward()
      trial.foldRunningStatistics()
      let bits = trial.running.all.array
      if workers == 1 { first = bits } else { expectSameBits(bits, first, "\(workers) workers") }
    }
  }
}
