internal import CKernels

/// PReLU: y = x > 0 ? x : slope · x with a learned slope — He, Zhang, Ren, Sun 2015, https://arxiv.org/abs/1502.01852
///
/// `slope` has one value a column, or one for all. x, y are [rows, columns].
package func parametricReLU(_ x: Matrix, slope: Vector, into y: Matrix) {
  precondition(x.rows == y.rows && x.columns == y.columns && x.stride == y.stride)
  precondition(slope.count == x.columns || slope.count == 1)
  lk_prelu_forward(x.rows, x.columns, x.stride, slope.base, isShared(slope, x), x.base, y.base)
}

/// sums[c] = Σ over rows of dy · min(x, 0): the gradient of a column's slope; of a shared one it is their sum.
package func parametricReLUSums(x: Matrix, dy: Matrix, into sums: Vector) {
  precondition(x.rows == dy.rows && x.columns == dy.columns && x.stride == dy.stride && sums.count == x.columns)
  lk_prelu_backward_sums(x.rows, x.columns, x.stride, x.base, dy.base, sums.base)
}

/// dx = dy · (x > 0 ? 1 : slope), which may be `dy`.
package func parametricReLUBackward(x: Matrix, slope: Vector, dy: Matrix, into dx: Matrix) {
  precondition(x.rows == dy.rows && x.columns == dy.columns && x.rows == dx.rows && x.columns == dx.columns)
  precondition(x.stride == dy.stride && x.stride == dx.stride && (slope.count == x.columns || slope.count == 1))
  lk_prelu_backward_input(x.rows, x.columns, x.stride, slope.base, isShared(slope, x), x.base, dy.base, dx.base)
}

private func isShared(_ slope: Vector, _ x: Matrix) -> Int32 { slope.count == 1 && x.columns != 1 ? 1 : 0 }

/// What the random layers draw for a row: units of it in their order, of which the first of `x` is unit `first`, a
/// multiple of 32 (a block of the stream).
///
/// RReLU in training: `factor` = x > 0 ? 1 : U(lower, upper), y = factor · x — Xu, Wang, Chen, Li 2015,
/// https://arxiv.org/abs/1505.00853. Backward multiplies by `factor`.
package func randomizedReLU(
  _ x: Vector, from first: Int = 0, lower: Float, upper: Float, stream: RandomStream, into y: Vector, factor: Vector
) {
  precondition(x.count == y.count && x.count == factor.count && first % RandomStream.block == 0)
  lk_rrelu_row(stream.value, first, x.count, lower, upper, x.base, y.base, factor.base)
}

/// Dropout in training, units of a row: `factor` = 0 with probability `rate`, else 1 / (1 − rate); y = factor · x —
/// Srivastava et al. 2014. Backward multiplies by `factor`.
package func dropout(
  _ x: Vector, from first: Int = 0, rate: Float, stream: RandomStream, into y: Vector, factor: Vector
) {
  precondition(x.count == y.count && x.count == factor.count && first % RandomStream.block == 0)
  lk_dropout_row(stream.value, first, x.count, rate, x.base, y.base, factor.base)
}

/// AlphaDropout in training, units of a row: a dropped unit takes SELU's limit −λα, then an affine map restores mean 0
/// and variance 1 — Klambauer et al. 2017, https://arxiv.org/abs/1706.02515. Backward multiplies by `factor`.
package func alphaDropout(
  _ x: Vector, from first: Int = 0, rate: Float, stream: RandomStream, into y: Vector, factor: Vector
) {
  precondition(x.count == y.count && x.count == factor.count && first % RandomStream.block == 0)
  lk_alpha_dropout_row(stream.value, first, x.count, rate, x.base, y.base, factor.base)
}

extension Matrix {
  /// Sets `flags[offset + c]` to 1 for every column c that holds a number above 0, and leaves the others as they are.
  package func markPositiveColumns(in flags: Slots<UInt8>, at offset: Int) {
    precondition(offset >= 0 && offset + columns <= flags.count, "flags outside the range")
    let found = flags.base + offset
    for row in 0..<rows {
      let x = base + row * stride
      for column in 0..<columns { found[column] |= x[column] > 0 ? 1 : 0 }
    }
  }
}
