/// Count, mean and M2 = Σ (x − mean)² of some numbers, in Double.
package struct ScalarMoments: BitwiseCopyable, Sendable, Equatable {
  package var count = 0.0
  package var mean = 0.0
  package var m2 = 0.0

  package init() {}

  /// M2 / count, the biased variance; not a number for none.
  package var variance: Double { m2 / count }

  /// The moments of the numbers of `a` and `b` together — Chan, Golub, LeVeque 1979.
  package static func merge(_ a: ScalarMoments, _ b: ScalarMoments) -> ScalarMoments {
    if a.count == 0 { return b }
    if b.count == 0 { return a }
    var merged = ScalarMoments()
    let delta = b.mean - a.mean
    merged.count = a.count + b.count
    merged.mean = a.mean + delta * (b.count / merged.count)
    merged.m2 = a.m2 + b.m2 + delta * delta * (a.count * b.count / merged.count)
    return merged
  }
}

extension Vector {
  /// Measured in two passes over the elements in order.
  package var moments: ScalarMoments {
    var moments = ScalarMoments()
    guard count > 0 else { return moments }
    moments.count = Double(count)
    var sum = 0.0
    for index in 0..<count { sum += Double(base[index]) }
    moments.mean = sum / moments.count
    for index in 0..<count {
      let difference = Double(base[index]) - moments.mean
      moments.m2 += difference * difference
    }
    return moments
  }

  /// x ← factor · x
  package func scale(by factor: Float) {
    for index in 0..<count { base[index] *= factor }
  }
}
