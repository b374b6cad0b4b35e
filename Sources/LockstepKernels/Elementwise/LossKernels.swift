internal import CKernels

/// Losses over the rows of one shard. Each returns the sum over the rows, in Double, and writes `scale` times the
/// gradient of that sum where a gradient is asked for. Classes are indices stored as floats, one a row. Weights, one a
/// row too, multiply a row's loss and gradient once they are computed, so that a weight of 1 changes no bit.
package enum LossKernels {
  /// −Σₖ tₖ · log softmax(z)ₖ with t = (1 − smoothing) · onehot + smoothing / classes; also the number of rows whose
  /// largest logit is the label's.
  package static func softmaxCrossEntropy(
    logits: Matrix, labels: Matrix, smoothing: Float, weights: Vector? = nil, scale: Float, gradient: Matrix?
  ) -> (sum: Double, correct: Int) {
    precondition(labels.rows == logits.rows && labels.columns == 1)
    var correct = 0
    let sum = lk_softmax_cross_entropy(
      logits.rows, logits.columns, smoothing, scale, logits.elements.base, labels.elements.base,
      base(weights, like: logits),
      base(gradient, like: logits), &correct)
    return (sum, correct)
  }

  /// max(z, 0) − z · t + log(1 + e^−|z|) over all elements; also the number of elements on the right side of zero.
  package static func binaryCrossEntropy(
    logits: Matrix, targets: Matrix, weights: Vector? = nil, scale: Float, gradient: Matrix?
  ) -> (sum: Double, correct: Int) {
    precondition(targets.rows == logits.rows && targets.columns == logits.columns)
    var correct = 0
    let sum = lk_binary_cross_entropy(
      logits.rows, logits.columns, scale, logits.elements.base, targets.elements.base, base(weights, like: logits),
      base(gradient, like: logits), &correct)
    return (sum, correct)
  }

  /// Σ (prediction − target)²
  package static func squaredError(
    _ prediction: Matrix, _ target: Matrix, weights: Vector? = nil, scale: Float, gradient: Matrix?
  ) -> Double {
    precondition(target.rows == prediction.rows && target.columns == prediction.columns)
    return lk_squared_error(
      prediction.rows, prediction.columns, scale, prediction.elements.base, target.elements.base,
      base(weights, like: prediction),
      base(gradient, like: prediction))
  }

  /// Σ |prediction − target|
  package static func absoluteError(
    _ prediction: Matrix, _ target: Matrix, weights: Vector? = nil, scale: Float, gradient: Matrix?
  ) -> Double {
    precondition(target.rows == prediction.rows && target.columns == prediction.columns)
    return lk_absolute_error(
      prediction.rows, prediction.columns, scale, prediction.elements.base, target.elements.base,
      base(weights, like: prediction),
      base(gradient, like: prediction))
  }

  /// Σ of d² / 2 where |d| ≤ delta, else delta · (|d| − delta / 2) — Huber 1964
  package static func huber(
    _ prediction: Matrix, _ target: Matrix, delta: Float, weights: Vector? = nil, scale: Float, gradient: Matrix?
  ) -> Double {
    precondition(target.rows == prediction.rows && target.columns == prediction.columns)
    return lk_huber(
      prediction.rows, prediction.columns, delta, scale, prediction.elements.base, target.elements.base,
      base(weights, like: prediction), base(gradient, like: prediction))
  }

  /// Σ |d| and Σ d², d = (prediction − target) · units[column]: errors of standardised targets in the units that they
  /// had.
  package static func errors(
    _ prediction: Matrix, _ target: Matrix, units: [Double]
  ) -> (absolute: Double, squared: Double) {
    precondition(target.rows == prediction.rows && target.columns == prediction.columns)
    precondition(units.count == prediction.columns, "a unit a column")
    var squared = 0.0
    let absolute = units.withUnsafeBufferPointer { units in
      units.baseAddress.map {
        lk_errors_in_units(
          prediction.rows, prediction.columns, $0, prediction.elements.base, target.elements.base, &squared)
      }
    }
    return (absolute ?? 0, squared)
  }

  /// Softmax of every row; `probabilities` may be `logits`.
  package static func softmax(_ logits: Matrix, into probabilities: Matrix) {
    precondition(logits.rows == probabilities.rows && logits.columns == probabilities.columns)
    lk_softmax(logits.rows, logits.columns, logits.elements.base, probabilities.elements.base)
  }

  private static func base(_ gradient: Matrix?, like matrix: Matrix) -> UnsafeMutablePointer<Float>? {
    guard let gradient else { return nil }
    precondition(gradient.rows == matrix.rows && gradient.columns == matrix.columns)
    return gradient.elements.base
  }

  private static func base(_ weights: Vector?, like matrix: Matrix) -> UnsafePointer<Float>? {
    guard let weights else { return nil }
    precondition(weights.count == matrix.rows, "a weight a row")
    return UnsafePointer(weights.base)
  }
}
