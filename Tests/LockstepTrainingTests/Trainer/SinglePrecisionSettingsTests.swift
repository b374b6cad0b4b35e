import LockstepKernels
import LockstepModel
import LockstepTraining
import Testing

/// Kernels compute in float32: a setting must still be possible after rounding to it.
@Suite struct SinglePrecisionSettingsTests {
  private func error(
    _ optimizer: Optimizer = .sgd(learningRate: 0.1), _ loss: Loss = .meanSquaredError, maxNorm: Double? = nil
  ) -> String? {
    do throws(TrainingError) {
      let options = Trainer.Options(
        batch: 8, shards: 2, threads: .count(1), regularization: Regularization(maxNorm: maxNorm))
      _ = try Trainer(Model(features: 2) { Dense(1) }, loss: loss, optimizer: optimizer, options: options)
      return nil
    } catch { return error.description }
  }

  /// Zero, what is flushed to zero, and what is infinite in float32.
  @Test(arguments: [0, 1e-300, 1e-46, 1e-40, 1e39, 1e300])
  func epsilonOfNoUse(epsilon: Double) throws {
    let optimizers: [Optimizer] = [
      .adagrad(learningRate: 0.1, epsilon: epsilon), .rmsprop(learningRate: 0.1, epsilon: epsilon),
      .adam(learningRate: 0.1, epsilon: epsilon), .adamw(learningRate: 0.1, epsilon: epsilon),
      .nadam(learningRate: 0.1, epsilon: epsilon), .adamax(learningRate: 0.1, epsilon: epsilon),
    ]
    for optimizer in optimizers {
      let text = try #require(error(optimizer), "\(optimizer)")
      #expect(text.contains("\(optimizer.name).epsilon: found \(epsilon)") && text.contains("above 0"), "\(text)")
    }
    let text = try #require(error(maxNorm: epsilon))
    #expect(text.contains("regularization.max_norm: found \(epsilon)"), "\(text)")
  }

  @Test func smallestEpsilon() {
    let least = Double(Float.leastNormalMagnitude)
    #expect(error(.adam(learningRate: 0.1, epsilon: least), maxNorm: least) == nil)
  }

  /// Below 1 as a Double, 1 as a float32: the old value would never fade, or nothing of the new be taken.
  @Test func decayOfOne() throws {
    let nearly = 1 - 1e-9
    let optimizers: [Optimizer] = [
      .sgd(learningRate: 0.1, momentum: nearly), .rmsprop(learningRate: 0.1, decay: nearly),
      .adam(learningRate: 0.1, beta1: nearly), .adamw(learningRate: 0.1, beta2: nearly),
      .nadam(learningRate: 0.1, beta2: nearly), .adamax(learningRate: 0.1, beta1: nearly),
    ]
    for optimizer in optimizers {
      let text = try #require(error(optimizer), "\(optimizer)")
      #expect(text.contains("\(nearly)") && text.contains("below 1"), "\(text)")
    }
    #expect(error(.adam(learningRate: 0.1, beta1: 0, beta2: Double(Float(1).nextDown))) == nil)
  }

  @Test(arguments: [Float(-1), 0, .leastNonzeroMagnitude, .infinity, .nan]) func deltaOfHuber(delta: Float) throws {
    let text = try #require(error(.sgd(learningRate: 0.1), .huber(delta: delta)))
    #expect(text.contains("huber.delta: found \(delta)"), "\(text)")
  }

  @Test(arguments: [Float(-0.1), 1, 2, .nan, .infinity]) func labelSmoothing(smoothing: Float) throws {
    let text = try #require(error(.sgd(learningRate: 0.1), .softmaxCrossEntropy(labelSmoothing: smoothing)))
    #expect(text.contains("softmax_cross_entropy.label_smoothing: found \(smoothing)"), "\(text)")
    #expect(error(.sgd(learningRate: 0.1), .softmaxCrossEntropy(labelSmoothing: 0)) == nil)
  }
}
