import LockstepKernels
import LockstepModel
import TestSupport
import Testing

@testable import LockstepTraining

/// Clipping, L1, L2, decoupled decay and max-norm in the real step, against the same in Double.
@Suite struct RegularizationTests {
  private static let regularizations = [
    Regularization.none, Regularization(l1: 0.02), Regularization(l2: 0.1), Regularization(decoupled: 0.2),
    Regularization(maxNorm: 0.6),
    Regularization(l1: 0.01, l2: 0.05, decoupled: 0.1, maxNorm: 0.9),
    Regularization(l1: 0.01, l2: 0.05, decoupled: 0.1, maxNorm: 0.9, everything: true),
  ]

  /// Weights and biases after every step, in several units, shards and threads.
  @Test(arguments: [nil, GradientClip.globalNorm(0.4), .globalNorm(100), .value(0.1)] as [GradientClip?])
  func steps(_ clip: GradientClip?) throws {
    for regularization in RegularizationTests.regularizations {
      for (optimizer, shards) in [(Optimizer.sgd(learningRate: 0.1, momentum: 0.5), 1), (.adam(learningRate: 0.05), 3)]
      {
        try compare(optimizer, regularization, clip, shards: shards)
      }
    }
  }

  private func compare(_ optimizer: Optimizer, _ regularization: Regularization, _ clip: GradientClip?, shards: Int)
    throws
  {
    let (inputs, units) = (5, 3)
    let what = "\(optimizer.name), \(regularization), \(clip.map { "\($0)" } ?? "no clipping")"
    let run = try PrescribedGradient(
      inputs: inputs, units: units, bias: true, rows: 7, shards: shards, threads: 2, optimizer: optimizer,
      regularization: regularization, clip: clip)
    var generator = SeededGenerator(seed: 6)
    run.weight.copy(from: generator.uniform(inputs * units))
    run.bias.copy(from: generator.uniform(units))
    var weight = ReferenceParameters(run.weight.array.doubles, decays: true)
    var bias = ReferenceParameters(run.bias.array.doubles, decays: regularization.everything)
    for step in 1...6 {
      let x = generator.normal(inputs)
      let weightGradient = x.flatMap { [Double](repeating: Double($0) / Double(units), count: units) }
      let biasGradient = [Double](repeating: 1 / Double(units), count: units)
      let norm = (dotProduct(weightGradient, weightGradient) + dotProduct(biasGradient, biasGradient)).squareRoot()
      let result = try run.step(x)
      if case .globalNorm = clip {
        expectClose(actual: result.gradientNorm ?? .nan, expected: norm, "\(what): norm")
      } else {
        #expect(result.gradientNorm == nil)
      }
      weight.step(step, weightGradient, norm: norm, optimizer, regularization, clip)
      bias.step(step, biasGradient, norm: norm, optimizer, regularization, clip)
      if let limit = regularization.maxNorm {
        weight.values = Reference.maxNorm(weight.values, columns: units, limit: limit)
      }
      expectClose(
        actual: run.weight.array, expected: weight.values, absolute: 2e-6, "\(what): weight after step \(step)")
      expectClose(actual: run.bias.array, expected: bias.values, absolute: 2e-6, "\(what): bias after step \(step)")
    }
  }

  /// γ, β and slopes are spared, unless everything is asked for.
  @Test func whatDecays() throws {
    for everything in [false, true] {
      let trainer = try Trainer(
        Model(features: 3) {
          Dense(4)
          BatchNorm()
          PReLU()
          Dense(2)
        }, loss: .meanSquaredError,
        optimizer: .sgd(learningRate: 1e-30),
        options: Trainer.Options(
          batch: 8, shards: 2, regularization: Regularization(decoupled: 0.5e30, everything: everything)))
      try trainer.attach(TestData(samples: 8, features: 3, task: .regression(targets: 2)))
      for tensor in trainer.tensors { tensor.values.fill(1) }
      try trainer.step()
      for (entry, tensor) in zip(trainer.network.parameters.entries, trainer.tensors) {
        let halved = everything || entry.role == .weight
        #expect(tensor.values.array.allSatisfy { $0 == (halved ? 0.5 : 1) }, "\(entry.name), everything: \(everything)")
      }
    }
  }

  /// Decoupled decay follows the schedule: p is multiplied by 1 − rate · factor · decay.
  @Test func decayFollowsTheSchedule() throws {
    let schedule = Schedule.step(every: 1, gamma: 0.5)
    let run = try PrescribedGradient(
      inputs: 2, optimizer: .sgd(learningRate: 0.5), regularization: Regularization(decoupled: 0.4), schedule: schedule)
    run.weight.fill(1)
    var weight = 1.0
    for step in 0..<4 {
      try run.step([0, 0])
      weight *= 1 - 0.5 * schedule.factor(step: step, horizon: 0) * 0.4
      expectClose(actual: run.weight.array, expected: [weight, weight], "step \(step)")
    }
  }

  /// The same gradient, clipped or not, is the same direction; below the limit nothing changes.
  @Test func globalNormScalesAsPyTorchDoes() throws {
    let gradient: [Float] = [3, 4]
    for (limit, scale) in [(10.0, 1.0), (2.5, 2.5 / (5 + 1e-6)), (5, 5 / (5 + 1e-6))] {
      let run = try PrescribedGradient(inputs: 2, optimizer: .sgd(learningRate: 1), clip: .globalNorm(limit))
      run.weight.fill(0)
      try run.step(gradient)
      expectClose(
        actual: run.weight.array, expected: [-3 * scale, -4 * scale], absolute: 0, relative: 3e-7, "limit \(limit)")
    }
  }
}

/// Parameters with their optimizer's slots, in Double.
private struct ReferenceParameters {
  private var state: Reference.OptimizerState
  let decays: Bool

  init(_ values: [Double], decays: Bool) {
    (state, self.decays) = (Reference.OptimizerState(values), decays)
  }

  var values: [Double] {
    get { state.parameter }
    set { state.parameter = newValue }
  }

  mutating func step(
    _ step: Int, _ gradient: [Double], norm: Double, _ optimizer: Optimizer, _ regularization: Regularization,
    _ clip: GradientClip?
  ) {
    var (scale, limit) = (1.0, Double.infinity)
    switch clip {
    case .globalNorm(let bound): scale = min(1, bound / (norm + 1e-6))
    case .value(let bound): limit = bound
    case nil: break
    }
    let prepared = Reference.preparedGradient(
      gradient, parameter: values, scale: scale, limit: limit, l1: decays ? regularization.l1 : 0,
      l2: decays ? regularization.l2 : 0)
    let decay = decays ? regularization.decoupled : 0
    state.updates = step
    optimizer.formula.reference(&state, gradient: prepared, rate: optimizer.learningRate, decay: decay)
  }
}
