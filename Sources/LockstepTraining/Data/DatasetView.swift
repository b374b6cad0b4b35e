import LockstepKernels

/// Some samples of a data set, as a data set of their own: one side of a split, in constant memory.
///
/// A keyed permutation puts the samples in an order that follows from the seed alone. One side of the split has a run of positions in it, the other the
/// positions around that run. Which samples a side has is therefore a function of (seed, number of samples), and no list is kept.
///
/// ```swift
/// let (train, validation) = try data.fold(2, of: 5, seed: 1)
/// for try await step in trainer.steps(over: train).prefix(1000) { … }
/// let sums = try trainer.evaluate(on: validation)
/// ```
public struct DatasetView: Dataset {
  /// What a side of a split is for.
  enum Side: String, Sendable {
    case train
    case validation
  }

  public let count: Int
  public let fingerprint: String
  private let base: any Dataset
  private let order: KeyedPermutation
  /// The positions of the order whose samples are for validation.
  private let held: Range<Int>
  private let side: Side

  public var features: Int { base.features }
  public var task: Task { base.task }

  init(_ base: any Dataset, _ order: KeyedPermutation, held: Range<Int>, side: Side, name: String) {
    self.base = base
    self.order = order
    self.held = held
    self.side = side
    count = side == .validation ? held.count : order.count - held.count
    fingerprint = "\(base.fingerprint) \(name) \(side)"
  }

  /// The sample of the whole set that is sample `index` here.
  public func sample(_ index: Int) -> Int {
    precondition(index >= 0 && index < count, "sample \(index) of \(count)")
    return order[position(of: index)]
  }

  private func position(of index: Int) -> Int {
    switch side {
    case .validation: held.lowerBound + index
    case .train: index < held.lowerBound ? index : index + held.count
    }
  }

  public func fill(_ indices: Span<Int>, features x: Matrix, targets y: Matrix) throws(DatasetError) {
    try checkFill(indices, features: x, targets: y)
    try inGroups(indices) { samples, rows throws(DatasetError) in
      try base.fill(samples, features: x.rows(rows), targets: y.rows(rows))
    }
  }

  public var isWeighted: Bool { base.isWeighted }
  public var targetDeviations: [Double] { base.targetDeviations }

  public func fillWeights(_ indices: Span<Int>, into weights: Vector) throws(DatasetError) {
    try inGroups(indices) { samples, rows throws(DatasetError) in try base.fillWeights(samples, into: weights[rows]) }
  }

  public func fillTargets(_ indices: Span<Int>, _ targets: Matrix) throws(DatasetError) {
    try inGroups(indices) { samples, rows throws(DatasetError) in try base.fillTargets(samples, targets.rows(rows)) }
  }

  /// Hands rows on in groups whose sample numbers stand on the stack.
  private func inGroups(
    _ indices: Span<Int>, _ body: (Span<Int>, Range<Int>) throws(DatasetError) -> Void
  ) throws(DatasetError) {
    let group = 64
    for start in stride(from: 0, to: indices.count, by: group) {
      let rows = start..<min(start + group, indices.count)
      var samples = InlineArray<64, Int>(repeating: 0)
      for row in rows { samples[row - start] = order[position(of: indices[row])] }
      try body(samples.span.extracting(first: rows.count), rows)
    }
  }
}

extension Dataset {
  /// One fold of a cross-validation: fold `index` for validation, all others for training.
  ///
  /// The folds are the parts of a random order of the samples, a function of (seed, number of samples); every sample is in one fold, and their sizes
  /// differ by one at most.
  ///
  /// - Parameters:
  ///   - index: which fold, from 0.
  ///   - folds: how many there are.
  ///   - seed: of the order; folds that belong together have the same.
  /// - Throws: `DatasetError` for fewer than 2 folds, more folds than samples, or a fold that there is not.
  public func fold(
    _ index: Int, of folds: Int, seed: UInt64
  ) throws(DatasetError) -> (train: DatasetView, validation: DatasetView) {
    guard folds >= 2 else { throw DatasetError("a cross-validation: found \(folds) folds, expected at least 2") }
    guard folds <= count else {
      throw DatasetError("a cross-validation: found \(folds) folds of \(count) samples, expected at most one a sample")
    }
    guard (0..<folds).contains(index) else {
      throw DatasetError("a cross-validation of \(folds) folds: found fold \(index), expected 0 … \(folds - 1)")
    }
    return try split(holding: Shard.rows(index, of: folds, batch: count), seed, "fold: \(index) of \(folds)")
  }

  /// A random share of the samples for validation, the others for training; a function of (seed, number of samples).
  ///
  /// - Parameters:
  ///   - fraction: share for validation, between 0 and 1; ⌊fraction · count + 1/2⌋ samples.
  ///   - seed: of the order.
  /// - Throws: `DatasetError` where the share is no such number, or leaves a side without a sample.
  public func split(
    validation fraction: Double, seed: UInt64
  ) throws(DatasetError) -> (train: DatasetView, validation: DatasetView) {
    guard fraction > 0 && fraction < 1 else {
      throw DatasetError("a split: found a share of \(fraction) for validation, expected a number between 0 and 1")
    }
    let held = Int((fraction * Double(count)).rounded())
    guard held >= 1 && held < count else {
      throw DatasetError(
        "a split: found a share of \(fraction) of \(count) samples, which leaves none for "
          + "\(held < 1 ? "validation" : "training"): take another share or more samples")
    }
    return try split(holding: 0..<held, seed, "validation: \(fraction)")
  }

  private func split(
    holding held: Range<Int>, _ seed: UInt64, _ name: String
  ) throws(DatasetError) -> (train: DatasetView, validation: DatasetView) {
    guard count <= KeyedPermutation.maximumCount else {
      throw DatasetError("a data set of \(count) samples: at most \(KeyedPermutation.maximumCount) can be split")
    }
    let order = KeyedPermutation(count: count, stream: RandomKey(seed: seed, purpose: .dataSplit).stream(0))
    func side(_ side: DatasetView.Side) -> DatasetView {
      DatasetView(self, order, held: held, side: side, name: "\(name) split_seed: \(seed)")
    }
    return (side(.train), side(.validation))
  }
}
