import LockstepKernels

extension Initializer {
  /// Fills a tensor of `shape`, by whose fans and matrix the variance and the orthonormal rows or columns are.
  package func fill(_ tensor: Vector, shape: TensorShape, key: RandomKey) {
    withFloatingPointEnvironment { draw(tensor, shape: shape, key: key) }
  }

  private func draw(_ tensor: Vector, shape: TensorShape, key: RandomKey) {
    let stream = key.stream(0)
    switch self {
    case .constant(let value): tensor.fill(value)
    case .normal(let mean, let stddev):
      stream.normal(into: tensor)
      for index in 0..<tensor.count { tensor[index] = mean + stddev * tensor[index] }
    case .uniform(let min, let max):
      stream.uniform(into: tensor)
      for index in 0..<tensor.count { tensor[index] = min + (max - min) * tensor[index] }
    case .varianceScaling(let scale, let mode, let distribution):
      let stddev = Initializer.standardDeviation(scale: Double(scale), mode: mode, shape: shape)
      switch distribution {
      case .uniform:
        let limit = Float((3.0).squareRoot() * stddev)
        Initializer.uniform(min: -limit, max: limit).fill(tensor, shape: shape, key: key)
      case .untruncatedNormal:
        Initializer.normal(mean: 0, stddev: Float(stddev)).fill(tensor, shape: shape, key: key)
      case .truncatedNormal:
        TruncatedNormal.fill(tensor, stddev: stddev / TruncatedNormal.deviation, stream: stream)
      }
    case .orthogonal(let gain):
      Orthogonal.fill(tensor, rows: shape.rows, columns: shape.columns, gain: gain, stream: stream)
    }
  }

  /// √(scale / fan) of a tensor.
  package static func standardDeviation(scale: Double, mode: Fan, shape: TensorShape) -> Double {
    let (fanIn, fanOut) = (Double(shape.fans.in), Double(shape.fans.out))
    let fan =
      switch mode {
      case .fanIn: fanIn
      case .fanOut: fanOut
      case .fanAverage: (fanIn + fanOut) / 2
      }
    return (scale / max(1, fan)).squareRoot()
  }
}

/// The normal distribution cut at two standard deviations, drawn by inversion: one word an element, no rejection.
enum TruncatedNormal {
  /// The standard deviation of N(0, 1) cut at ±2.
  static let deviation = 0.87962566103423978

  static func fill(_ out: Vector, stddev: Double, stream: RandomStream) {
    let words = stream.words(count: out.count)
    // Φ(−2), and what is between Φ(−2) and Φ(2)
    let low = 0x1.74bcf82c9d863p-6
    let width = 1 - 2 * low
    for index in 0..<out.count {
      let share = (Double(words[index]) + 0.5) * 0x1p-32
      out[index] = Float(stddev * normalQuantile(low + width * share))
    }
  }

  /// Φ⁻¹(p) to about 1e-16, for p in [0.02, 0.98] — Wichura 1988, algorithm AS 241 (PPND16).
  static func normalQuantile(_ p: Double) -> Double {
    let q = p - 0.5
    if abs(q) <= 0.425 {
      let r = 0.180625 - q * q
      return q * centre.numerator(r) / centre.denominator(r)
    }
    let r = (-Scalar.log(q < 0 ? p : 1 - p)).squareRoot() - 1.6
    let value = tail.numerator(r) / tail.denominator(r)
    return q < 0 ? -value : value
  }

  /// Seven degrees of a polynomial by Horner's rule, written out: a loop over an array takes several times as long.
  private struct Polynomial {
    var c0, c1, c2, c3, c4, c5, c6, c7: Double

    func callAsFunction(_ x: Double) -> Double {
      let upper = ((c7 * x + c6) * x + c5) * x + c4
      return (((upper * x + c3) * x + c2) * x + c1) * x + c0
    }
  }

  private static let centre = (
    numerator: Polynomial(
      c0: 3.387132872796366608, c1: 133.14166789178437745, c2: 1971.5909503065514427, c3: 13731.693765509461125,
      c4: 45921.953931549871457, c5: 67265.770927008700853, c6: 33430.575583588128105, c7: 2509.0809287301226727),
    denominator: Polynomial(
      c0: 1, c1: 42.313330701600911252, c2: 687.1870074920579083, c3: 5394.1960214247511077, c4: 21213.794301586595867,
      c5: 39307.89580009271061, c6: 28729.085735721942674, c7: 5226.495278852854561)
  )
  private static let tail = (
    numerator: Polynomial(
      c0: 1.42343711074968357734, c1: 4.6303378461565452959, c2: 5.7694972214606914055, c3: 3.64784832476320460504,
      c4: 1.27045825245236838258, c5: 0.24178072517745061177, c6: 0.0227238449892691845833, c7: 7.7454501427834140764e-4
    ),
    denominator: Polynomial(
      c0: 1, c1: 2.05319162663775882187, c2: 1.6763848301838038494, c3: 0.68976733498510000455,
      c4: 0.14810397642748007459,
      c5: 0.0151986665636164571966, c6: 5.475938084995344946e-4, c7: 1.05075007164441684324e-9)
  )
}
