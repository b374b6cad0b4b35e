/// The receiver operating characteristic.
package enum ROC {
  /// The area under it: the probability that a positive sample has a higher score than a negative one, a tie counting
  /// half — Hanley and McNeil 1982, "The meaning and use of the area under a receiver operating characteristic (ROC)
  /// curve". By the ranks of the positives, exact in 64-bit integers.
  ///
  /// - Parameter scores: whatever grows with the probability; not that itself where it is rounded, because large ones
  ///   tie at 1: see `Vector.logOdds`.
  /// - Returns: nil where one of the two kinds is not there, or a score is no number.
  package static func area(scores: [Double], isPositive: [Bool]) -> Double? {
    precondition(scores.count == isPositive.count)
    let positives = isPositive.count { $0 }
    let negatives = scores.count - positives
    guard positives > 0, negatives > 0, !scores.contains(where: \.isNaN) else { return nil }
    let order = scores.indices.sorted { scores[$0] < scores[$1] }
    // Twice the number of pairs in the right order, so that a half is whole.
    var (doubled, below, at) = (0, 0, 0)
    while at < order.count {
      var (end, tiedPositives) = (at, 0)
      while end < order.count, scores[order[end]] == scores[order[at]] {
        if isPositive[order[end]] { tiedPositives += 1 }
        end += 1
      }
      let tiedNegatives = end - at - tiedPositives
      doubled += tiedPositives * (2 * below + tiedNegatives)
      below += tiedNegatives
      at = end
    }
    return Double(doubled) / 2 / (Double(positives) * Double(negatives))
  }

  /// The mean of the areas that there are; nil where there is none.
  static func mean(_ areas: [Double?]) -> Double? {
    let known = areas.compactMap { $0 }
    return known.isEmpty ? nil : known.reduce(0, +) / Double(known.count)
  }
}

/// Scores of all samples that are kept for the areas under the curves, column by column.
struct KeptScores: Sendable, Equatable {
  /// At most: half a gibibyte.
  private static let most = 1 << 26

  /// nil where they would be too many.
  private(set) var columns: [[Double]]?

  /// - Parameter isWanted: whether any are kept at all.
  init(_ columns: Int, samples: Int, isWanted: Bool) {
    guard isWanted else { return }
    let (count, overflow) = samples.multipliedReportingOverflow(by: columns)
    if !overflow && count <= Self.most { self.columns = Array(repeating: [], count: columns) }
  }

  mutating func add(_ score: Double, to column: Int) { columns?[column].append(score) }
}
