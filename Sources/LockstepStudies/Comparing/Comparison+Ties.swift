extension Comparison {
  /// The cells of which the trials do not say which is best: the first, and all whose difference from it has a 95 %
  /// interval that holds 0. One cell where the first is better than every other; none where it diverged, or where
  /// intervals are not known, because each cell was trained once.
  public var leaders: [Cell] {
    guard let best = cells.first, best.mean != nil else { return [] }
    let rest = cells.dropFirst().filter { $0.mean != nil }
    if rest.isEmpty { return [best] }
    if rest.allSatisfy({ $0.difference?.interval == nil }) { return [] }
    return [best] + rest.filter { $0.difference?.interval?.contains(0) == true }
  }

  /// Validation samples per training sample of a cross-validation; 0 for seeds.
  package var overlap: Double {
    if case .folds(let count) = trials { 1 / Double(max(count, 2) - 1) } else { 0 }
  }

  /// The 95 % confidence interval of a cell's mean, as `Difference.interval` is that of a difference; nil for a single
  /// trial, and where one diverged.
  package func interval(of cell: Cell) -> ClosedRange<Double>? {
    guard let mean = cell.mean, let margin = Sample(cell.trials.compactMap(\.metric)).margin(overlap: overlap) else {
      return nil
    }
    return mean - margin...mean + margin
  }
}
