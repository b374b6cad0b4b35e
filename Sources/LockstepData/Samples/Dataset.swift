import LockstepKernels
import LockstepModel

/// What the targets of a data set are.
public enum LearningTask: Sendable, Equatable {
  /// One class index a sample, stored as a float in one column.
  case classification(classes: Int)
  /// `targets` real numbers a sample.
  case regression(targets: Int)
  /// Any number of so many labels a sample (multi-label classification): one column a label, 1 where a sample has it,
  /// else 0.
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

/// Samples by index. A data set of your own gives `count`, `features`, `task`, `fill` and `fingerprint`; the rest has a
/// default.
///
/// A sample's bits depend on its index alone, never on which samples are asked for beside it. Workers call `fill` at
/// the same time, each for its own shards.
public protocol Dataset: Sendable {
  /// Samples, at least 1.
  var count: Int { get }
  /// Numbers of a sample that the network takes.
  var features: Int { get }
  /// What the targets are.
  var task: LearningTask { get }

  /// What these numbers are: a row of features, or an image, channels last. It has as many.
  var shape: Shape { get }

  /// Writes sample `indices[r]` into row r of `features` [rows, features] and of `targets` [rows, targetColumns]. It
  /// should neither allocate nor lock.
  ///
  /// - Throws: `DatasetError` where a sample cannot be read; the step that asked for it changes nothing.
  func fill(_ indices: Span<Int>, features: Matrix, targets: Matrix) throws(DatasetError)

  /// The standard deviation that each target was divided by, so that metrics are in the targets' own units; empty where
  /// targets are not standardised.
  var targetDeviations: [Double] { get }

  /// Whether samples have weights in the training loss; see `fillWeights`.
  var isWeighted: Bool { get }

  /// Writes what the loss of sample `indices[r]` is multiplied by in training, a number of at least 0, into element r
  /// of `weights`. It should neither allocate nor lock.
  func fillWeights(_ indices: Span<Int>, into weights: Vector) throws(DatasetError)

  /// Writes the targets of sample `indices[r]` into row r of `targets`, without its features.
  func fillTargets(_ indices: Span<Int>, _ targets: Matrix) throws(DatasetError)

  /// What a sample is called where it comes from, such as a file in a folder of pictures; nil where it has a number
  /// alone.
  func name(of index: Int) -> String?

  /// A text that differs wherever the samples differ: kept in checkpoints, compared on resume.
  var fingerprint: String { get }
}

extension Dataset {
  /// nil: samples have numbers alone.
  public func name(of index: Int) -> String? { nil }

  /// Features.
  public var shape: Shape { .features(features) }

  /// Empty: targets are in their own units.
  public var targetDeviations: [Double] { [] }

  /// False: every sample has the weight 1.
  public var isWeighted: Bool { false }

  /// 1 for every sample.
  public func fillWeights(_ indices: Span<Int>, into weights: Vector) throws(DatasetError) { weights.fill(1) }

  /// Calls `fill` and drops the features, which takes memory for them.
  public func fillTargets(_ indices: Span<Int>, _ targets: Matrix) throws(DatasetError) {
    let memory = Arena(count: indices.count * features)
    try fill(indices, features: memory.matrix(at: 0, rows: indices.count, columns: features), targets: targets)
  }
}

/// A data set that cannot be used, or a sample that cannot be read.
public struct DatasetError: Error, Sendable, Equatable, CustomStringConvertible {
  public var description: String
  /// - Parameter description: where, what was found, what was expected: `label of sample 3: found 7, expected 0 ..< 5`.
  public init(_ description: String) { self.description = description }
}

/// The 64-bit hash FNV-1a (Fowler, Noll, Vo 1991), a word at a time: what fingerprints say of lists of numbers.
enum FNV1a {
  static let start: UInt64 = 0xCBF2_9CE4_8422_2325

  static func hash(_ words: some Sequence<some UnsignedInteger>, from hash: UInt64 = start) -> UInt64 {
    words.reduce(hash) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
  }
}
