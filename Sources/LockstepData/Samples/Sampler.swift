import LockstepKernels

/// Which samples a step trains on: a function of the step alone.
///
/// Every epoch is another permutation of all samples, cut into batches in order. The last batch of an epoch has what is
/// left, or is dropped.
public struct Sampler: Sendable, Equatable {
  /// Samples of the data set.
  public let sampleCount: Int
  /// Rows of a batch, but for an epoch's uneven last one.
  public let batchSize: Int
  /// Whether an epoch's uneven last batch is left out.
  public let dropLast: Bool
  /// What the permutations of all epochs follow from.
  public let seed: UInt64
  /// Batches of an epoch.
  public let stepsPerEpoch: Int
  private let key: RandomKey

  /// - Parameters:
  ///   - sampleCount: samples of the data set, at least 1.
  ///   - batchSize: rows of a batch, at least 1.
  ///   - dropLast: whether an epoch's last batch is left out where it has fewer rows; then `batchSize` is at most
  ///     `sampleCount`.
  /// - Throws: `DatasetError` if no batch can be made.
  package init(sampleCount: Int, batchSize: Int, dropLast: Bool = false, seed: UInt64) throws(DatasetError) {
    guard sampleCount >= 1 else {
      throw DatasetError("a data set of \(sampleCount) samples: at least 1 is needed to train on")
    }
    guard sampleCount <= EpochOrder.maximumCount else {
      throw DatasetError("a data set of \(sampleCount) samples: at most \(EpochOrder.maximumCount) can be put in order")
    }
    guard batchSize >= 1 else {
      throw DatasetError("a batch of \(batchSize) rows: expected at least 1")
    }
    guard !dropLast || batchSize <= sampleCount else {
      throw DatasetError(
        "a batch of \(batchSize) rows from \(sampleCount) samples with drop_last leaves no batch at all: "
          + "take a batch size of at most \(sampleCount), or drop_last: false"
      )
    }
    (self.sampleCount, self.batchSize, self.dropLast, self.seed) = (sampleCount, batchSize, dropLast, seed)
    let rest = sampleCount % batchSize
    stepsPerEpoch = sampleCount / batchSize + (rest > 0 && !dropLast ? 1 : 0)
    key = EpochOrder.key(seed: seed)
  }

  /// The epoch, from 0, that step `step` belongs to; steps count from 0 too.
  public func epoch(of step: Int) -> Int { step / stepsPerEpoch }

  /// Position in its epoch of the first row of step `step`.
  package func position(of step: Int) -> Int { step % stepsPerEpoch * batchSize }

  /// Rows of step `step`: `batchSize`, but for an epoch's uneven last batch.
  public func rows(of step: Int) -> Int { min(batchSize, sampleCount - position(of: step)) }

  /// Rows of the batch that ends an epoch.
  package var rowsOfLastBatch: Int { rows(of: stepsPerEpoch - 1) }

  /// Samples seen in the steps 0 ..< `step`.
  public func samplesSeen(before step: Int) -> Int {
    let perEpoch = dropLast ? stepsPerEpoch * batchSize : sampleCount
    return epoch(of: step) * perEpoch + position(of: step)
  }

  /// The batch of step `step`, to ask for many of its rows.
  package func batch(at step: Int) -> SampledBatch {
    precondition(step >= 0, "step \(step)")
    let epoch = epoch(of: step)
    return SampledBatch(
      step: step, epoch: epoch, position: position(of: step), rows: rows(of: step),
      order: EpochOrder(count: sampleCount, key: key, epoch: epoch))
  }

  /// The sample in row `row` of step `step`.
  public func sample(_ step: Int, row: Int) -> Int { batch(at: step).sample(row) }
}

/// The rows of one step.
package struct SampledBatch: Sendable {
  package let step: Int
  package let epoch: Int
  /// Position of row 0 in the epoch.
  package let position: Int
  package let rows: Int
  private let epochOrder: EpochOrder

  init(step: Int, epoch: Int, position: Int, rows: Int, order: EpochOrder) {
    (self.step, self.epoch, self.position, self.rows, epochOrder) = (step, epoch, position, rows, order)
  }

  /// The sample in row `row`.
  package func sample(_ row: Int) -> Int {
    precondition(row >= 0 && row < rows, "row outside the batch")
    return epochOrder.sample(at: position + row)
  }

  /// The samples of the rows `range`, into the first elements of `samples`: the fast way to many.
  package func samples(_ range: Range<Int>, into samples: inout MutableSpan<Int>) {
    precondition(range.lowerBound >= 0 && range.upperBound <= rows, "rows outside the batch")
    epochOrder.samples(at: position + range.lowerBound..<position + range.upperBound, into: &samples)
  }

  /// Writes them into the first of `slots`: what a worker does for its shard.
  package func samples(_ range: Range<Int>, into slots: Slots<Int>) {
    precondition(range.lowerBound >= 0 && range.upperBound <= rows, "rows outside the batch")
    epochOrder.samples(at: position + range.lowerBound..<position + range.upperBound, into: slots)
  }
}
