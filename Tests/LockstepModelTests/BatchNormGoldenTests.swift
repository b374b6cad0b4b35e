import LockstepKernels
import TestSupport
import Testing

@testable import LockstepModel

/// BatchNorm as a network runs it against PyTorch: shard statistics, gradients summed over the shards, running
/// statistics, inference.
@Suite struct BatchNormGoldenTests {
  @Test func shardStatistics() throws {
    let cases = try Golden.load("batch_norm.json").cases.elements
    #expect(!cases.isEmpty)
    for (index, golden) in cases.enumerated() {
      try check(golden, shards: try golden.shards.integer(), statistics: .shard, "case \(index)")
    }
  }

  /// With the statistics of the whole batch any number of shards gives what PyTorch gives for the batch in one piece; a
  /// shard may even be empty.
  @Test func batchStatistics() throws {
    let cases = try Golden.load("batch_norm.json").cases.elements.filter { try $0.shards.integer() == 1 }
    #expect(!cases.isEmpty)
    for (index, golden) in cases.enumerated() {
      for shards in [1, 2, 3, 4, 7, 40] {
        try check(golden, shards: shards, statistics: .batch, "case \(index) in \(shards) shards")
      }
    }
  }

  private func check(_ golden: Golden, shards: Int, statistics: BatchNorm.Statistics, _ what: String) throws {
    let (rows, features) = (try golden.rows.integer(), try golden.features.integer())
    let norm = BatchNorm(
      statistics: statistics, momentum: Float(try golden.momentum.number()), epsilon: Float(try golden.epsilon.number())
    )
    // A layer of weights before it makes the gradient go on to BatchNorm's input; as the identity it changes no bit of
    // the value.
    let model = Model(features: features, Dense(features, bias: false), norm)
    let trial = try NetworkTrial(model, rows: rows, shards: shards)
    if statistics == .shard {
      let starts = trial.shards.map(\.lowerBound) + [rows]
      #expect(starts == (try golden.shard_starts.numbers().map { Int($0) }), "\(what): shards begin elsewhere")
    }
    let layout = trial.network.parameters.entries
    try #require(layout.map(\.name) == ["dense0.weight", "batch_norm0.gamma", "batch_norm0.beta"])
    let identity = (0..<features * features).map { $0 / features == $0 % features ? Float(1) : 0 }
    trial.parameters.vector(layout[0]).copy(from: identity)
    trial.parameters.vector(layout[1]).copy(from: try golden.gamma.floats())
    trial.parameters.vector(layout[2]).copy(from: try golden.beta.floats())
    let statistics = trial.network.runningStatistics.entries
    try #require(statistics.map(\.name) == ["batch_norm0.running_mean", "batch_norm0.running_variance"])
    trial.running.vector(statistics[0]).copy(from: try golden.running_mean_before.floats())
    trial.running.vector(statistics[1]).copy(from: try golden.running_variance_before.floats())
    trial.load(features: try golden.x.floats())

    expectClose(
      actual: trial.forward(.inference), expected: try golden.y_inference_before.numbers(), "\(what): inference")
    expectClose(actual: trial.forward(), expected: try golden.y.numbers(), "\(what): y")

    let dy = try golden.dy.floats()
    for (shard, rows) in zip(trial.workspace.shards, trial.shards) {
      shard.outputGradient.elements.copy(from: Array(dy[rows.lowerBound * features..<rows.upperBound * features]))
    }
    trial.backward()
    // The dense layer, as the first with parameters, leaves what it was given where it was.
    let dx = trial.workspace.shards.flatMap { $0.valueGradient(0, width: features).elements.array }
    expectClose(actual: dx, expected: try golden.dx.numbers(), "\(what): dx")
    expectClose(
      actual: trial.gradient(layout[1]), expected: try golden.dgamma.numbers(), absolute: 2e-6, "\(what): dgamma")
    expectClose(
      actual: trial.gradient(layout[2]), expected: try golden.dbeta.numbers(), absolute: 2e-6, "\(what): dbeta")

    trial.foldRunningStatistics()
    expectClose(
      actual: trial.running.vector(statistics[0]).array, expected: try golden.running_mean_after.numbers(),
      "\(what): running mean")
    expectClose(
      actual: trial.running.vector(statistics[1]).array, expected: try golden.running_variance_after.numbers(),
      "\(what): running variance")
  }
}
