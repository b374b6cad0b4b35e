import LockstepKernels
import LockstepModel
import TestSupport
import Testing

@testable import LockstepTraining

/// A finite gradient from which an update would make a parameter, a slot or an average infinite is divergence of its
/// step: found before anything is changed, by whatever optimizer.
@Suite struct OverflowTests {
  /// Ten weights with gradients of all sizes, the largest given.
  private static func gradients(_ largest: Float) -> [Float] {
    [0, 1, -1, 1e-30, 3, 0.5, -2, largest, 7, 1e-3]
  }

  private func run(_ optimizer: Optimizer, threads: Int = 1, regularization: Regularization = .none) throws
    -> PrescribedGradient
  {
    try PrescribedGradient(
      inputs: 10, rows: 4, shards: 4, threads: threads, optimizer: optimizer, regularization: regularization)
  }

  /// What is not finite after the same kernels without a guard: the squares of 1e20 are not, 1e15 may be squared.
  @Test(
    arguments: [
      (.adagrad(learningRate: 0.1), "sum", 1e20), (.rmsprop(learningRate: 0.1), "square", 1e21),
      (.adam(learningRate: 0.1), "second_moment", 1e22), (.adamw(learningRate: 0.1), "second_moment", 1e22),
      (.nadam(learningRate: 0.1), "second_moment", 1e22),
    ] as [(Optimizer, String, Float)])
  func squares(optimizer: Optimizer, slot: String, gradient: Float) throws {
    var errors: [TrainingError] = []
    for threads in [1, 2, 3] {
      let run = try run(optimizer, threads: threads)
      try run.step(Self.gradients(1e15))
      try run.step(Self.gradients(-3))
      let (bits, state) = (run.trainer.tensorBits, run.trainer.state)
      let error = try #require(throws: TrainingError.self) { try run.step(Self.gradients(gradient)) }
      #expect(error == .updateNotFinite(step: 3, tensor: "the optimizer's \(slot) of dense0.weight"))
      #expect(error.isDivergence && "\(error)".contains("step 3") && "\(error)".contains(slot))
      #expect(run.trainer.tensorBits == bits && run.trainer.state == state, "the failing step has left a trace")
      // Going on with what is not too large works.
      run.trainer.skip()
      try run.step(Self.gradients(2))
      #expect(run.trainer.tensors.allSatisfy { $0.values.firstNonFinite == nil })
      errors.append(error)
    }
    #expect(Set(errors.map(\.description)).count == 1)
  }

