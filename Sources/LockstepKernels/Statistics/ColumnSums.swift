// Sums in Double over the rows of a matrix, for every column by itself, in the order of the rows.
extension Matrix {
  /// `sums[c]` += Σ x² over the rows of every column c.
  package func addSquares(to sums: inout [Double]) {
    add(to: &sums) { Double($0) * Double($0) }
  }

  /// `sums[c]` += Σ |x|
  package func addMagnitudes(to sums: inout [Double]) {
    add(to: &sums) { Double($0.magnitude) }
  }

  /// `counts[c]` += how many numbers of column c lie outside of `bounds`.
  package func addOutside(_ bounds: ClosedRange<Float>, to counts: inout [Int]) {
    add(to: &counts) { $0 < bounds.lowerBound || $0 > bounds.upperBound ? 1 : 0 }
  }

  @inline(__always)
  private func add<Sum: AdditiveArithmetic>(to sums: inout [Sum], _ term: (Float) -> Sum) {
    precondition(sums.count == columns, "\(sums.count) sums for \(columns) columns")
    sums.withUnsafeMutableBufferPointer { sums in
      for row in 0..<rows {
        let x = base + row * stride
        for column in 0..<columns { sums[column] += term(x[column]) }
      }
    }
  }
}
