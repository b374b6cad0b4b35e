/// Between which shares of all samples the true one lies, by the score test — Wilson 1927, Probable inference, the law
/// of succession, and statistical inference (https://doi.org/10.1080/01621459.1927.10502953).
///
/// It holds the true share in 95 of 100 cases, nearly so also where the share is close to 0 or 1 or samples are few.
package enum WilsonInterval {
  /// The normal distribution's quantile at 0.975.
  private static let quantile = 1.959963984540054

  /// - Parameters:
  ///   - share: of the samples that were looked at, from 0 to 1.
  ///   - count: of those samples, at least 1.
  package static func of(_ share: Double, count: Int) -> ClosedRange<Double> {
    precondition((0...1).contains(share) && count >= 1)
    let (n, square) = (Double(count), quantile * quantile)
    let middle = (share + square / (2 * n)) / (1 + square / n)
    let half = quantile / (1 + square / n) * (share * (1 - share) / n + square / (4 * n * n)).squareRoot()
    // Rounding leaves neither the share outside nor an end beyond 0 or 1.
    return max(0, min(share, middle - half))...min(1, max(share, middle + half))
  }
}
