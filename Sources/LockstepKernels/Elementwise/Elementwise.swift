internal import CKernels

/// sum = a + b, elementwise; `sum` may be either.
package func add(_ a: Vector, _ b: Vector, into sum: Vector) {
  precondition(a.count == b.count && a.count == sum.count)
  lk_add(a.count, a.base, b.base, sum.base)
}

/// difference = b − a, elementwise; `difference` may be either.
package func subtract(_ a: Vector, from b: Vector, into difference: Vector) {
  precondition(a.count == b.count && a.count == difference.count)
  for index in 0..<a.count { difference.base[index] = b.base[index] - a.base[index] }
}

/// product = a · b, elementwise; `product` may be either.
package func multiplyElements(_ a: Vector, _ b: Vector, into product: Vector) {
  precondition(a.count == b.count && a.count == product.count)
  lk_multiply(a.count, a.base, b.base, product.base)
}

/// y[r, c] = x[r, c] · factor[c]; `y` may be `x`.
package func scaleColumns(_ x: Matrix, by factor: Vector, into y: Matrix) {
  precondition(x.rows == y.rows && x.columns == y.columns && x.stride == y.stride && factor.count == x.columns)
  lk_scale_columns(x.rows, x.columns, x.stride, x.base, factor.base, y.base)
}

/// sums[c] = Σ over rows of x[r, c].
package func columnSums(_ x: Matrix, into sums: Vector) {
  precondition(sums.count == x.columns)
  lk_column_sums(x.rows, x.columns, x.stride, x.base, sums.base)
}

extension Vector {
  /// Index of the first element that is infinite or not a number.
  package var firstNonFinite: Int? {
    let index = lk_first_non_finite(count, base)
    return index < 0 ? nil : index
  }

  /// Σ of the elements, one after the other in float32.
  package var total: Float {
    var total: Float = 0
    for index in 0..<count { total += base[index] }
    return total
  }
}
