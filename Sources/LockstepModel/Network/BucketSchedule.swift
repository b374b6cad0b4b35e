import LockstepKernels

/// When buckets of parameters may go from rank to rank: their gradients once the backward pass is done with the layers
/// that they hold, so the last layers go first; their new values have to be there when the next forward pass comes to
/// those layers, so the first layers go first.
struct BucketSchedule: Sendable {
  /// By bucket: the first stage of which it holds parameters. The backward pass comes to it last.
  let firstStages: [Int]
  /// The buckets in the order in which their gradients are complete.
  let departures: [Int]
  /// By stage: how many buckets, from the first on, hold all of its parameters.
  let arrivals: [Int]

  init(_ network: Network, _ buckets: [Range<Int>]) {
    var firstStages = buckets.map { _ in 0 }
    var arrivals = network.stages.map { _ in 0 }
    var seen = Set<Int>()
    for entry in network.parameters.entries {
      let stage = network.stages.firstIndex { $0.path == entry.layer && $0.content.hasParameters }
      guard let stage else { preconditionFailure("no stage has \(entry.name)") }
      for bucket in buckets.indices where buckets[bucket].overlaps(entry.range) {
        firstStages[bucket] = seen.insert(bucket).inserted ? stage : min(firstStages[bucket], stage)
        arrivals[stage] = max(arrivals[stage], bucket + 1)
      }
    }
    self.firstStages = firstStages
    self.arrivals = arrivals
    departures = buckets.indices.sorted { (firstStages[$1], $0) < (firstStages[$0], $1) }
  }
}
