import LockstepKernels

/// What the targets of a data set are.
public enum Task: Sendable, Equatable {
  /// One class index a sample, stored as a float in one column.
  case classification(classes: Int)
  /// `targets` real numbers a sample.
  case regression(targets: Int)

  /// Columns of the target matrix.
  public var targetColumns: Int {
    switch self {
    case .classification: 1
    case .regression(let targets): targets
    }
  }
}

/// Samples by index. A sample's bits depend on its index alone, never on which samples are asked for beside it, nor on who asks: workers call
/// `fill` at the same time, each for its own shards.
public protocol Dataset: Sendable {
  var count: Int { get }
  var features: Int { get }
  var task: Task { get }

  /// Writes sample `indices[r]` into row r of `features` [rows, features] and of `targets` [rows, targetColumns]. It neither allocates nor locks.
  func fill(_ indices: Span<Int>, features: Matrix, targets: Matrix) throws(DatasetError)

  /// What tells this data set from any other: kept in checkpoints, compared on resume.
  var fingerprint: String { get }
}

/// A data set that cannot be used.
public struct DatasetError: Error, Sendable, Equatable, CustomStringConvertible {
  public var description: String
  public init(_ description: String) { self.description = description }
}
