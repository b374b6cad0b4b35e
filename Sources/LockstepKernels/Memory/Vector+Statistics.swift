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
