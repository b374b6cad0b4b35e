import LockstepKernels

/// What the targets of a data set are.
public enum LearningTask: Sendable, Equatable {
  /// One class index a sample, stored as a float in one column.
  case classification(classes: Int)
  /// `targets` real numbers a sample.
  case regression(targets: Int)
  /// So many independent answers a sample, of which any number may be yes (multi-label classification): 1 where a
  /// sample has the label, else 0, one column a label.
  case labels(Int)

  /// Columns of the target matrix.
  public var targetColumns: Int {
    switch self {
    case .classification: 1
    case .regression(let targets): targets
    case .labels(let labels): labels
    }
  }
}

/// Samples by index. A sample's bits depend on its index alone, never on which samples are asked for beside it, nor on
/// who asks: workers call `fill` at the same time, each for its own shards.
public protocol Dataset: Sendable {
  var count: Int { get }
  var features: Int { get }
  var task: LearningTask { get }

  /// Writes sample `indices[r]` into row r of `features` [rows, features] and of `targets` [rows, targetColumns]. It
  /// neither allocates nor locks.
  func fill(_ indices: Span<Int>, features: Matrix, targets: Matrix) throws(DatasetError)

  /// The deviation that each target was divided by, where targets are standardised: metrics are in the units that they
  /// had before. Empty where they are not.
  var targetDeviations: [Double] { get }

  /// Whether samples count more or less than others in what training makes small; see `fillWeights`.
  var isWeighted: Bool { get }

  /// Writes what sample `indices[r]` counts, a number of at least 0, into element r of `weights`. Evaluation does not
  /// ask for it. It neither allocates nor locks.
  func fillWeights(_ indices: Span<Int>, into weights: Vector) throws(DatasetError)

  /// Writes the targets of sample `indices[r]` into row r of `targets` alone, where that costs less than its features
  /// too.
  func fillTargets(_ indices: Span<Int>, _ targets: Matrix) throws(DatasetError)

  /// What tells this data set from any other: kept in checkpoints, compared on resume.
  var fingerprint: String { get }
}

extension Dataset {
  /// Targets are in their own units unless a data set says otherwise.
  public var targetDeviations: [Double] { [] }

  /// Every sample counts the same unless a data set says otherwise.
  public var isWeighted: Bool { false }

  public func fillWeights(_ indices: Span<Int>, into weights: Vector) throws(DatasetError) { weights.fill(1) }

  public func fillTargets(_ indices: Span<Int>, _ targets: Matrix) throws(DatasetError) {
    let memory = Arena(count: indices.count * features)
    try fill(indices, features: memory.matrix(at: 0, rows: indices.count, columns: features), targets: targets)
  }
}

/// A data set that cannot be used.
public struct DatasetError: Error, Sendable, Equatable, CustomStringConvertible {
  public var description: String
  public init(_ description: String) { self.description = description }
}
