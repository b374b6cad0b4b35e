// Classes whose samples are shared out: what each side has of a class follows from the sizes of the classes, which of
// its samples from the seed.

extension SamplePartition {
  /// Whether each sample is in fold `index`.
  ///
  /// The samples stand in line, class after class, each class in a random order, and are dealt out to the folds in
  /// turn: any stretch of the line, and so any class, gives the folds as many samples but for one.
  func stratifiedFold(_ index: Int, of folds: Int, seed: UInt64) -> [Bool] {
    var starts: [Int] = []
    var line = 0
    for size in sizes {
      starts.append(line)
      line += size
    }
    var isHeld = [Bool](repeating: false, count: count)
    forEachAtRandom(seed: seed) { sample, part, rank in isHeld[sample] = (starts[part] + rank) % folds == index }
    return isHeld
  }

  /// Whether each sample is one of the `held` for validation.
  ///
  /// - Throws: `DatasetError` where a class would keep none for training.
  func stratifiedShare(_ held: Int, seed: UInt64) throws(DatasetError) -> [Bool] {
    let shares = try shares(of: held, seed: seed)
    var isHeld = [Bool](repeating: false, count: count)
    forEachAtRandom(seed: seed) { sample, part, rank in isHeld[sample] = rank < shares[part] }
    return isHeld
  }

  /// How many of `held` samples each class gives: its share of them rounded down, and one more where the remainders are
  /// largest — the method of Hamilton, 1792.
  ///
  /// Equal remainders are told apart at random, else it would always be the same classes that give less.
  private func shares(of held: Int, seed: UInt64) throws(DatasetError) -> [Int] {
    guard held <= count - sizes.count else {
      throw DatasetError(
        "a split by classes: found \(held) of \(count) samples for validation, expected at most \(count - sizes.count), so that "
          + "each of the \(sizes.count) classes keeps one for training")
    }
    let exact = sizes.map { count.dividingFullWidth(held.multipliedFullWidth(by: $0)) }
    var shares = exact.map(\.quotient)
    var left = held - shares.reduce(0, +)
    let order = SplitOrder.parts(sizes.count, seed: seed)
    var next = sizes.indices.map { order[$0] }
    // A sort keeps the order of equals.
    next.sort { exact[$0].remainder > exact[$1].remainder }
    while left > 0 {
      // Classes of one sample are not in this round, others not in a later one: what they cannot give is asked of the
      // rest.
      next.removeAll { shares[$0] + 1 >= sizes[$0] }
      for part in next.prefix(left) { shares[part] += 1 }
      left -= min(left, next.count)
    }
    return shares
  }
}
