import Libc

/// Losses as sums over rows or elements, with the gradient of that sum. A mean over the batch divides both.
extension Reference {
  /// softmax(z)ₖ = e^zₖ / Σⱼ e^zⱼ of every row of z [rows, classes].
  package static func softmax(_ logits: [Double], classes: Int) -> [Double] {
    var result = logits
    for start in stride(from: 0, to: logits.count, by: classes) {
      let row = start..<start + classes
      let largest = logits[row].max() ?? 0
      let sum = logits[row].reduce(0) { $0 + exp($1 - largest) }
      for index in row { result[index] = exp(logits[index] - largest) / sum }
    }
    return result
  }

  /// −Σₖ tₖ ln softmax(z)ₖ with t = (1 − smoothing) · onehot(label) + smoothing / classes — Szegedy et al. 2016,
  /// https://arxiv.org/abs/1512.00567. Its gradient is softmax(z) − t, and `correct` counts the rows whose largest
  /// logit, the first of equals, is the label's.
  package static func softmaxCrossEntropy(
    _ logits: [Double], labels: [Int], classes: Int, smoothing: Double
  ) -> (sum: Double, gradient: [Double], correct: Int) {
    var sum = 0.0
    var correct = 0
    var gradient = softmax(logits, classes: classes)
    for (row, label) in labels.enumerated() {
      let z = logits[row * classes..<(row + 1) * classes]
      let largest = z.max() ?? 0
      let logSum = log(z.reduce(0) { $0 + exp($1 - largest) }) + largest
      for k in 0..<classes {
        let target = (k == label ? 1 - smoothing : 0) + smoothing / Double(classes)
        sum += target * (logSum - logits[row * classes + k])
        gradient[row * classes + k] -= target
      }
      if z.firstIndex(of: largest) == row * classes + label { correct += 1 }
    }
    return (sum, gradient, correct)
  }

  /// −t ln σ(z) − (1 − t) ln(1 − σ(z)) = max(z, 0) − z t + ln(1 + e^−|z|), with the gradient σ(z) − t; `correct` counts
  /// the elements with z > 0 exactly where t > ½.
  package static func binaryCrossEntropy(
    _ logits: [Double], targets: [Double]
  ) -> (sum: Double, gradient: [Double], correct: Int) {
    var sum = 0.0
    var correct = 0
    for (z, t) in zip(logits, targets) {
      sum += max(z, 0) - z * t + log1p(exp(-abs(z)))
      if (z > 0) == (t > 0.5) { correct += 1 }
    }
    return (sum, zip(logits, targets).map { sigmoid($0) - $1 }, correct)
  }

  /// Σ d², d = prediction − target; gradient 2d
  package static func squaredError(
    _ prediction: [Double], _ target: [Double]
  ) -> (sum: Double, gradient: [Double]) {
    let d = zip(prediction, target).map { $0 - $1 }
    return (d.reduce(0) { $0 + $1 * $1 }, d.map { 2 * $0 })
  }

  /// Σ |d|; gradient the sign of d, 0 at 0
  package static func absoluteError(
    _ prediction: [Double], _ target: [Double]
  ) -> (sum: Double, gradient: [Double]) {
    let d = zip(prediction, target).map { $0 - $1 }
    return (d.reduce(0) { $0 + abs($1) }, d.map { $0 > 0 ? 1 : $0 < 0 ? -1 : 0 })
  }

  /// Σ of d² / 2 where |d| ≤ delta, else delta (|d| − delta / 2); gradient d held within ±delta — Huber 1964
  package static func huber(
    _ prediction: [Double], _ target: [Double], delta: Double
  ) -> (sum: Double, gradient: [Double]) {
    let d = zip(prediction, target).map { $0 - $1 }
    let sum = d.reduce(0) { $0 + (abs($1) <= delta ? $1 * $1 / 2 : delta * (abs($1) - delta / 2)) }
    return (sum, d.map { min(max($0, -delta), delta) })
  }
}
