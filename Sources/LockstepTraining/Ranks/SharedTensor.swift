import LockstepKernels
import LockstepModel

/// A tensor of which each rank has what it updates.
enum SharedTensor: BitwiseCopyable, Sendable {
  case slot(Int)
  case average
}

/// Parameters and running statistics that may still be on their way from the ranks that have updated them.
struct ArrivingElements: TensorSource {
  let ranks: Ranks

  func pieces(of range: Range<Int>) -> [Range<Int>] { [range] }
  func fetch(_ piece: Range<Int>) { ranks.background.complete() }
  func release(_ piece: Range<Int>) {}
}

/// Elements of an arena that stand at several ranks, as they are read at rank 0.
struct SharedElements: TensorSource {
  let ranks: Ranks
  let tensor: SharedTensor
  let arena: Arena

  func pieces(of range: Range<Int>) -> [Range<Int>] {
    ranks.buckets.map { range.clamped(to: $0) }.filter { !$0.isEmpty }
  }

  func fetch(_ piece: Range<Int>) {
    if isOwn(piece) { return }
    ranks.tell(.handOver(tensor, Order.Bounds(piece)))
    handOver(piece)
  }

  func release(_ piece: Range<Int>) {
    if case .slot = tensor, !isOwn(piece) { arena.release(piece) }
  }

  private func isOwn(_ piece: Range<Int>) -> Bool { ranks.owner(of: ranks.bucket(of: piece)) == ranks.rank }

  /// Brings a piece from its owner to rank 0.
  func handOver(_ piece: Range<Int>) {
    ranks.pass(
      arena.vector(at: piece.lowerBound, count: piece.count), from: ranks.owner(of: ranks.bucket(of: piece)), to: 0)
    ranks.communicator.complete()
  }

  /// Begins to bring all that other ranks own to them from rank 0.
  func deal() {
    for (index, bucket) in ranks.buckets.enumerated() where !bucket.isEmpty {
      ranks.pass(arena.vector(at: bucket.lowerBound, count: bucket.count), from: 0, to: ranks.owner(of: index))
    }
  }

  /// Gives back the memory of what other ranks own.
  func releaseOthers() {
    for (index, bucket) in ranks.buckets.enumerated() where ranks.owner(of: index) != ranks.rank {
      arena.release(bucket)
    }
  }
}
