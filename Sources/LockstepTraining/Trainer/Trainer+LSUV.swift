import LockstepData
import LockstepDeclarations
import LockstepKernels
import LockstepModel

/// Layer-sequential unit-variance initialisation — Mishkin, Matas 2015, "All you need is a good init",
/// https://arxiv.org/abs/1511.06422
///
/// Every dense weight starts as a random matrix with orthonormal rows or columns. Then, from the first layer to the
/// last, W ← W / √Var(x W + b), the variance over all units and rows of the first batches of the data, until |Var − 1|
/// < tolerance. What reaches a layer is thus measured with the layers before it as they will be, whatever their
/// activations.
public struct LSUV: Sendable, Equatable {
  /// How far from 1 the variance may stay.
  public var tolerance: Double
  /// Most measurements of a layer. One scaling does unless there is a bias.
  public var maxIterations: Int
  /// Rows to measure on, rounded up to whole batches, one epoch at most.
  public var samples: Int

  /// - Parameters:
  ///   - tolerance: in (0, 1).
  ///   - maxIterations: at least 1.
  ///   - samples: at least 1.
  public init(tolerance: Double = 0.1, maxIterations: Int = 10, samples: Int = 1024) {
    self.tolerance = tolerance
    self.maxIterations = maxIterations
    self.samples = samples
  }
}

extension Trainer {
  /// Scales the initial weights as `Options.lsuv` asks for, with the data that is attached. It happens once: here, or
  /// else in the first step; never in a trainer that resumes. Without `Options.lsuv` nothing happens.
  ///
  /// The batches are the run's first, and pass as in training: BatchNorm with their own statistics, random layers with
  /// the numbers of those steps. Dense layers before a BatchNorm are scaled too, and so is the last one. Variances are
  /// pooled in Double, along the tree in a batch and batch after batch.
  ///
  /// - Throws: `TrainingError` where no data is attached, or a layer's output has a variance by which nothing can be
  ///   divided, naming the layer.
  public func initializeFromData() throws(TrainingError) {
    try withFloatingPointEnvironment { () throws(TrainingError) in try normalizeVariances() }
  }

  private func normalizeVariances() throws(TrainingError) {
    guard let lsuv = options.lsuv, awaitsInitialization else { return }
    let (data, sampler) = try attached()
    var batches = 1
    while batches < sampler.stepsPerEpoch && sampler.samplesSeen(before: batches) < lsuv.samples { batches += 1 }
    ranks?.tell(.orthonormalize)
    coordinator.orthonormalize()
    let moments = Slots(repeating: ScalarMoments(), count: options.shards)
    // One batch stays in memory, so the forward pass goes on where it was left; several, or the micro-batches of one,
    // have to come through from the beginning.
    var first = 0
    for layer in network.denseLayers {
      for _ in 0..<lsuv.maxIterations {
        var pooled = ScalarMoments()
        for step in 0..<batches {
          let stages = first..<layer.stage + 1
          ranks?.tell(.measure(step: step, stages: Order.Bounds(stages)))
          let job = varianceJob(step: step, stages, moments, on: data, sampler)
          do throws(DatasetError) { pooled = .merge(pooled, try coordinator.measure(job)) } catch { throw .data(error) }
        }
        if batches == 1, microBatches == 1, ranks == nil { first = layer.stage }
        let variance = pooled.variance
        guard Float(variance).isNormal else { throw .outputNotScalable(layer: layer.path, variance: variance) }
        if abs(variance - 1) < lsuv.tolerance { break }
        let factor = Float(1 / variance.squareRoot())
        if let entry = network.parameters.entries.firstIndex(of: layer.weight) {
          ranks?.tell(.scale(entry: entry, factor: factor))
        }
        coordinator.scale(layer.weight, by: factor)
      }
    }
    restartAverage()
    awaitsInitialization = false
  }

  /// The outputs of the last of `stages` over the batch of a step.
  func varianceJob(
    step: Int, _ stages: Range<Int>, _ moments: Slots<ScalarMoments>, on data: any Dataset, _ sampler: Sampler
  ) -> OutputVarianceJob {
    let batch = sampler.batch(at: step)
    return OutputVarianceJob(pass: pass(of: batch), batch: batch, data: data, stages: stages, moments: moments)
  }
}

extension LSUV: Declared {
  package static let noun = "initialization"

  package static let declarations = [
    Declaration<LSUV>(
      "lsuv", LSUV(), "orthonormal weights, divided by the standard deviation of what they give — Mishkin, Matas 2015",
      Setting.number("tolerance", .inside, "how far from 1 the variance may stay"),
      Setting.integer("max_iterations", .times, "most measurements of a layer"),
      Setting.integer("samples", .size, "rows to measure on"),
      make: { LSUV(tolerance: $0, maxIterations: $1, samples: $2) },
      take: { ($0.tolerance, $0.maxIterations, $0.samples) })
  ]
}
