import LockstepKernels
import LockstepModel
import LockstepTraining
import SampleSupport
import Testing

/// The gradient that a step keeps for whoever looks: the batch's, whatever is done to it afterwards, and without a
/// trace in the bits.
@Suite struct KeptGradientTests {
  private static func trainer(
    _ optimizer: Optimizer, clip: GradientClip? = nil, regularization: Regularization = .none, threads: Int = 2
  ) throws -> Trainer {
    let model = Model(features: 12) {
      Dense(96, bias: false)
      BatchNorm()
      PReLU()
      Dense(3)
    }
    let trainer = try Trainer(
      model, loss: .softmaxCrossEntropy, optimizer: optimizer,
      options: Trainer.Options(
        batch: 36, shards: 8, threads: .count(threads), seed: 3, regularization: regularization, clip: clip))
    try trainer.attach(TestData(samples: 100, features: 12, task: .classification(classes: 3)))
    return trainer
  }

  private static func bits(_ tensors: [Tensor]) -> [String: [UInt32]] {
    Dictionary(uniqueKeysWithValues: tensors.map { ($0.name, $0.values.array.map(\.bitPattern)) })
  }

  /// The first moment of Adam with β₁ = 0 is the gradient itself.
  @Test(arguments: [1, 2, 3, 8]) func isTheGradientOfTheBatch(threads: Int) throws {
    let trainer = try Self.trainer(.adam(learningRate: 0.01, beta1: 0), threads: threads)
    for _ in 0..<5 {
      try trainer.step(keepingGradient: true)
      let moments = trainer.tensors.filter { $0.name.hasPrefix("optimizer.first_moment.") }
      #expect(moments.map(\.name) == trainer.gradients.map { "optimizer.first_moment.\($0.name)" })
      for (gradient, moment) in zip(trainer.gradients, moments) {
        #expect(gradient.values.array == moment.values.array, "\(gradient.name)")
        #expect(gradient.values.array.contains { $0 != 0 })
      }
    }
    #expect(trainer.parameters.map(\.name) == trainer.gradients.map(\.name))
    #expect(trainer.parameters.map { "model.\($0.name)" } == trainer.tensors.prefix(6).map(\.name))
  }

  /// As it was before clipping and decay; the bits of the step are those of one that keeps nothing.
  @Test func nothingFollowsFromIt() throws {
    let plain = try Self.trainer(.sgd(learningRate: 0.05))
    try plain.step(keepingGradient: true)
    let expected = Self.bits(plain.gradients)
    let decay = Regularization(l1: 1e-4, l2: 1e-3, decoupled: 1e-3, maxNorm: 2)
    for clip in [nil, GradientClip.globalNorm(0.1), .value(1e-3)] {
      let unseen = try Self.trainer(.nadam(learningRate: 0.01), clip: clip, regularization: decay)
      let bits = TrainedBits(unseen, try (0..<6).map { _ in try unseen.step() })
      for threads in [1, 2, 5] {
        let seen = try Self.trainer(.nadam(learningRate: 0.01), clip: clip, regularization: decay, threads: threads)
        var steps = [try seen.step(keepingGradient: true)]
        #expect(Self.bits(seen.gradients) == expected)
        for step in 1..<6 { steps.append(try seen.step(observingLayers: step == 2, keepingGradient: step != 3)) }
        #expect(TrainedBits(seen, steps).difference(from: bits) == nil, "\(threads) threads")
      }
    }
  }
}
