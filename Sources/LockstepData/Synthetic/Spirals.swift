import LockstepKernels

/// The classes are the arms of a spiral: with t uniform in (0, 1) a point of arm k of K stands at radius t and angle
/// 2π (k/K + turns · t) in the plane of the first two features, plus noise · N(0, 1); further features are N(0, 1)
/// and tell nothing.
///
/// The plane has mean 0, because the arms are evenly spaced. Its variance is noise² + E[t² cos²] and noise² + E[t²
/// sin²]; with three arms or more both are 1/6, with two 1/6 ± ½ ∫₀¹ t² cos(4π turns t) dt.
struct Spirals: Dataset {
  let count: Int
  let features: Int
  let task: LearningTask
  let fingerprint: String
  private let classes: Int
  private let turns: Double
  private let noise: Double
  private let scale: (Float, Float)
  private let streams: SyntheticStreams

  init(turns: Double, noise: Double, classes: Int, _ specification: SyntheticSpecification, seed: UInt64) {
    (count, features, task) = (specification.samples, specification.features, specification.task)
    fingerprint = specification.fingerprint(seed: seed)
    (self.classes, self.turns, self.noise) = (classes, turns, noise)
    streams = SyntheticStreams(seed: seed, split: specification.split)
    if specification.standardize {
      let difference = classes == 2 ? Spirals.cosineMoment(turns: 2 * turns) / 2 : 0
      let (first, second) = (1 / 6 + difference + noise * noise, 1 / 6 - difference + noise * noise)
      scale = (Float(1 / first.squareRoot()), Float(1 / second.squareRoot()))
    } else {
      scale = (1, 1)
    }
  }

  func fill(_ indices: Span<Int>, features x: Matrix, targets y: Matrix) throws(DatasetError) {
    try checkFill(indices, features: x, targets: y)
    withFloatingPointEnvironment { compute(indices, features: x, targets: y) }
  }

  private func compute(_ indices: Span<Int>, features x: Matrix, targets y: Matrix) {
    fillClassLabels(indices, key: streams.labels, classes: classes, into: y)
    fillNormalRows(indices, key: streams.features, into: x)
    placeOnSpiral(
      indices, key: streams.labels, classes: classes, turns: turns, noise: Float(noise), scale: scale, labels: y, in: x)
  }

  /// ∫₀¹ t² cos(ct) dt with c = 2π · turns: sin c / c + 2 cos c / c² − 2 sin c / c³, or its series about 0, where
  /// that loses digits.
  static func cosineMoment(turns: Double) -> Double {
    let c = 2 * Double.pi * turns
    if c < 0.1 { return 1 / 3 - c * c / 10 + c * c * c * c / 168 }
    let (cosine, sine) = cosineAndSine(turns: turns)
    return sine / c + 2 * cosine / (c * c) - 2 * sine / (c * c * c)
  }

  /// cos 2πx and sin 2πx by their power series after whole turns are taken off: no library's rounding enters the
  /// samples.
  static func cosineAndSine(turns: Double) -> (Double, Double) {
    let angle = 2 * Double.pi * (turns - turns.rounded())
    var (cosine, sine) = (0.0, 0.0)
    var term = 1.0
    for n in 0..<40 {
      // term = angleⁿ / n!
      switch n % 4 {
      case 0: cosine += term
      case 1: sine += term
      case 2: cosine -= term
      default: sine -= term
      }
      term *= angle / Double(n + 1)
    }
    return (cosine, sine)
  }
}
