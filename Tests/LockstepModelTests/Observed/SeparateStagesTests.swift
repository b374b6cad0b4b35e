import LockstepKernels
import LockstepModel
import TestSupport
import Testing

/// A network whose stages are apart computes what the one that is trained computes, to the last bit.
@Suite struct SeparateStagesTests {
  /// 2x / (1 + |x|)
  private struct Squash: CustomActivation {
    let name = "squash"
    func value(at x: Float) -> Float { 2 * x / (1 + abs(x)) }
    func derivative(at x: Float) -> Float { 2 / ((1 + abs(x)) * (1 + abs(x))) }
  }

  private static let activations = Activation.declarations.map { declaration -> Activation in
    if case .custom = declaration.standard { .custom(NamedActivation(Squash())) } else { declaration.standard }
  }

  @Test(arguments: activations)
  func bitsAreTheSame(activation: Activation) throws {
    let models = [
      Model(features: 6, Dense(9), activation, Dense(7), activation, Dense(3)),
      Model(features: 6, Dense(9, bias: false), BatchNorm(), activation, Dense(8), activation, BatchNorm(), Dense(3)),
      Model(
        features: 6, Dense(8), residual(BatchNorm(statistics: .batch), activation, Dense(8)), activation,
        Dropout(rate: 0.2), Dense(3)),
    ]
    for model in models {
      var outcomes: [(outputs: [Float], gradients: [[Double]])] = []
      for isSeparate in [false, true] {
        let trial = try NetworkTrial(
          model, loss: .softmaxCrossEntropy, rows: 37, shards: 3, seed: 4, separatingStages: isSeparate)
        var generator = SeededGenerator(seed: 8)
        trial.scramble(&generator)
        trial.load(features: generator.normal(37 * 6), targets: generator.labels(37, below: 3))
        let outputs = trial.forward(step: 2)
        _ = trial.differentiate(step: 2)
        outcomes.append((outputs, trial.network.parameters.entries.map { trial.gradient($0) }))
      }
      #expect(outcomes[0].outputs == outcomes[1].outputs, "\(model)")
      #expect(outcomes[0].gradients == outcomes[1].gradients, "\(model)")
    }
  }
}
