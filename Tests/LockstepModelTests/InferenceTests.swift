import LockstepKernels
import TestSupport
import Testing

@testable import LockstepModel

/// Inference: running statistics, no randomness, RReLU at its mean slope.
@Suite struct InferenceTests {
  private static let model = Model(
    features: 4, Dropout(rate: 0.5), Dense(9), BatchNorm(), RReLU(),
    residual(Dense(9), BatchNorm(statistics: .batch), PReLU(), AlphaDropout(rate: 0.2)), SELU(), Dense(3))

  @Test(arguments: testSeeds)
  func inferenceFollowsTheRunningStatistics(seed: UInt64) throws {
    for (rows, shards) in [(1, 1), (7, 3), (3, 8)] {
      let trial = try NetworkTrial(InferenceTests.model, rows: rows, shards: shards, seed: seed)
      var generator = SeededGenerator(seed: seed)
      trial.scramble(&generator)
      let x = generator.normal(rows * 4)
      trial.load(features: x)
      let reference = ReferenceNetwork(model: InferenceTests.model, seed: seed, shards: trial.shards, mode: .inference)
      expectClose(
        actual: trial.forward(.inference), expected: reference.outputs(x.doubles, trial.tensors), absolute: 1e-5,
        "seed \(seed), \(rows) rows in \(shards) shards")
    }
  }

  /// Looking changes nothing: neither parameters nor running statistics, nor what a pass in training computes
  /// afterwards.
  @Test func inferenceLeavesNoTrace() throws {
    let trial = try NetworkTrial(InferenceTests.model, rows: 12, shards: 4)
    var generator = SeededGenerator(seed: 8)
    trial.scramble(&generator)
    trial.load(features: generator.normal(12 * 4), targets: generator.normal(12 * 3))
    let before = trial.differentiate(step: 3)
    let gradients = trial.network.parameters.entries.map { trial.gradient($0) }
    let (parameters, running) = (trial.parameters.all.array, trial.running.all.array)
    trial.forward(.inference, step: 9)
    expectSameBits(trial.parameters.all.array, parameters, "parameters")
    expectSameBits(trial.running.all.array, running, "running statistics")
    #expect(trial.differentiate(step: 3) == before)
    #expect(trial.network.parameters.entries.map { trial.gradient($0) } == gradients)
  }

  /// Another step draws other numbers; the same step the same.
  @Test func randomLayersFollowTheStep() throws {
    let trial = try NetworkTrial(InferenceTests.model, rows: 12, shards: 4)
    var generator = SeededGenerator(seed: 9)
    trial.load(features: generator.normal(12 * 4))
    let first = trial.forward(step: 1)
    #expect(trial.forward(step: 2) != first)
    #expect(trial.forward(step: 1 + 1 << 32) != first)
    expectSameBits(trial.forward(step: 1), first, "step 1 again")
  }
}
