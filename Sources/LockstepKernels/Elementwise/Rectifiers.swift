internal import CKernels

/// PReLU: y = x > 0 ? x : slope · x with a learned slope — He, Zhang, Ren, Sun 2015, https://arxiv.org/abs/1502.01852
///
/// `slope` has one value a column, or one for all. x, y are [rows, columns].
package func parametricReLU(_ x: Matrix, slope: Vector, into y: Matrix) {
  precondition(x.rows == y.rows && x.columns == y.columns && (slope.count == x.columns || slope.count == 1))
  lk_prelu_forward(x.rows, x.columns, slope.base, isShared(slope, x), x.base, y.base)
}

/// dx = dy · (x > 0 ? 1 : slope), which may be `dy`; `slopeGradient` = Σ over rows (over all elements, if shared) of dy
/// · min(x, 0). `scratch` holds one value a column.
package func parametricReLUBackward(
  x: Matrix, slope: Vector, dy: Matrix, into dx: Matrix, slopeGradient: Vector, scratch: Vector
) {
  precondition(x.rows == dy.rows && x.columns == dy.columns && x.rows == dx.rows && x.columns == dx.columns)
  precondition(
    slope.count == slopeGradient.count && (slope.count == x.columns || slope.count == 1) && scratch.count >= x.columns)
  lk_prelu_backward(
    x.rows, x.columns, slope.base, isShared(slope, x), x.base, dy.base, dx.base, slopeGradient.base, scratch.base)
}

private func isShared(_ slope: Vector, _ x: Matrix) -> Int32 { slope.count == 1 && x.columns != 1 ? 1 : 0 }

/// RReLU in training, one row: `factor` = x > 0 ? 1 : U(lower, upper), y = factor · x — Xu, Wang, Chen, Li 2015,
/// https://arxiv.org/abs/1505.00853. Backward multiplies by `factor`.
package func randomizedReLU(
  _ x: Vector, lower: Float, upper: Float, stream: RandomStream, into y: Vector, factor: Vector
) {
  precondition(x.count == y.count && x.count == factor.count)
  lk_rrelu_row(stream.value, x.count, lower, upper, x.base, y.base, factor.base)
}

/// Dropout in training, one row: `factor` = 0 with probability `rate`, else 1 / (1 − rate); y = factor · x — Srivastava
/// et al. 2014. Backward multiplies by `factor`.
package func dropout(_ x: Vector, rate: Float, stream: RandomStream, into y: Vector, factor: Vector) {
  precondition(x.count == y.count && x.count == factor.count)
  lk_dropout_row(stream.value, x.count, rate, x.base, y.base, factor.base)
}

/// AlphaDropout in training, one row: a dropped unit takes SELU's limit −λα, then an affine map restores mean 0 and
/// variance 1 — Klambauer et al. 2017, https://arxiv.org/abs/1706.02515. Backward multiplies by `factor`.
package func alphaDropout(_ x: Vector, rate: Float, stream: RandomStream, into y: Vector, factor: Vector) {
  precondition(x.count == y.count && x.count == factor.count)
  lk_alpha_dropout_row(stream.value, x.count, rate, x.base, y.base, factor.base)
}

extension Matrix {
  /// Sets `flags[offset + c]` to 1 for every column c that holds a number above 0, and leaves the others as they are.
  package func markPositiveColumns(in flags: Slots<UInt8>, at offset: Int) {
    precondition(offset >= 0 && offset + columns <= flags.count, "flags outside the range")
    let found = flags.base + offset
    for row in 0..<rows {
      let x = base + row * columns
      for column in 0..<columns { found[column] |= x[column] > 0 ? 1 : 0 }
    }
  }
}
