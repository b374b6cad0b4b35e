/// A shard is a fixed contiguous part of the batch, a worker's share a contiguous run of shards. Both follow from
/// counts alone.
package enum Shard {
  /// The rows [k·N/S, (k + 1)·N/S) of shard `k` of `shards` in a batch of `batch` rows (integer division): sizes
  /// differ by one at most.
  package static func rows(_ k: Int, of shards: Int, batch: Int) -> Range<Int> { part(k, of: shards, total: batch) }

  /// The shards [w·S/T, (w + 1)·S/T) of worker `w` of `workers`; none, if there are more workers than shards.
  package static func owned(by worker: Int, of workers: Int, shards: Int) -> Range<Int> {
    part(worker, of: workers, total: shards)
  }

  /// The fewest rows that any of `shards` has in a batch of `batch` rows.
  package static func fewestRows(of shards: Int, batch: Int) -> Int { batch / shards }

  /// The fewest rows of a shard over which BatchNorm's statistics are not too noisy — Wu, He 2018,
  /// https://arxiv.org/abs/1803.08494
  package static let rowsForStatistics = 16

  private static func part(_ index: Int, of parts: Int, total: Int) -> Range<Int> {
    precondition(parts > 0 && index >= 0 && index < parts && total >= 0, "part \(index) of \(parts) of \(total)")
    return boundary(index, of: parts, total: total)..<boundary(index + 1, of: parts, total: total)
  }

  /// ⌊index · total / parts⌋, also where the product does not fit 64 bits.
  private static func boundary(_ index: Int, of parts: Int, total: Int) -> Int {
    let product = index.multipliedFullWidth(by: total)
    return parts.dividingFullWidth(product).quotient
  }
}
