import LockstepData
import LockstepKernels
import LockstepModel

// What a rank does that another one leads.
extension Trainer {
  /// Does what rank 0 decides, until it has no more to be done.
  ///
  /// - Parameter validation: what rank 0 evaluates on, if there is anything.
  package func follow(validation: (any Dataset)? = nil) {
    guard let ranks else { return }
    let follower = Follower(self, ranks, validation)
    withFloatingPointEnvironment {
      while follower.obey(ranks.nextOrder()) {}
    }
  }
}

extension Trainer {
  /// Ends what the other ranks do for this one.
  package func dismiss() { ranks?.tell(.end) }
}

/// A rank that another one leads: it makes of each order the job that rank 0 has made. What comes of it rank 0 judges,
/// so nothing is thrown here.
private struct Follower {
  let trainer: Trainer
  let ranks: Ranks
  let validation: (any Dataset)?
  private var coordinator: Coordinator { trainer.coordinator }
  private let moments: Slots<ScalarMoments>
  private let population: PopulationStatistics

  init(_ trainer: Trainer, _ ranks: Ranks, _ validation: (any Dataset)?) {
    (self.trainer, self.ranks, self.validation) = (trainer, ranks, validation)
    moments = Slots(repeating: ScalarMoments(), count: trainer.options.shards)
    population = PopulationStatistics(of: trainer.network)
  }

  /// - Returns: whether more may come.
  func obey(_ task: Order.Task) -> Bool {
    switch task {
    case .end: return false
    case .step(let order):
      guard let (data, sampler) = try? trainer.attached() else { return false }
      coordinator.bounds = order.bounds
      _ = trainer.takeStep(trainer.job(order, on: data, sampler).job)
    case .evaluate(let samples, let keepsOutputs):
      guard let validation else { return false }
      let kept = keepsOutputs ? KeptOutputs(trainer.network, validation.task, batch: trainer.options.batch) : nil
      coordinator.evaluate(samples.range, of: validation, .float32, keeping: kept)
    case .exchangeAverage(let isShared): trainer.exchangeAverage(sharing: isShared)
    case .restartAverage: trainer.beginAverage()
    case .restart: coordinator.restart()
    case .orthonormalize: coordinator.orthonormalize()
    case .measure(let step, let stages):
      guard let (data, sampler) = try? trainer.attached() else { return false }
      _ = try? coordinator.measure(trainer.varianceJob(step: step, stages.range, moments, on: data, sampler))
    case .scale(let entry, let factor):
      coordinator.scale(trainer.network.parameters.entries[entry], by: factor)
    case .pool(let step):
      guard let (data, sampler) = try? trainer.attached() else { return false }
      try? coordinator.pool(trainer.populationJob(step: step, population, on: data, sampler))
    case .takeTensors: trainer.takeTensors()
    case .takeStatistics: trainer.takeStatistics()
    case .handOver(let tensor, let range): trainer.source(of: tensor)?.handOver(range.range)
    case .digest: _ = trainer.digests(ranks)
    }
    return true
  }
}
