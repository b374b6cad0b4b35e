/// Numbers counted in bins of equal width from the least of them to the largest.
public struct Histogram: Sendable, Equatable {
  /// How many numbers lie in each bin.
  public let counts: [Int]
  /// The least number and the largest.
  public let (low, high): (Double, Double)

  /// - Parameter values: at least one; what is not finite does not count.
  init?(_ values: [Double], bins: Int = 40) {
    let values = values.filter(\.isFinite)
    guard let low = values.min(), let high = values.max() else { return nil }
    var counts = [Int](repeating: 0, count: low < high ? bins : 1)
    for value in values {
      let share = low < high ? (value - low) / (high - low) : 0
      counts[min(counts.count - 1, Int(share * Double(counts.count)))] += 1
    }
    (self.counts, self.low, self.high) = (counts, low, high)
  }
}
