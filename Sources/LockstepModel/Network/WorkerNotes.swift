import LockstepKernels

/// What each worker notes for all to read after a barrier, combined by an operation whose result does not depend on the
/// order: a largest, a first.
///
/// Of the workers of other ranks only what they come to together is known here, once it has been shared.
package final class WorkerNotes<Value: BitwiseCopyable>: Sendable {
  /// By worker, and behind them by rank, where there are several.
  private let values: Slots<Value>
  private let workers: Int
  private let communicator: (any Communicator)?
  private let combine: @Sendable (Value, Value) -> Value

  package init(
    repeating value: Value, workers: Int, _ ranks: Ranks?, combine: @escaping @Sendable (Value, Value) -> Value
  ) {
    values = Slots(repeating: value, count: workers + (ranks?.count ?? 0))
    (self.workers, communicator, self.combine) = (workers, ranks?.communicator, combine)
  }

  package subscript(worker: Int) -> Value {
    get { values[worker] }
    set { values[worker] = newValue }
  }

  /// Begins to tell the other ranks, and to be told by them, once all workers of this one have noted theirs.
  package func share() {
    guard let communicator else { return }
    values[workers + communicator.rank] = combined(0..<workers)
    communicator.share(values) { [workers] in workers + $0..<workers + $0 + 1 }
  }

  /// Of all workers of all ranks.
  package var combined: Value {
    communicator == nil ? combined(0..<workers) : combined(workers..<values.count)
  }

  private func combined(_ range: Range<Int>) -> Value {
    var result = values[range.lowerBound]
    for index in range.dropFirst() { result = combine(result, values[index]) }
    return result
  }
}
