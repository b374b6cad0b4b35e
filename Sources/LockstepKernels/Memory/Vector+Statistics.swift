extension Vector {
  /// √(Σ x² / count); 0 for none.
  package var rootMeanSquare: Double { count == 0 ? 0 : (sumOfSquares / Double(count)).squareRoot() }

  /// The smallest and the largest element; zeros for none.
  package var range: (min: Float, max: Float) {
    guard count > 0 else { return (0, 0) }
    var (low, high) = (self[0], self[0])
    for index in 0..<count {
      low = Swift.min(low, self[index])
      high = Swift.max(high, self[index])
    }
    return (low, high)
  }
}