  /// A velocity near the largest number: by a gradient that leaves it finite, and by one that does not.
  @Test func sumsOfGradients() throws {
    for (velocity, isFinite) in [(3.2e38, true), (3.3e38, false)] as [(Float, Bool)] {
      #expect((0.99 * velocity + 2e37).isFinite == isFinite)
      let run = try run(.sgd(learningRate: 2e-38, momentum: 0.99))
      let slot = try #require(run.trainer.tensors.first { $0.name.hasPrefix("optimizer.momentum.") })
      slot.values.fill(velocity)
      // Outputs above 0, so that the loss rises with them.
      run.weight.fill(0.5)
      if isFinite {
        try run.step(Self.gradients(2e37))
        #expect(slot.values[7] == 0.99 * velocity + 2e37)
      } else {
        #expect(throws: TrainingError.updateNotFinite(step: 1, tensor: "the optimizer's momentum of dense0.weight")) {
          try run.step(Self.gradients(2e37))
        }
        #expect(slot.values[7] == velocity)
      }
    }
  }

  /// Sums of biases' gradients count as those of weights, which are far smaller here.
  @Test func biases() throws {
    let trainer = try Trainer(
      Model(features: 3) { Dense(1) }, loss: .meanSquaredError, optimizer: .sgd(learningRate: 1e21),
      options: Trainer.Options(batch: 4, shards: 2))
    let data = ScriptedData(rows: 4, features: 3, task: .regression(targets: 1))
    try trainer.attach(data)
    data.prepare(
      trainer, x: [Float](repeating: 1e-18, count: 12), y: [Float](repeating: -1e18, count: 4))
    let bits = trainer.tensorBits
    #expect(throws: TrainingError.updateNotFinite(step: 1, tensor: "dense0.bias")) { try trainer.step() }
    #expect(trainer.tensorBits == bits)
  }

  /// Whoever has the tensors may write into them at any time: bounds from before are worth nothing then.
  @Test func whatIsWrittenBetweenSteps() throws {
    for threads in [1, 3] {
      let run = try run(.sgd(learningRate: 1e-3, momentum: 0.99), threads: threads)
      for _ in 0..<3 { try run.step(Self.gradients(1)) }
      let slot = try #require(run.trainer.tensors.first { $0.name.hasPrefix("optimizer.momentum.") })
      slot.values.fill(3.3e38)
      run.weight.fill(0.5)
      #expect(throws: TrainingError.updateNotFinite(step: 4, tensor: "the optimizer's momentum of dense0.weight")) {
        try run.step(Self.gradients(2e37))
      }
    }
  }

  /// The way from the average to the weight is longer than any number, though both are finite.
  @Test func averages() throws {
    let run = try PrescribedGradient(
      inputs: 10, rows: 4, shards: 4, optimizer: .sgd(learningRate: 0.1), weightAverage: WeightAverage(decay: 0.9))
    try run.step(Self.gradients(1))
    let average = try #require(run.trainer.tensors.first { $0.name.hasPrefix(Tensor.averagePrefix) })
    // Outputs above 0, so that the loss rises with them.
    run.weight.fill(1)
    average.values.fill(1)
    run.weight[4] = 2e38
    average.values[4] = -2e38
    let bits = run.trainer.tensorBits
    #expect(throws: TrainingError.updateNotFinite(step: 2, tensor: "the average of dense0.weight")) {
      try run.step([0, 1, -1, 1e-30, 0, 0.5, -2, 1, 7, 1e-3])
    }
    #expect(run.trainer.tensorBits == bits)
  }

  @Test func sumsOfSquares() throws {
    let run = try run(.adagrad(learningRate: 0.1))
    var sum: Float = 0
    for step in 1...100 {
      sum += 5e18 * 5e18
      if sum.isFinite {
        try run.step(Self.gradients(5e18))
      } else {
        let error = try #require(throws: TrainingError.self) { try run.step(Self.gradients(5e18)) }
        #expect(error == .updateNotFinite(step: step, tensor: "the optimizer's sum of dense0.weight"))
        return
      }
    }
    Issue.record("the sum is \(sum)")
  }

  /// The parameters themselves, by a rate that is too large, or by a decay that makes them grow.
  @Test func parameters() throws {
    for optimizer in [Optimizer.sgd(learningRate: 1e30), .adamax(learningRate: 1e37)] {
      let run = try run(optimizer)
      let bits = run.trainer.tensorBits
      #expect(throws: TrainingError.updateNotFinite(step: 1, tensor: "dense0.weight")) {
        try run.step(Self.gradients(1e12))
      }
      #expect(run.trainer.tensorBits == bits)
    }
    let decaying = try run(.sgd(learningRate: 1), regularization: Regularization(decoupled: 1e3))
    var (error, steps): (TrainingError?, Int) = (nil, 0)
    while error == nil && steps < 100 {
      do { try decaying.step(Self.gradients(1)) } catch let found as TrainingError { error = found }
      if error == nil { steps += 1 }
      #expect(decaying.trainer.tensors.allSatisfy { $0.values.firstNonFinite == nil })
    }
    // From below 1 it grows 999-fold a step: 38 decades are 12 or 13 steps.
    #expect(error == .updateNotFinite(step: steps + 1, tensor: "dense0.weight") && (10...14).contains(steps))
  }

  /// Where nothing overflows, guarded steps end with the bits of unguarded ones: large gradients before and after.
  @Test func leavesBitsAlone() throws {
    for optimizer in [Optimizer.adam(learningRate: 0.1), .rmsprop(learningRate: 0.1), .adagrad(learningRate: 0.1)] {
      let (guarded, plain) = (try run(optimizer, threads: 2), try run(optimizer))
      for step in 0..<20 {
        let gradients = Self.gradients(step % 3 == 0 ? 1e18 : 1)
        try guarded.step(gradients)
        // Asked for the tensors, it knows no bounds of them any more, and rehearses or measures anew.
        _ = plain.trainer.tensors
        try plain.step(gradients)
        #expect(guarded.trainer.tensorBits == plain.trainer.tensorBits)
      }
    }
  }

  /// By each rule, from anything that its bounds allow, no number comes out larger than the bounds say.
  @Test(arguments: testSeeds)
  func boundsHold(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let memory = TestMemory()
    let optimizers =
      Optimizer.all.map { $0.with(learningRate: 0.1) } + [
        .sgd(learningRate: 0.3, momentum: 0.9), .sgd(learningRate: 2, momentum: 0.5, nesterov: true),
        .adamax(learningRate: 0.1, epsilon: 1e-3),
      ]
    for optimizer in optimizers {
      for size in [1e-20, 1e-3, 1, 1e6, 1e17] as [Float] {
        let count = 100
        let gradient = memory.vector(generator.normal(count).map { $0 * size })
        let parameter = memory.vector(generator.normal(count))
        let slots = optimizer.slots.map { _ in memory.vector(generator.normal(count).map { abs($0) * size }) }
        func largest(_ vector: Vector?) -> Double { vector?.largestMagnitude.value ?? 0 }
        var progress = OptimizerProgress(updates: Int(generator.next() % 5))
        let rule = optimizer.rule(factor: 0.7, progress: &progress)
        let before = UpdateBounds(
          parameter: largest(parameter), first: largest(slots.first), second: largest(slots.dropFirst().first),
          average: 0)
        let after = try #require(before.after(rule, gradient: largest(gradient), keep: 1))
        rule.apply(
          to: parameter, gradient: gradient, first: slots.first, second: slots.dropFirst().first, keep: 1)
        let slack = 1 + 1e-6
        #expect(largest(parameter) <= after.parameter * slack, "\(optimizer.name), \(size)")
        #expect(largest(slots.first) <= after.first * slack, "\(optimizer.name), \(size)")
        #expect(largest(slots.dropFirst().first) <= after.second * slack, "\(optimizer.name), \(size)")
      }
    }
  }
}
