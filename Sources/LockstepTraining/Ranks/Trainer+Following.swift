import LockstepData
import LockstepKernels
import LockstepModel

// What a rank does that another one leads.
extension Trainer {
  /// Does what rank 0 decides, until it has no more to be done.
  ///
  /// - Parameter validation: what rank 0 evaluates on, if there is anything.
  /// - Returns: the status with which this process shall end.
  @discardableResult
  package func follow(validation: (any Dataset)? = nil) -> Int32 {
    guard let ranks else { return 0 }
    let follower = Follower(self, ranks, validation)
    return withFloatingPointEnvironment {
      while true {
        let order = ranks.communicator.nextOrder()
        if case .end(let status) = order { return status }
        follower.obey(order)
      }
    }
  }
}

extension Trainer {
  /// Ends what the other ranks do for this one.
  package func dismiss() { ranks?.tell(.end(status: 0)) }
}

/// A rank that another one leads: it makes of each order the job that rank 0 has made. What comes of it rank 0 judges,
/// so nothing is thrown here.
private struct Follower {
  let trainer: Trainer
  let ranks: Ranks
  let validation: (any Dataset)?
  private let data: any Dataset
  private let sampler: Sampler
  private var coordinator: Coordinator { trainer.coordinator }
  private let moments: Slots<ScalarMoments>
  private let population: PopulationStatistics

  init(_ trainer: Trainer, _ ranks: Ranks, _ validation: (any Dataset)?) {
    guard let (data, sampler) = try? trainer.attached() else { preconditionFailure("no data is attached") }
    (self.trainer, self.ranks, self.validation) = (trainer, ranks, validation)
    (self.data, self.sampler) = (data, sampler)
    moments = Slots(repeating: ScalarMoments(), count: trainer.options.shards)
    population = PopulationStatistics(of: trainer.network)
  }

  func obey(_ task: Order.Task) {
    switch task {
    case .end: break
    case .step(let order):
      coordinator.bounds = order.bounds
      _ = trainer.takeStep(trainer.job(order, on: data, sampler).job)
    case .evaluate(let samples, let keepsOutputs):
      guard let validation else { preconditionFailure("rank 0 evaluates on data that this rank was not given") }
      let kept = keepsOutputs ? KeptOutputs(trainer.network, validation.task, batch: trainer.options.batch) : nil
      _ = coordinator.evaluate(
        samples.range, of: validation, .float32, keeping: kept,
        obstacle: keepsOutputs && kept == nil ? KeptOutputs.refusal : nil)
    case .exchangeAverage(let isShared): trainer.exchangeAverage(sharing: isShared)
    case .restartAverage: trainer.beginAverage()
    case .restart: coordinator.restart()
    case .orthonormalize: coordinator.orthonormalize()
    case .measure(let step, let stages):
      _ = try? coordinator.measure(trainer.varianceJob(step: step, stages.range, moments, on: data, sampler))
    case .scale(let entry, let factor):
      coordinator.scale(trainer.network.parameters.entries[entry], by: factor)
    case .pool(let step):
      try? coordinator.pool(trainer.populationJob(step: step, population, on: data, sampler))
    case .takeTensors: trainer.takeTensors()
    case .takeStatistics: trainer.takeStatistics()
    case .handOver(let tensor, let range): trainer.source(of: tensor)?.handOver(range.range)
    case .digest: _ = trainer.digests(ranks)
    case .exchange: coordinator.run(.exchange)
    case .sendMessages(let bytes): trainer.sendMessages(bytes: bytes)
    }
  }
}
