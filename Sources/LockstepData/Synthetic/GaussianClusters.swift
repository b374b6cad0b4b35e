import LockstepKernels

/// Classes that are normal clouds: means[k, c] ~ N(0, separation²) once a task; a sample has a label k uniform over
/// the classes and x[c] = means[k, c] + N(0, 1).
///
/// Standardised features are (x[c] − μ[c]) / σ[c], μ the mean over the classes of means[·, c], σ² = 1 + their
/// (biased) variance: exact for a label uniform over the classes. μ and σ are folded into the tables, so that a row
/// costs one multiply-add a feature.
struct GaussianClusters: Dataset {
  let count: Int
  let features: Int
  let task: LearningTask
  let fingerprint: String
  private let classes: Int
  private let streams: SyntheticStreams
  private let tables: Arena
  /// [classes, padded features]: (means − μ) / σ
  private let means: Matrix
  /// [padded features]: 1 / σ
  private let deviation: Vector

  init(separation: Double, classes: Int, _ specification: SyntheticSpecification, seed: UInt64) {
    (count, features, task) = (specification.samples, specification.features, specification.task)
    fingerprint = specification.fingerprint(seed: seed)
    self.classes = classes
    streams = SyntheticStreams(seed: seed, split: specification.split)
    let stride = paddedTableColumns(features)
    tables = Arena(count: (classes + 1) * stride)
    means = tables.matrix(at: 0, rows: classes, columns: stride)
    deviation = tables.vector(at: classes * stride, count: stride)
    fillTables(separation: separation, standardize: specification.standardize)
  }

  private func fillTables(separation: Double, standardize: Bool) {
    for k in 0..<classes { streams.task.stream(UInt64(k)).normal(into: means.row(k)[0..<features]) }
    for c in 0..<features {
      var mean = 0.0
      var variance = 0.0
      if standardize {
        for k in 0..<classes { mean += separation * Double(means[k, c]) }
        mean /= Double(classes)
        for k in 0..<classes {
          let difference = separation * Double(means[k, c]) - mean
          variance += difference * difference
        }
        variance /= Double(classes)
      }
      let inverse = 1 / (variance + 1).squareRoot()
      for k in 0..<classes { means[k, c] = Float((separation * Double(means[k, c]) - mean) * inverse) }
      deviation[c] = Float(inverse)
    }
  }

  func fill(_ indices: Span<Int>, features x: Matrix, targets y: Matrix) throws(DatasetError) {
    try checkFill(indices, features: x, targets: y)
    withFloatingPointEnvironment { compute(indices, features: x, targets: y) }
  }

  private func compute(_ indices: Span<Int>, features x: Matrix, targets y: Matrix) {
    fillClassLabels(indices, key: streams.labels, classes: classes, into: y)
    fillGaussianClusters(indices, key: streams.features, means: means, deviation: deviation, labels: y, into: x)
  }
}
