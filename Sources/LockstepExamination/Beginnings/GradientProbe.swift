import LockstepData
import LockstepKernels
import LockstepModel
import LockstepTraining

/// The loss of fixed samples and its gradient, at any weights: in training mode, by the shards of the run, with the
/// random layers of one step. Weights and gradients are those of all trained tensors, one behind the other.
final class GradientProbe {
  /// Batches that the samples make.
  let batches: Int
  let trainer: Trainer
  private let trained: [Tensor]

  /// - Parameters:
  ///   - trainer: that of the run; frozen tensors and running statistics are taken from it as they are now.
  ///   - samples: a whole number of batches.
  ///   - batch: samples of a batch.
  ///   - shards: in how many it is cut.
  init(
    like trainer: Trainer, on set: any Dataset, _ samples: [Int], batch: Int, shards: Int
  ) throws(TrainingError) {
    precondition(samples.count % batch == 0, "\(samples.count) samples in batches of \(batch)")
    var options = trainer.options
    (options.batch, options.shards, options.schedule, options.horizon) = (batch, shards, .constant, nil)
    (options.lsuv, options.weightAverage, options.clip) = (nil, nil, nil)
    (options.accumulate, options.regularization) = (1, .none)
    // The step itself is not wanted: it is as small as can be, and the weights are put back before the next.
    self.trainer = try Trainer(
      trainer.network.model, loss: trainer.loss, optimizer: .sgd(learningRate: 1e-30), options: options)
    try self.trainer.attach(SampledData(set, samples))
    for (mine, theirs) in zip(self.trainer.tensors, trainer.tensors) where mine.name.hasPrefix("model.") {
      mine.values.copy(from: theirs.values)
    }
    trained = Self.trained(self.trainer)
    batches = samples.count / batch
  }

  /// Those of a trainer.
  static func weights(_ trainer: Trainer) -> [Float] { trained(trainer).flatMap(\.values.array) }

  private static func trained(_ trainer: Trainer) -> [Tensor] {
    let entries = Set(trainer.network.parameters.entries.filter(\.training.isTrainable).map(\.name))
    return trainer.parameters.filter { entries.contains($0.name) }
  }

  /// At these weights, over one of the batches.
  ///
  /// - Throws: `TrainingError`, which is a divergence where numbers are not finite.
  func look(at weights: [Float], batch: Int = 0) throws(TrainingError) -> (loss: Double, gradient: [Float]) {
    var start = 0
    for tensor in trained {
      tensor.values.copy(from: Array(weights[start..<start + tensor.values.count]))
      start += tensor.values.count
    }
    trainer.resume(from: TrainerState(step: batch))
    let result = try trainer.step(keepingGradient: true)
    return (result.loss, trainer.gradients.flatMap(\.values.array))
  }
}

/// Sums over parameters, in Double in their order.
enum Flat {
  static func product(_ a: [Float], _ b: [Float]) -> Double {
    zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
  }

  static func norm(_ a: [Float]) -> Double { product(a, a).squareRoot() }
}
