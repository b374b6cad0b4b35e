import LockstepData
import LockstepKernels
import LockstepModel

// What came of a step, which every worker reads alike after a barrier.
extension Coordinator {
  /// Whether the reduced gradient is measured before it is applied: to be clipped, because somebody wants to know, or
  /// because it may not be finite, or what the update makes of it. A square that is not finite shows it.
  func needsNorm(_ job: StepJob, _ exchange: Exchange) -> Bool {
    tellsNorm(job) || !exchange.isCertainlyFinite || bounds(after: job, from: bounds, exchange) == nil
  }

  private func tellsNorm(_ job: StepJob) -> Bool {
    if case .globalNorm = clip { return true }
    return job.measuresNorm
  }

  func outcome(of job: StepJob) -> StepOutcome {
    let exchange = exchange
    if let (shard, error) = firstReadingError(exchange) { return .unreadable(shard: shard, error) }
    if let shard = exchange.firstNonFiniteLoss {
      let layer = readings.lazy.compactMap(\.notFinite).first { $0.shard == shard }?.layer
      return .notFinite(shard: shard, layer: layer)
    }
    let next = bounds(after: job, from: bounds, exchange)
    guard needsNorm(job, exchange) else {
      bounds = next ?? .unknown
      return .updated(exchange.sums, gradientNorm: nil)
    }
    let norm = exchange.gradientNorm
    if !norm.isFinite { return .gradientNotFinite(tensor: firstNonFiniteGradient) }
    if let norm = exchange.firstNonFiniteNorm { return .statisticsNotFinite(layer: network.batchNormPath(norm)) }
    if next == nil, let overflow = overflow(exchange) { return .overflow(tensor: name(of: overflow)) }
    bounds = next ?? bounds(after: job, from: measuredBounds(exchange), exchange) ?? .unknown
    return .updated(exchange.sums, gradientNorm: tellsNorm(job) ? norm : nil)
  }

  /// What the first shard met whose samples could not be read.
  func firstReadingError(_ exchange: Exchange) -> (shard: Int, value: DatasetError)? {
    let shard = firstUnreadable(exchange)
    // Members of a team share the rows of a shard in their order.
    guard shard < .max, let worker = (0..<workers).first(where: { unreadable[$0] == shard }) else { return nil }
    return readings[worker].error.map { (shard, $0) }
  }

  /// The first shard whose samples could not be read; `Int.max` for none.
  func firstUnreadable(_ exchange: Exchange) -> Int { exchange.reduce(overWorkers: unreadable, min) }

  /// The first tensor whose reduced gradient is not finite.
  private var firstNonFiniteGradient: String? {
    network.parameters.entries.first { entry in
      zip(plan.slices, workspace.exchanges).contains { slice, exchange in
        exchange.gradient(entry.range.clamped(to: slice)).firstNonFinite != nil
      }
    }?.name
  }
}

/// How a step ended.
enum StepOutcome {
  case updated(LossSums, gradientNorm: Double?)
  /// The loss of `shard` is not finite; nothing was updated.
  case notFinite(shard: Int, layer: String?)
  /// The reduced gradient is not finite; nothing was updated.
  case gradientNotFinite(tensor: String?)
  /// The batch's statistics at a BatchNorm are not finite; nothing was updated.
  case statisticsNotFinite(layer: String)
  /// The update would make a parameter, a slot of the optimizer or an average infinite; nothing was updated.
  case overflow(tensor: String)
  case unreadable(shard: Int, DatasetError)
}
