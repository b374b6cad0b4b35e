import LockstepKernels
import LockstepModel

/// Some samples of a data set, as a data set of their own: one side of a split.
///
/// Which samples a side has is a function of the arguments of the split and the number of samples. A random split costs
/// constant memory: a keyed permutation puts the samples in an order that follows from the seed alone; one side has a
/// run of positions in it, the other the positions around that run. The last samples and those before them take no
/// more. Where classes or groups decide, a side keeps its sample numbers, 4 bytes each.
///
/// ```swift
/// let (train, validation) = try data.fold(2, of: 5, seed: 1)
/// for try await step in trainer.steps(over: train).prefix(1000) { … }
/// let accuracy = try trainer.evaluate(on: validation)[.accuracy]
/// ```
public struct DatasetView: Dataset {
  /// What a side of a split is for.
  enum Side: String, Sendable {
    case train
    case validation
  }

  public let fingerprint: String
  let base: any Dataset
  private let selection: SampleSelection
  /// What the fingerprint says behind that of the whole set.
  private let words: String

  /// Samples of this side.
  public var count: Int { selection.count }
  /// Numbers of a sample, as in the whole set.
  public var features: Int { base.features }
  public var shape: Shape { base.shape }
  public var task: LearningTask { base.task }

  init(_ base: any Dataset, _ selection: SampleSelection, words: String) {
    (self.base, self.selection, self.words) = (base, selection, words)
    fingerprint = "\(base.fingerprint) \(words)"
  }

  /// The samples of `other` that have the numbers of these: a split follows from the count of the whole set alone, so
  /// `other` has as many samples.
  public func over(_ other: any Dataset) -> DatasetView {
    precondition(other.count == base.count, "\(other.count) samples in the place of \(base.count)")
    return DatasetView(other, selection, words: words)
  }

  /// The number in the whole set of sample `index` of this side.
  public func sample(_ index: Int) -> Int {
    precondition(index >= 0 && index < count, "sample \(index) of \(count)")
    return selection[index]
  }

  /// What the sample is called in the whole set.
  public func name(of index: Int) -> String? { base.name(of: sample(index)) }

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
      for row in rows { samples[row - start] = selection[indices[row]] }
      try body(samples.span.extracting(first: rows.count), rows)
    }
  }
}
