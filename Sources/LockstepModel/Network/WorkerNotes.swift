import LockstepKernels

/// What workers note for all to read after a barrier.
package protocol WorkerNote: BitwiseCopyable, Sendable {
  /// What counts of two notes. The order does not matter: a largest, a first.
  static func combine(_ a: Self, _ b: Self) -> Self
}

/// A note of every worker. Of the workers of other ranks only what theirs come to together is known here, once it has
/// been shared.
///
/// A value, and what combines is found by the compiler: every worker reads it several times a step, and each reference
/// that is counted on the way would be a cache line that moves between them.
package struct WorkerNotes<Note: WorkerNote>: Sendable {
  /// By worker, and behind them by rank, where there are several.
  @usableFromInline
  let notes: Slots<Note>
  @usableFromInline
  let workers: Int

  package init(repeating note: Note, workers: Int, _ ranks: Ranks?) {
    notes = Slots(repeating: note, count: workers + (ranks?.count ?? 0))
    self.workers = workers
  }

  @inlinable
  package subscript(worker: Int) -> Note {
    get { notes[worker] }
    nonmutating set { notes[worker] = newValue }
  }

  /// Begins to tell the other ranks, and to be told by them, once all workers of this one have noted theirs.
  package func share(_ ranks: Ranks) {
    notes[workers + ranks.rank] = combined(0..<workers)
    ranks.communicator.share(notes) { [workers] in workers + $0..<workers + $0 + 1 }
  }

  /// Of all workers of all ranks.
  @inlinable
  package var combined: Note { combined(notes.count > workers ? workers..<notes.count : 0..<workers) }

  @inlinable
  func combined(_ range: Range<Int>) -> Note {
    var result = notes[range.lowerBound]
    for index in range.dropFirst() { result = Note.combine(result, notes[index]) }
    return result
  }
}

/// The first of what workers have found; nil for nothing.
package struct FirstNote<Value: Comparable & BitwiseCopyable & Sendable>: WorkerNote {
  package var value: Value?

  package init(_ value: Value? = nil) { self.value = value }

  package static func combine(_ a: FirstNote, _ b: FirstNote) -> FirstNote {
    guard let first = a.value, let second = b.value else { return a.value == nil ? b : a }
    return first <= second ? a : b
  }
}
