/// How values are spread: quantiles and a histogram, read from counts of classes that are 3 % wide.
package struct ValueDistribution {
  /// The classes that hold values, ascending.
  private var classes: [(low: Double, high: Double, count: Double)] = []
  private let total: Double
  private let low: Double
  private let high: Double

  init(counts: [Int], low: Float, high: Float) {
    (self.low, self.high) = (Double(low), Double(high))
    let bins = ValueBins.fine
    for bin in bins.ascending where counts[bin] > 0 {
      let bounds = bins.bounds(bin)
      // No value lies beyond the extremes.
      let clamped = (max(bounds.low, self.low), min(bounds.high, self.high))
      classes.append((clamped.0, max(clamped.0, clamped.1), Double(counts[bin])))
    }
    total = classes.reduce(0) { $0 + $1.count }
  }

  /// The value below which a share `p` of the values lies; values of a class count as evenly spread over it.
  package func quantile(_ p: Double) -> Double {
    var rank = p * total
    for part in classes {
      if rank <= part.count { return part.low + (part.high - part.low) * rank / part.count }
      rank -= part.count
    }
    return high
  }

  /// The shares of the values in `bins` classes of equal width between the quantiles 0.001 and 0.999; what lies beyond
  /// counts to the first and the last.
  package func histogram(bins: Int) -> (low: Double, high: Double, shares: [Double]) {
    let (low, high) = (quantile(0.001), quantile(0.999))
    guard high > low else { return (low, high, [1]) }
    var shares = [Double](repeating: 0, count: bins)
    let width = (high - low) / Double(bins)
    func place(_ value: Double) -> Int { Int(min(max((value - low) / width, 0), Double(bins - 1))) }
    for part in classes {
      let (from, to) = (place(part.low), place(part.high))
      if from == to || part.high <= part.low {
        shares[from] += part.count / total
        continue
      }
      // A class across several bins: to each as much as it covers.
      for bin in from...to {
        let start = bin == from ? part.low : low + Double(bin) * width
        let end = bin == to ? part.high : low + Double(bin + 1) * width
        shares[bin] += part.count / total * max(0, end - start) / (part.high - part.low)
      }
    }
    return (low, high, shares)
  }
}

extension Vector {
  /// How many elements lie below `low` or above `high`.
  package func count(below low: Float, orAbove high: Float) -> Int {
    var found = 0
    for index in 0..<count { found += base[index] < low || base[index] > high ? 1 : 0 }
    return found
  }
}

extension Vector {
  /// The smallest and the largest of the elements and of those that `range` was found among; nil for none at all.
  package func range(joining range: (min: Float, max: Float)?) -> (min: Float, max: Float)? {
    guard count > 0 else { return range }
    var (low, high) = range ?? (self[0], self[0])
    for index in 0..<count {
      low = Swift.min(low, self[index])
      high = Swift.max(high, self[index])
    }
    return (low, high)
  }
}
