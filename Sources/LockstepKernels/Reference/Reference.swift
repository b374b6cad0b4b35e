/// The arithmetic of Lockstep in Double and in plain loops: what every fast kernel is tested against, and the shortest
/// statement of what it computes.
///
/// Matrices are row-major arrays: element (r, c) of a matrix of `columns` columns stands at `r * columns + c`. Nothing
/// here is fast, nothing is rounded to float32, and no function calls a kernel.
package enum Reference {
  /// c = a b. Shapes: a [m, k], b [k, n], c [m, n].
  package static func product(_ a: [Double], _ b: [Double], m: Int, k: Int, n: Int) -> [Double] {
    var c = [Double](repeating: 0, count: m * n)
    for row in 0..<m {
      for column in 0..<n {
        for inner in 0..<k { c[row * n + column] += a[row * k + inner] * b[inner * n + column] }
      }
    }
    return c
  }

  /// The transpose of a [rows, columns], which has the shape [columns, rows].
  package static func transposed(_ a: [Double], rows: Int, columns: Int) -> [Double] {
    var result = [Double](repeating: 0, count: rows * columns)
    for row in 0..<rows {
      for column in 0..<columns { result[column * rows + row] = a[row * columns + column] }
    }
    return result
  }

  /// Σ over the rows of x [rows, columns]: one value a column.
  package static func columnSums(_ x: [Double], rows: Int, columns: Int) -> [Double] {
    var sums = [Double](repeating: 0, count: columns)
    for row in 0..<rows {
      for column in 0..<columns { sums[column] += x[row * columns + column] }
    }
    return sums
  }

  /// The sum along the one tree of Lockstep: `sum[lo, hi)` with more than one leaf splits at `lo + m`, m the largest
  /// power of two strictly below `hi − lo`. Generic, because a test of the order must round as the kernel does.
  package static func treeSum<Value: FloatingPoint>(_ leaves: ArraySlice<Value>) -> Value {
    precondition(!leaves.isEmpty, "a tree has a leaf")
    if leaves.count == 1 { return leaves[leaves.startIndex] }
    var half = 1
    while 2 * half < leaves.count { half *= 2 }
    return treeSum(leaves.prefix(half)) + treeSum(leaves.dropFirst(half))
  }
}

/// A dense layer: y = x W + b. Shapes: x [rows, inputs], W [inputs, units], b [units], y [rows, units].
extension Reference {
  /// y[r, u] = Σᵢ x[r, i] W[i, u] + b[u]
  package static func dense(
    _ x: [Double], weight: [Double], bias: [Double], rows: Int, inputs: Int, units: Int
  ) -> [Double] {
    var y = product(x, weight, m: rows, k: inputs, n: units)
    for row in 0..<rows {
      for unit in 0..<units { y[row * units + unit] += bias[unit] }
    }
    return y
  }

  /// The gradients of `dense`, given dy [rows, units]: dx = dy Wᵀ, dW = xᵀ dy, db = Σ over the rows of dy.
  package static func denseBackward(
    _ x: [Double], weight: [Double], dy: [Double], rows: Int, inputs: Int, units: Int
  ) -> (dx: [Double], weight: [Double], bias: [Double]) {
    let dx = product(dy, transposed(weight, rows: inputs, columns: units), m: rows, k: units, n: inputs)
    let dWeight = product(transposed(x, rows: rows, columns: inputs), dy, m: inputs, k: rows, n: units)
    return (dx, dWeight, columnSums(dy, rows: rows, columns: units))
  }
}
