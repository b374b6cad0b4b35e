import Libc

/// Student's t distribution — Student 1908; the incomplete beta function by its continued fraction (Lentz 1976; NIST
/// DLMF 8.17.22).
enum StudentT {
  /// P(T ≤ t) with `freedom` degrees of freedom.
  static func cumulative(_ t: Double, freedom: Double) -> Double {
    let square = t * t
    // Near the middle the part from 0 to t is small, and exact; far out the tail is.
    if square < freedom {
      let part = incompleteBeta(square / (freedom + square), 0.5, freedom / 2) / 2
      return t > 0 ? 0.5 + part : 0.5 - part
    }
    let tail = incompleteBeta(freedom / (freedom + square), freedom / 2, 0.5) / 2
    return t > 0 ? 1 - tail : tail
  }

  /// The t below which a share `p` of the distribution lies, by bisection.
  static func quantile(_ p: Double, freedom: Double) -> Double {
    precondition(p > 0 && p < 1 && freedom > 0)
    if p < 0.5 { return -quantile(1 - p, freedom: freedom) }
    var (low, high) = (0.0, 1.0)
    while cumulative(high, freedom: freedom) < p { high *= 2 }
    for _ in 0..<100 {
      let middle = (low + high) / 2
      if cumulative(middle, freedom: freedom) < p { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }

  /// I_x(a, b), the regularised incomplete beta function.
  private static func incompleteBeta(_ x: Double, _ a: Double, _ b: Double) -> Double {
    if x <= 0 { return 0 }
    if x >= 1 { return 1 }
    // The fraction converges fast on this side of the mean only.
    if x > (a + 1) / (a + b + 2) { return 1 - incompleteBeta(1 - x, b, a) }
    let front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log(1 - x))
    return front / a * continuedFraction(x, a, b)
  }

  private static func continuedFraction(_ x: Double, _ a: Double, _ b: Double) -> Double {
    let tiny = Double.leastNormalMagnitude
    func away(_ value: Double) -> Double { abs(value) < tiny ? tiny : value }
    var c = 1.0
    var d = 1 / away(1 - (a + b) * x / (a + 1))
    var result = d
    for step in 1...300 {
      let m = Double(step)
      for term in [
        m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
        -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
      ] {
        d = 1 / away(1 + term * d)
        c = away(1 + term / c)
        result *= c * d
      }
      if abs(c * d - 1) < 1e-15 { break }
    }
    return result
  }
}

/// Mean and standard deviation of the figures of some trials, and how sure the mean is.
package struct Sample {
  let values: [Double]

  package init(_ values: [Double]) { self.values = values }

  /// Σ values / n, and 0 where values cancel but for what rounding has left of them.
  package var mean: Double {
    let sum = values.reduce(0, +)
    return abs(sum) <= 1e-12 * values.reduce(0) { $0 + abs($1) } ? 0 : sum / Double(values.count)
  }

  /// The standard deviation with n − 1 below; nil for a single value.
  package var deviation: Double? {
    guard values.count > 1 else { return nil }
    let centre = mean
    return (values.reduce(0) { $0 + ($1 - centre) * ($1 - centre) } / Double(values.count - 1)).squareRoot()
  }

  /// Half the width of the 95 % confidence interval of the mean, t · s · √(1/n + overlap); nil for a single value.
  ///
  /// - Parameter overlap: validation samples over training samples where the values are those of folds, whose training
  ///   sets overlap so that they are not independent — Nadeau, Bengio 2003, https://doi.org/10.1023/A:1024068626366; 0
  ///   where they are.
  package func margin(overlap: Double) -> Double? {
    guard let deviation else { return nil }
    let t = StudentT.quantile(0.975, freedom: Double(values.count - 1))
    return t * deviation * (1 / Double(values.count) + overlap).squareRoot()
  }
}
