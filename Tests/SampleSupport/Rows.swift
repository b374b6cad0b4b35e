import LockstepData
import LockstepKernels

/// Rows of a data set as arrays.
public struct Rows: Equatable {
  public var features: [[Float]]
  public var targets: [[Float]]

  public init(_ dataset: any Dataset, _ indices: [Int]) throws {
    let columns = dataset.task.targetColumns
    let inputs = Arena(count: indices.count * dataset.features)
    let outputs = Arena(count: indices.count * columns)
    let x = inputs.matrix(at: 0, rows: indices.count, columns: dataset.features)
    let y = outputs.matrix(at: 0, rows: indices.count, columns: columns)
    try dataset.fill(indices.span, features: x, targets: y)
    features = (0..<indices.count).map { x.row($0).array }
    targets = (0..<indices.count).map { y.row($0).array }
  }

  public var labels: [Int] { targets.map { Int($0[0]) } }

  /// All features, in the order of the rows.
  public var values: [Double] { features.flatMap { $0.map(Double.init) } }

  public func column(_ c: Int) -> [Double] { features.map { Double($0[c]) } }
}

extension SyntheticSpecification {
  /// One small description of every kind, and of both tasks where a kind has two.
  public static let examples: [SyntheticSpecification] = [
    SyntheticSpecification(
      kind: .gaussianClusters(), samples: 5000, features: 37, task: .classification(classes: 5)),
    SyntheticSpecification(
      kind: .teacher(noise: 0.1), samples: 5000, features: 9, task: .classification(classes: 4)),
    SyntheticSpecification(
      kind: .teacher(depth: 2, width: 33, activation: .relu, noise: 0.1), samples: 5000, features: 9,
      task: .regression(targets: 3)),
    SyntheticSpecification(kind: .spirals(), samples: 5000, features: 4, task: .classification(classes: 3)),
    SyntheticSpecification(
      kind: .sparseParity(noise: 0.05), samples: 5000, features: 12, task: .classification(classes: 2)),
    SyntheticSpecification(kind: .friedman(), samples: 5000, features: 7, task: .regression(targets: 1)),
    SyntheticSpecification(pictures: .textures(height: 17, width: 16, channels: 1), samples: 5000, classes: 10),
    SyntheticSpecification(pictures: .shapes(height: 16, width: 19, channels: 1), samples: 5000, classes: 10),
  ]

  public func with(_ change: (inout SyntheticSpecification) -> Void) -> SyntheticSpecification {
    var copy = self
    change(&copy)
    return copy
  }
}

/// Mean and (biased) variance.
public func moments(_ values: [Double]) -> (mean: Double, variance: Double) {
  let mean = values.reduce(0, +) / Double(values.count)
  return (mean, values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count))
}

/// Σ (observed − expected)² / expected against equal shares.
public func chiSquare(_ counts: [Int]) -> Double {
  let expected = Double(counts.reduce(0, +)) / Double(counts.count)
  return counts.reduce(0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected }
}

/// A bound that chi-square with these degrees of freedom stays below but once in about 10⁷ draws: mean + 5.2
/// deviations (Wilson, Hilferty 1931).
public func chiSquareBound(_ degrees: Int) -> Double {
  let n = Double(degrees)
  let root = 1 - 2 / (9 * n) + 5.2 * (2 / (9 * n)).squareRoot()
  return n * root * root * root
}

/// Every sample of a data set: inputs and targets.
public func samples(of data: any Dataset) throws -> (inputs: [[Float]], targets: [[Float]]) {
  let memory = Arena(count: data.count * data.features + data.count * data.task.targetColumns)
  let x = memory.matrix(at: 0, rows: data.count, columns: data.features)
  let y = memory.matrix(at: data.count * data.features, rows: data.count, columns: data.task.targetColumns)
  let indices = Array(0..<data.count)
  try data.fill(indices.span, features: x, targets: y)
  return ((0..<data.count).map { x.row($0).array }, (0..<data.count).map { y.row($0).array })
}
