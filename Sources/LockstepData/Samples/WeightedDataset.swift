import LockstepKernels
import LockstepModel

/// The samples of a data set, each with a weight that its loss is multiplied by in training.
///
/// ```swift
/// let data = try InMemoryDataset(features: x, labels: y, classes: 2).weighted(by: weights)
/// ```
public struct WeightedDataset: Dataset {
  public let fingerprint: String
  let base: any Dataset
  private let memory: Arena

  /// As many samples as without weights.
  public var count: Int { base.count }
  /// As many numbers a sample as without weights.
  public var features: Int { base.features }
  public var shape: Shape { base.shape }
  public var task: LearningTask { base.task }
  public var isWeighted: Bool { true }
  public var targetDeviations: [Double] { base.targetDeviations }

  fileprivate init(_ base: any Dataset, _ weights: [Float]) throws(DatasetError) {
    guard weights.count == base.count else {
      throw DatasetError("weights: found \(weights.count), expected \(base.count), one a sample")
    }
    if let sample = weights.firstIndex(where: { !($0 >= 0 && $0.isFinite) }) {
      throw DatasetError("weight of sample \(sample): found \(weights[sample]), expected a finite number of at least 0")
    }
    guard weights.contains(where: { $0 > 0 }) else {
      throw DatasetError("weights: found none above 0, expected at least one")
    }
    self.base = base
    memory = Arena(count: weights.count)
    memory.all.copy(from: weights)
    let hash = FNV1a.hash(weights.lazy.map(\.bitPattern))
    fingerprint = "\(base.fingerprint) weights: \(String(hash, radix: 16))"
  }

  /// What it is called without its weight.
  public func name(of index: Int) -> String? { base.name(of: index) }

  public func fill(_ indices: Span<Int>, features: Matrix, targets: Matrix) throws(DatasetError) {
    try base.fill(indices, features: features, targets: targets)
  }

  public func fillTargets(_ indices: Span<Int>, _ targets: Matrix) throws(DatasetError) {
    try base.fillTargets(indices, targets)
  }

  public func fillWeights(_ indices: Span<Int>, into weights: Vector) throws(DatasetError) {
    for row in indices.indices { weights[row] = memory.all[indices[row]] }
  }
}

extension Dataset {
  /// These samples, sample i with the weight `weights[i]`.
  ///
  /// - Throws: `DatasetError` where there is not one finite number of at least 0 a sample, or none is above 0.
  public func weighted(by weights: [Float]) throws(DatasetError) -> WeightedDataset {
    try WeightedDataset(self, weights)
  }
}
