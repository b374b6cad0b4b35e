import LockstepData
import LockstepKernels
import LockstepModel

/// Some samples of a data set in an order of their own, each with its target, or with that of another sample.
struct SampledData: Dataset {
  /// Which sample of the whole set has the inputs of a sample, and which its target.
  private enum Places {
    case list([Int])
    /// Inputs of the whole set, dealt out anew to its targets.
    case permuted(KeyedPermutation)
  }

  let count: Int
  let fingerprint: String
  private let base: any Dataset
  private let places: Places

  var features: Int { base.features }
  var shape: Shape { base.shape }
  var task: LearningTask { base.task }
  var targetDeviations: [Double] { base.targetDeviations }
  var isWeighted: Bool { base.isWeighted }

  /// The samples with these numbers.
  init(_ base: any Dataset, _ samples: [Int]) {
    (self.base, count, places) = (base, samples.count, .list(samples))
    fingerprint = "\(base.fingerprint) samples: \(samples.count)"
  }

  /// All samples, their inputs dealt out anew: what inputs tell of targets is gone, and nothing else.
  init(permutingInputsOf base: any Dataset, seed: UInt64) {
    let stream = RandomKey(seed: seed, purpose: .dataSplit, index: 1).stream(0)
    (self.base, count) = (base, base.count)
    places = .permuted(KeyedPermutation(count: base.count, stream: stream))
    fingerprint = "\(base.fingerprint) permuted: \(seed)"
  }

  /// Evenly spaced over the set, at most `count`.
  static func spread(_ count: Int, over set: any Dataset) -> [Int] {
    let taken = min(count, set.count)
    return (0..<taken).map { set.count / taken * $0 + set.count % taken * $0 / taken }
  }

  func fill(_ indices: Span<Int>, features x: Matrix, targets y: Matrix) throws(DatasetError) {
    try base.fill(inputs(indices).span, features: x, targets: y)
    if case .permuted = places { try base.fillTargets(indices, y) }
  }

  func fillTargets(_ indices: Span<Int>, _ targets: Matrix) throws(DatasetError) {
    try base.fillTargets(owners(indices).span, targets)
  }

  func fillWeights(_ indices: Span<Int>, into weights: Vector) throws(DatasetError) {
    try base.fillWeights(owners(indices).span, into: weights)
  }

  func name(of index: Int) -> String? {
    if case .list(let samples) = places { base.name(of: samples[index]) } else { nil }
  }

  private func inputs(_ indices: Span<Int>) -> [Int] {
    switch places {
    case .list: owners(indices)
    case .permuted(let permutation): indices.indices.map { permutation[indices[$0]] }
    }
  }

  /// The samples that have the targets.
  private func owners(_ indices: Span<Int>) -> [Int] {
    switch places {
    case .list(let samples): indices.indices.map { samples[indices[$0]] }
    case .permuted: indices.indices.map { indices[$0] }
    }
  }
}
