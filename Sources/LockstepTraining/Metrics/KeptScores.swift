import LockstepKernels

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
