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
      return .notFinite(shard: shard, layer: told(layer ?? "", ofShard: shard).nonEmpty)
    }
    let next = bounds(after: job, from: bounds, exchange)
    guard needsNorm(job, exchange) else {
      bounds = next ?? .unknown
      return .updated(exchange.sums, gradientNorm: nil)
    }
    let norm = exchange.gradientNorm
    if !norm.isFinite { return .gradientNotFinite(tensor: firstNonFiniteGradient) }
    if let norm = exchange.firstNonFiniteNorm { return .statisticsNotFinite(layer: network.batchNormPath(norm)) }
    if next == nil, let overflow = overflows.combined.value { return .overflow(tensor: name(of: overflow)) }
    bounds = next ?? bounds(after: job, from: measured.combined, exchange) ?? .unknown
    return .updated(exchange.sums, gradientNorm: tellsNorm(job) ? norm : nil)
  }

  /// What the first shard met whose samples could not be read.
  func firstReadingError(_ exchange: Exchange) -> (shard: Int, value: DatasetError)? {
    guard let shard = unreadable.combined.value else { return nil }
    // Members of a team share the rows of a shard in their order.
    let worker = (0..<workers).first { unreadable[$0].value == shard }
    let error = worker.flatMap { readings[$0].error?.description } ?? ""
    let told = told(error, ofShard: shard)
    // Its machine may be the reason.
    guard let ranks, case let owner = ranks.owner(ofShard: shard), owner > 0 else { return (shard, DatasetError(told)) }
    return (shard, DatasetError("\(ranks.communicator.name(of: owner)): \(told)"))
  }

  /// What the owner of a shard says, as all ranks hear it.
  private func told(_ text: String, ofShard shard: Int) -> String {
    guard let ranks else { return text }
    return ranks.communicator.text(text, from: ranks.owner(ofShard: shard))
  }

  /// The first tensor whose reduced gradient is not finite.
  private var firstNonFiniteGradient: String? {
    let entries = network.parameters.entries
    let first = WorkerNotes(repeating: FirstNote<Int>(), workers: 1, ranks)
    first[0] = FirstNote(
      entries.indices.first { index in
        zip(plan.slices, workspace.exchanges).contains { slices, exchange in
          slices.contains { exchange.gradient(entries[index].range.clamped(to: $0)).firstNonFinite != nil }
        }
      })
    exchange.share { first.share($0) }
    return first.combined.value.map { entries[$0].name }
  }
}

extension String {
  /// nil for an empty text.
  fileprivate var nonEmpty: String? { isEmpty ? nil : self }
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
