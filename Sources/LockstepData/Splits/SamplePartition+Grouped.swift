// Groups that stay whole.

extension SamplePartition {
  /// Whether each sample is in fold `index`: the largest group comes first, each to the fold that has the fewest
  /// samples, the first of equals.
  ///
  /// - Throws: `DatasetError` for fewer groups than folds.
  func groupedFold(_ index: Int, of folds: Int, seed: UInt64) throws(DatasetError) -> [Bool] {
    guard sizes.count >= folds else {
      throw DatasetError(
        "a cross-validation of \(folds) folds by groups: found \(sizes.count) groups, expected at least \(folds), one a fold"
      )
    }
    // A sort keeps the order of equals.
    let order = groupsAtRandom(seed: seed).sorted { sizes[$0] > sizes[$1] }
    var totals = [Int](repeating: 0, count: folds)
    var isHeld = [Bool](repeating: false, count: sizes.count)
    for group in order {
      let fold = totals.indices.min { totals[$0] < totals[$1] } ?? 0
      totals[fold] += sizes[group]
      isHeld[group] = fold == index
    }
    return parts.map { isHeld[Int($0)] }
  }

  /// Whether each sample is in a group for validation: about `held` are.
  ///
  /// - Throws: `DatasetError` for fewer than 2 groups.
  func groupedShare(_ held: Int, seed: UInt64) throws(DatasetError) -> [Bool] {
    guard sizes.count >= 2 else {
      throw DatasetError("a split by groups: found \(sizes.count) group, expected at least 2, one for either side")
    }
    var isHeld = [Bool](repeating: false, count: sizes.count)
    var missing = held
    var others: [Int] = []
    for group in groupsAtRandom(seed: seed) {
      if sizes[group] <= missing {
        isHeld[group] = true
        missing -= sizes[group]
      } else {
        others.append(group)
      }
    }
    // Every other group is larger than what is missing: the smallest goes too far by the least.
    if let smallest = others.min(by: { sizes[$0] < sizes[$1] }), others.count > 1,
      missing == held || sizes[smallest] - missing < missing
    {
      isHeld[smallest] = true
    }
    return parts.map { isHeld[Int($0)] }
  }

  private func groupsAtRandom(seed: UInt64) -> [Int] {
    let order = SplitOrder.parts(sizes.count, seed: seed)
    return sizes.indices.map { order[$0] }
  }
}
