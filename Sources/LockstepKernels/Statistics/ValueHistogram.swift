/// How the values of a tensor are spread: their extremes, their sums, and how many lie in each of a row of buckets.
///
/// A bucket is an eighth of a power of two, 7 to 13 % wide, on either side of 0. A value on the limit of two belongs to
/// that which is farther from 0; what is smaller than the normal numbers counts as 0, and what is not finite does not
/// count.
package struct ValueHistogram {
  package private(set) var count = 0
  package private(set) var minimum = Double.infinity
  package private(set) var maximum = -Double.infinity
  /// Of the values in their order.
  package private(set) var sum = 0.0
  package private(set) var sumOfSquares = 0.0
  /// Upper limits, ascending, and how many values lie between the limit before and this one; empty ones only where they
  /// part filled ones.
  package private(set) var buckets: [(limit: Double, count: Int)] = []

  package init(of values: Vector) {
    let bins = ValueBins(fractionBits: 3)
    var counts = [Int](repeating: 0, count: bins.count)
    counts.withUnsafeMutableBufferPointer { counts in
      for index in 0..<values.count {
        let value = values.base[index]
        guard value.isFinite else { continue }
        counts[bins.bin(of: value)] += 1
        let exact = Double(value)
        (minimum, maximum) = (min(minimum, exact), max(maximum, exact))
        sum += exact
        sumOfSquares += exact * exact
      }
    }
    count = counts.reduce(0, +)
    if count == 0 { (minimum, maximum) = (0, 0) }
    for bin in bins.ascending where counts[bin] > 0 { add(counts[bin], between: bins.bounds(bin)) }
  }

  private mutating func add(_ count: Int, between bounds: (low: Double, high: Double)) {
    let smallest = Double(Float.leastNormalMagnitude)
    let (low, high) = bounds == (0, 0) ? (-smallest, smallest) : bounds
    // All that counts as 0 is one bucket.
    if let last = buckets.last, last.limit == high {
      buckets[buckets.count - 1].count += count
      return
    }
    if let last = buckets.last, last.limit != low { buckets.append((low, 0)) }
    buckets.append((high, count))
  }
}
