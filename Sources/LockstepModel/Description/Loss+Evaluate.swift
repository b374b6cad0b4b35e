import LockstepKernels

/// Sums of the loss and its metrics over the rows of a shard, a batch or a whole data set.
public struct LossSums: Sendable, Equatable, BitwiseCopyable {
  /// Rows (cross entropy over classes, a loss of one's own) or elements (the other losses) that the sums run over.
  public var count: Double = 0
  /// Sum of the loss, each row weighted where rows have weights.
  public var loss: Double = 0
  /// Sums of the metrics after the loss, in the order of `Loss.summedMetrics`; means are taken over `count`.
  package var first: Double = 0
  package var second: Double = 0

  /// Sums over no rows.
  public init() {}

  /// Sums over the rows of both.
  public static func + (a: LossSums, b: LossSums) -> LossSums {
    var sum = a
    sum.count += b.count
    sum.loss += b.loss
    sum.first += b.first
    sum.second += b.second
    return sum
  }

  /// loss / count.
  public var meanLoss: Double { withFloatingPointEnvironment { loss / count } }
}

extension Loss {
  /// What the sum of the loss over `rows` rows of `columns` outputs is divided by.
  package func denominator(rows: Int, columns: Int) -> Double {
    switch self {
    case .softmaxCrossEntropy, .custom: Double(rows)
    case .binaryCrossEntropy, .meanSquaredError, .meanAbsoluteError, .huber: Double(rows * columns)
    }
  }

  /// Sums of loss and metrics over a shard's rows: the loss as it is weighted, the metrics as the rows are; with
  /// `gradient`, also d(mean over the batch)/d(output).
  ///
  /// - Parameters:
  ///   - output: [rows, units], the network's last value.
  ///   - targets: class indices [rows, 1] for softmax cross entropy, else [rows, units].
  ///   - weights: wᵢ of every row, so that the mean over a batch of B rows is (1/B) Σ wᵢ lᵢ; nil where all are 1.
  ///   - units: what targets of regression were divided by, one a column, so that metrics are in the units that they
  ///     had; empty where they were not.
  ///   - batchRows: rows of the whole batch, so that uneven shards weigh by their rows.
  package func evaluate(
    output: Matrix, targets: Matrix, weights: Vector? = nil, units: [Double] = [], batchRows: Int, gradient: Matrix?
  ) -> LossSums {
    withFloatingPointEnvironment {
      sums(
        output: output, targets: targets, weights: weights, units: units, batchRows: batchRows, gradient: gradient)
    }
  }

  /// `evaluate` where the floating-point environment has been entered already.
  package func sums(
    output: Matrix, targets: Matrix, weights: Vector?, units: [Double], batchRows: Int, gradient: Matrix?
  ) -> LossSums {
    let scale = Float(1 / denominator(rows: batchRows, columns: output.columns))
    var sums = LossSums()
    sums.count = denominator(rows: output.rows, columns: output.columns)
    switch self {
    case .softmaxCrossEntropy(let labelSmoothing):
      let result = LossKernels.softmaxCrossEntropy(
        logits: output, labels: targets, smoothing: labelSmoothing, weights: weights, scale: scale, gradient: gradient)
      (sums.loss, sums.first) = (result.sum, Double(result.correct))
    case .binaryCrossEntropy:
      let result = LossKernels.binaryCrossEntropy(
        logits: output, targets: targets, weights: weights, scale: scale, gradient: gradient)
      (sums.loss, sums.first) = (result.sum, Double(result.correct))
    case .meanSquaredError:
      sums.loss = LossKernels.squaredError(output, targets, weights: weights, scale: scale, gradient: gradient)
      if !units.isEmpty { break }
      sums.first = LossKernels.absoluteError(output, targets, scale: scale, gradient: nil)
      sums.second =
        weights == nil ? sums.loss : LossKernels.squaredError(output, targets, scale: scale, gradient: nil)
    case .meanAbsoluteError:
      sums.loss = LossKernels.absoluteError(output, targets, weights: weights, scale: scale, gradient: gradient)
      if !units.isEmpty { break }
      sums.first =
        weights == nil ? sums.loss : LossKernels.absoluteError(output, targets, scale: scale, gradient: nil)
      sums.second = LossKernels.squaredError(output, targets, scale: scale, gradient: nil)
    case .huber(let delta):
      sums.loss = LossKernels.huber(output, targets, delta: delta, weights: weights, scale: scale, gradient: gradient)
      if !units.isEmpty { break }
      sums.first = LossKernels.absoluteError(output, targets, scale: scale, gradient: nil)
      sums.second = LossKernels.squaredError(output, targets, scale: scale, gradient: nil)
    case .custom(let named):
      sums.loss = named.sum(output, targets, weights: weights, scale: scale, gradient: gradient)
      (sums.first, sums.second) = usualSums(output, targets)
    }
    // Only targets of regression have units.
    if !units.isEmpty { (sums.first, sums.second) = LossKernels.errors(output, targets, units: units) }
    // Its metrics are means over elements, as of the other losses.
    if case .custom = self, targets.columns > 1 {
      sums.first /= Double(targets.columns)
      sums.second /= Double(targets.columns)
    }
    return sums
  }

  /// What the metrics beside the loss sum, by the loss that is usual for the targets.
  private func usualSums(_ output: Matrix, _ targets: Matrix) -> (first: Double, second: Double) {
    switch self.targets {
    case .classes:
      let found = LossKernels.softmaxCrossEntropy(
        logits: output, labels: targets, smoothing: 0, weights: nil, scale: 1, gradient: nil)
      return (Double(found.correct), 0)
    case .labels:
      let found = LossKernels.binaryCrossEntropy(
        logits: output, targets: targets, weights: nil, scale: 1, gradient: nil)
      return (Double(found.correct), 0)
    case .numbers:
      return (
        LossKernels.absoluteError(output, targets, scale: 1, gradient: nil),
        LossKernels.squaredError(output, targets, scale: 1, gradient: nil)
      )
    }
  }

  /// The means of loss and metrics over `sums.count`, by name: the loss first, then the accuracy of a classifier, or
  /// the mean absolute and the mean squared error of a regression.
  public func metrics(_ sums: LossSums) -> [(name: String, value: Double)] {
    withFloatingPointEnvironment {
      zip(summedMetrics, [sums.loss, sums.first, sums.second]).map { ($0.rawValue, $1 / sums.count) }
    }
  }
}
