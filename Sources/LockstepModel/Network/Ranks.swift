import LockstepKernels

/// The ranks of a run as one of them sees it: who owns which shards of the batch, and which parts of the parameters.
///
/// Every rank has all parameters. It sums the gradients of its own shards, as far as the tree allows, and hands them
/// bucket by bucket to the bucket's owner, who finishes the sum, updates the bucket, and hands it on to all. An
/// optimizer's slots therefore stand once over all ranks.
package struct Ranks: Sendable {
  package let communicator: any Communicator
  /// For what goes beside the passes of a step.
  package let background: any Communicator
  /// Of each rank, consecutive.
  package let shards: [Range<Int>]
  /// What owners have of an arena in the layout of the parameters: whole blocks that cover it, in order.
  package let buckets: [Range<Int>]

  /// Elements of a bucket at most: 2 MiB, which keeps several of them on their way.
  package static let bucket = 1 << 19

  /// - Parameters:
  ///   - communicator: of two ranks or more.
  ///   - shards: of a batch, at least one a rank.
  ///   - bucket: elements of one at most, if that is a block or more.
  package init(_ communicator: any Communicator, shards: Int, _ layout: ParameterLayout, bucket: Int = Ranks.bucket) {
    let size = communicator.size
    precondition((2...shards).contains(size), "\(size) ranks for \(shards) shards")
    self.communicator = communicator
    background = communicator.background
    self.shards = (0..<size).map { $0 * shards / size..<($0 + 1) * shards / size }
    let rounds = max(1, (layout.count + size * bucket - 1) / (size * bucket))
    buckets = (0..<size * rounds).map { layout.slice(of: $0, workers: size * rounds) }
  }

  package var rank: Int { communicator.rank }
  package var count: Int { communicator.size }
  /// Shards of a batch.
  package var total: Int { shards.last?.upperBound ?? 0 }
  /// This rank's shards.
  package var own: Range<Int> { shards[rank] }

  /// Who owns a bucket: they go round, so that all owners are busy when buckets come one after the other.
  package func owner(of bucket: Int) -> Int { bucket % count }

  /// Who owns the running statistics of a BatchNorm.
  func owner(ofNorm norm: Int) -> Int { norm % count }

  /// Who owns a shard of the batch.
  package func owner(ofShard shard: Int) -> Int { shards.firstIndex { $0.contains(shard) } ?? 0 }

  /// Nodes of the tree that other ranks own whole, each of whose gradients comes here over what this one owns.
  package var foreignNodes: Int {
    shards.indices.filter { $0 != rank }.reduce(0) { $0 + Tree.nodes(in: shards[$1], of: total).count }
  }

  /// The buckets of a rank.
  package func owned(by rank: Int) -> [Range<Int>] {
    buckets.indices.filter { owner(of: $0) == rank }.map { buckets[$0] }
  }

  /// The bucket that holds elements of the parameters.
  package func bucket(of range: Range<Int>) -> Int {
    buckets.firstIndex { $0.lowerBound <= range.lowerBound && range.upperBound <= $0.upperBound } ?? 0
  }

  /// Begins to bring what one rank has to another; the same where it is.
  package func pass(_ vector: Vector, from source: Int, to target: Int) {
    if source == target { return }
    if rank == source { communicator.send(vector, to: target) }
    if rank == target { communicator.receive(vector, from: source) }
  }

  /// Begins to give all ranks what each bucket's owner has of an arena in the layout of the parameters.
  package func share(_ arena: Arena) {
    for (index, bucket) in buckets.enumerated() where !bucket.isEmpty {
      give(arena.vector(at: bucket.lowerBound, count: bucket.count), from: owner(of: index))
    }
  }

  /// Begins to give all ranks what one of them has.
  package func give(_ vector: Vector, from source: Int) {
    if source != rank { return communicator.receive(vector, from: source) }
    for other in communicator.others { communicator.send(vector, to: other) }
  }

  /// Begins to give all ranks what one of them has of some values.
  package func give<Value>(_ values: Slots<Value>, _ range: Range<Int>, from source: Int) {
    if source != rank { return communicator.receive(values, range, from: source) }
    for other in communicator.others { communicator.send(values, range, to: other) }
  }

  /// Begins to give all ranks what the owner of each shard has noted of it, from `offset` on.
  package func share<Value>(overShards values: Slots<Value>, from offset: Int = 0) {
    communicator.share(values) { shards[$0].lowerBound + offset..<shards[$0].upperBound + offset }
  }
}
