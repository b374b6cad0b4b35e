import LockstepKernels

extension Dataset {
  /// One fold of a cross-validation: fold `index` for validation, the others for training.
  ///
  /// A function of the arguments and the number of samples. Every sample is in one fold for validation, but by `.last`,
  /// where the first samples are only trained on.
  /// - `.random`: the folds are the parts of a random order of the samples; their sizes differ by one at most.
  /// - `.stratified`: of each class, and altogether, the folds have the same number of samples but for one; a class
  ///   with fewer samples than there are folds is not in every fold. As many of each as scikit-learn's
  ///   `StratifiedKFold` has.
  /// - `.grouped`: the largest group comes first, each to the fold that has the fewest samples. As many in each as
  ///   scikit-learn's `GroupKFold` has.
  /// - `.last`: forward chaining. With t = ⌊count / (folds + 1)⌋, fold i validates on the t samples from count − (folds
  ///   − i) · t on and trains on all before them, on none after. The same samples as scikit-learn's `TimeSeriesSplit`.
  ///
  /// - Parameters:
  ///   - index: which fold, from 0.
  ///   - folds: how many there are.
  ///   - seed: of what is random; folds that belong together have the same.
  ///   - rule: what decides besides.
  /// - Throws: `DatasetError` for fewer than 2 folds, more folds than samples or groups, a fold that there is not, or
  ///   another number of classes or groups than one a sample.
  public func fold(
    _ index: Int, of folds: Int, seed: UInt64, by rule: SplitRule = .random
  ) throws(DatasetError) -> (train: DatasetView, validation: DatasetView) {
    guard folds >= 2 else { throw DatasetError("a cross-validation: found \(folds) folds, expected at least 2") }
    guard folds <= count else {
      throw DatasetError("a cross-validation: found \(folds) folds of \(count) samples, expected at most one a sample")
    }
    guard (0..<folds).contains(index) else {
      throw DatasetError("a cross-validation of \(folds) folds: found fold \(index), expected 0 … \(folds - 1)")
    }
    let words = "fold: \(index) of \(folds) \(rule.words(seed: seed))"
    switch rule {
    case .random:
      return try randomSides(holding: Shard.rows(index, of: folds, batch: count), seed, words)
    case .stratified(let classes):
      let classes = try partition(classes, "classes")
      return sides(classes.stratifiedFold(index, of: folds, seed: seed), words)
    case .grouped(let groups):
      let groups = try partition(groups, "groups")
      return sides(try groups.groupedFold(index, of: folds, seed: seed), words)
    case .last:
      let size = count / (folds + 1)
      guard size >= 1 else {
        throw DatasetError(
          "a cross-validation of \(folds) folds in order: found \(count) samples, expected at least \(folds + 1), so that "
            + "the first fold has one to train on")
      }
      let start = count - (folds - index) * size
      return sides(train: .run(0..<start), validation: .run(start..<start + size), words)
    }
  }

  /// A share of the samples for validation, the others for training.
  ///
  /// A function of the arguments and the number of samples. ⌊fraction · count + 1/2⌋ samples are for validation, but by
  /// `.grouped`, where whole groups are: they are taken in a random order where they fit, and at last the smallest of
  /// the others if that comes nearer. The number is off by no more than half the smallest group in training, except
  /// where a side would have no group.
  ///
  /// By `.stratified` each class has its share rounded down or up, up where most is cut off (the largest remainders, as
  /// in scikit-learn's `StratifiedShuffleSplit`), and keeps at least one sample for training: what a class of one
  /// sample cannot give, others do.
  ///
  /// - Parameters:
  ///   - fraction: share for validation, between 0 and 1.
  ///   - seed: of what is random.
  ///   - rule: what decides besides.
  /// - Throws: `DatasetError` where the share is no such number, leaves a side without a sample, a class without one
  ///   for training, or there is one group only, or another number of classes or groups than one a sample.
  public func split(
    validation fraction: Double, seed: UInt64, by rule: SplitRule = .random
  ) throws(DatasetError) -> (train: DatasetView, validation: DatasetView) {
    guard fraction > 0 && fraction < 1 else {
      throw DatasetError("a split: found a share of \(fraction) for validation, expected a number between 0 and 1")
    }
    let held = withFloatingPointEnvironment { Int((fraction * Double(count)).rounded()) }
    guard held >= 1 && held < count else {
      throw DatasetError(
        "a split: found a share of \(fraction) of \(count) samples, which leaves none for "
          + "\(held < 1 ? "validation" : "training"): take another share or more samples")
    }
    let words = "validation: \(fraction) \(rule.words(seed: seed))"
    switch rule {
    case .random:
      return try randomSides(holding: 0..<held, seed, words)
    case .stratified(let classes):
      let classes = try partition(classes, "classes")
      return sides(try classes.stratifiedShare(held, seed: seed), words)
    case .grouped(let groups):
      let groups = try partition(groups, "groups")
      return sides(try groups.groupedShare(held, seed: seed), words)
    case .last:
      return sides(train: .run(0..<count - held), validation: .run(count - held..<count), words)
    }
  }

  private func randomSides(
    holding held: Range<Int>, _ seed: UInt64, _ words: String
  ) throws(DatasetError) -> (train: DatasetView, validation: DatasetView) {
    guard count <= KeyedPermutation.maximumCount else {
      throw DatasetError("a data set of \(count) samples: at most \(KeyedPermutation.maximumCount) can be split")
    }
    let order = SplitOrder.samples(count, seed: seed)
    return sides(
      train: .ordered(order, held: held, side: .train), validation: .ordered(order, held: held, side: .validation),
      words)
  }

  private func partition(_ numbers: [Int32], _ name: String) throws(DatasetError) -> SamplePartition {
    guard numbers.count == count else {
      throw DatasetError("\(name): found \(numbers.count), expected \(count), one a sample")
    }
    return SamplePartition(numbers)
  }

  private func sides(_ isHeld: [Bool], _ words: String) -> (train: DatasetView, validation: DatasetView) {
    sides(
      train: SampleSelection(isHeld, side: .train), validation: SampleSelection(isHeld, side: .validation), words)
  }

  private func sides(
    train: SampleSelection, validation: SampleSelection, _ words: String
  ) -> (train: DatasetView, validation: DatasetView) {
    func view(_ selection: SampleSelection, _ side: DatasetView.Side) -> DatasetView {
      DatasetView(self, selection, words: "\(words) \(side)")
    }
    return (view(train, .train), view(validation, .validation))
  }
}

/// The random orders that splits draw from: a seed orders the samples of all sets of a size the same way.
enum SplitOrder {
  static func samples(_ count: Int, seed: UInt64) -> KeyedPermutation { order(count, seed, 0) }

  /// Of the classes or groups of samples.
  static func parts(_ count: Int, seed: UInt64) -> KeyedPermutation { order(count, seed, 1) }

  private static func order(_ count: Int, _ seed: UInt64, _ stream: UInt64) -> KeyedPermutation {
    KeyedPermutation(count: count, stream: RandomKey(seed: seed, purpose: .dataSplit).stream(stream))
  }
}
