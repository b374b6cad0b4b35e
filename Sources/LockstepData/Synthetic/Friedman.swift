import LockstepKernels

/// Friedman #1: y = 10 sin(π x₁x₂) + 20 (x₃ − 1/2)² + 10 x₄ + 5 x₅ + noise · N(0, 1), features uniform in [0, 1);
/// those beyond the fifth tell nothing. Friedman 1991, "Multivariate adaptive regression splines", Annals of
/// Statistics 19, https://doi.org/10.1214/aos/1176347963
///
/// Standardised, features are (x − 1/2) √12 and the target is (y − `mean`) / √(`variance` + noise²).
struct Friedman: Dataset {
  /// E y = 10 Cin(π)/π + 20/12 + 5 + 5/2, Cin(x) = ∫₀ˣ (1 − cos t)/t dt.
  static let mean = 14.413297342419857
  /// Var y without noise = 100 (1/2 − Si(2π)/(4π) − (Cin(π)/π)²) + 400 (1/80 − 1/144) + 100/12 + 25/12.
  static let variance = 23.826463771381002

  let count: Int
  let features: Int
  let task: LearningTask
  let fingerprint: String
  private let noise: Double
  private let standardize: Bool
  private let streams: SyntheticStreams

  init(noise: Double, _ specification: SyntheticSpecification, seed: UInt64) {
    (count, features, task) = (specification.samples, specification.features, specification.task)
    fingerprint = specification.fingerprint(seed: seed)
    self.noise = noise
    standardize = specification.standardize
    streams = SyntheticStreams(seed: seed, split: specification.split)
  }

  func fill(_ indices: Span<Int>, features x: Matrix, targets y: Matrix) throws(DatasetError) {
    try checkFill(indices, features: x, targets: y)
    withFloatingPointEnvironment { compute(indices, features: x, targets: y) }
  }

  private func compute(_ indices: Span<Int>, features x: Matrix, targets y: Matrix) {
    let spread = standardize ? 12.0.squareRoot() : 1
    fillUniformRows(
      indices, key: streams.features, scale: Float(spread), shift: standardize ? Float(-spread / 2) : 0, into: x)
    let deviation = (Friedman.variance + noise * noise).squareRoot()
    fillFriedmanTargets(
      indices, key: streams.features, noiseKey: streams.labels, noise: Float(noise),
      center: standardize ? Float(Friedman.mean) : 0, scale: standardize ? Float(1 / deviation) : 1, into: y)
  }
}
