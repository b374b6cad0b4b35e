import LockstepData
import LockstepKernels
import LockstepModel

// What came of a step, which every worker reads alike after a barrier.
extension Coordinator {
  /// Sums over the shards, along the tree.
  var sums: LossSums { Tree.reduce(0..<shards, leaf: { outcomes[$0] }, combine: +) }

  var lossIsFinite: Bool {
    for shard in 0..<shards where !outcomes[shard].loss.isFinite { return false }
    return true
  }

  /// Whether no sum over the shards can have overflowed: what is summed is so small that the sums need not be looked
  /// at. Each sum has a term a node, or, for a variance, a term of at most (2 · 10¹⁵)² a row.
  var isCertainlyFinite: Bool {
    var statistic = Magnitude()
    for worker in 0..<workers { statistic.note(magnitudes[worker].statistic) }
    let limit = Double(Float.greatestFiniteMagnitude) / 2
    return largestSummedGradient <= limit && statistic.value <= 1e15
  }

  /// No element of the reduced gradient is larger; not a number where one may not be.
  var largestSummedGradient: Double {
    var largest = Magnitude()
    for worker in 0..<workers { largest.note(magnitudes[worker].gradient) }
    return largest.value * Double(workspace.terms)
  }

  /// Whether the reduced gradient is measured before it is applied: to be clipped, because somebody wants to know, or
  /// because it may not be finite, or what the update makes of it. A square that is not finite shows it.
  func needsNorm(_ job: StepJob) -> Bool {
    tellsNorm(job) || !isCertainlyFinite || bounds(after: job, from: bounds) == nil
  }

  private func tellsNorm(_ job: StepJob) -> Bool {
    if case .globalNorm = clip { return true }
    return job.measuresNorm
  }

  var firstNonFiniteNorm: Int? { (0..<workers).compactMap { nonFiniteNorms[$0] }.min() }

  var gradientNorm: Double { Tree.sum(0..<squares.count) { squares[$0] }.squareRoot() }

  func outcome(of job: StepJob) -> StepOutcome {
    if let shard = inputs.firstIndex(where: { $0.error != nil }), let error = inputs[shard].error {
      return .unreadable(shard: shard, error)
    }
    if let shard = (0..<shards).first(where: { !outcomes[$0].loss.isFinite }) {
      return .notFinite(shard: shard, layer: inputs[shard].nonFiniteLayer)
    }
    let next = bounds(after: job, from: bounds)
    guard needsNorm(job) else {
      bounds = next ?? .unknown
      return .updated(sums, gradientNorm: nil)
    }
    if !gradientNorm.isFinite { return .gradientNotFinite(tensor: firstNonFiniteGradient) }
    if let norm = firstNonFiniteNorm { return .statisticsNotFinite(layer: network.batchNormPath(norm)) }
    if next == nil, let overflow { return .overflow(tensor: name(of: overflow)) }
    bounds = next ?? bounds(after: job, from: measuredBounds) ?? .unknown
    return .updated(sums, gradientNorm: tellsNorm(job) ? gradientNorm : nil)
  }

  /// The first tensor whose reduced gradient is not finite.
  private var firstNonFiniteGradient: String? {
    network.parameters.entries.first { entry in
      plan.slices.enumerated().contains { worker, slice in
        workspace.gradient(entry.range.clamped(to: slice), by: worker).firstNonFinite != nil
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
