import LockstepData
import LockstepKernels
import LockstepModel
import LockstepRuns
import LockstepTraining

/// The losses of networks that know nothing: one whose outputs are 0, and the best whose outputs are any constant.
struct TargetConstants {
  /// ln K for K classes, ln 2 for labels, the mean square for numbers.
  let zero: Double
  /// The entropy of the classes, the variance of numbers.
  let best: Double
  /// What is left where every target is known: label smoothing's entropy, else 0.
  let least: Double
  /// Above which a loss that training starts from is worth a note, or a fault.
  let far: (note: Double, fault: Double)

  /// - Parameters:
  ///   - targets: [samples, target columns].
  ///   - weights: of each sample in the loss.
  init(_ loss: Loss, outputs: Int, targets: Matrix, weights: Vector) {
    let memory = Arena(count: targets.rows * outputs)
    let output = memory.matrix(at: 0, rows: targets.rows, columns: outputs)
    func mean() -> Double {
      loss.evaluate(
        output: output, targets: targets, weights: weights, batchRows: targets.rows, gradient: nil
      ).meanLoss
    }
    zero = mean()
    switch loss.targets {
    case .classes, .labels:
      // Outputs of a variance of 1 or 2, as He's weights make them, add a half or one.
      far = (zero + 1.5, max(zero + 1.5, 3 * zero))
    case .numbers:
      // Of outputs of such a variance, which may be alike for all samples, one network in thirty is beyond three
      // deviations of its targets, and one in three thousand beyond five.
      let squares = (0..<outputs).map { unit in
        (0..<targets.rows).reduce(0.0) { $0 + Double(targets[$1, unit]) * Double(targets[$1, unit]) }
      }
      func loss(beyond deviations: Double) -> Double {
        let sides = [deviations, -deviations].map { side in
          let outputs = squares.map { Float(side * ($0 / Double(targets.rows)).squareRoot()) }
          for row in 0..<targets.rows { output.row(row).copy(from: outputs) }
          return mean()
        }
        return (sides[0] + sides[1]) / 2
      }
      far = (loss(beyond: 3), loss(beyond: 5))
    }
    let constants = Self.constants(loss, outputs: outputs, targets, weights)
    for row in 0..<targets.rows { output.row(row).copy(from: constants) }
    best = mean()
    if case .softmaxCrossEntropy(let smoothing) = loss, smoothing > 0 {
      let (off, on) = (Double(smoothing) / Double(outputs), 1 - Double(smoothing) + Double(smoothing) / Double(outputs))
      least = -on * Scalar.log(on) - Double(outputs - 1) * off * Scalar.log(off)
    } else {
      least = 0
    }
  }

  /// The outputs whose loss is least; of a loss of one's own those for which the usual loss of its targets is.
  private static func constants(_ loss: Loss, outputs: Int, _ targets: Matrix, _ weights: Vector) -> [Float] {
    let total = (0..<weights.count).reduce(0) { $0 + Double(weights[$1]) }
    // Half a sample at least of every class, so that logarithms are finite.
    func share(_ sum: Double) -> Double { max(sum / total, 0.5 / Double(targets.rows)) }
    func weighted(_ column: Int, _ value: (Double) -> Double) -> Double {
      (0..<targets.rows).reduce(0) { $0 + Double(weights[$1]) * value(Double(targets[$1, column])) }
    }
    switch loss {
    case .custom(let named):
      let usual: Loss =
        switch named.targets {
        case .classes: .softmaxCrossEntropy
        case .labels: .binaryCrossEntropy
        case .numbers: .meanSquaredError
        }
      return constants(usual, outputs: outputs, targets, weights)
    case .softmaxCrossEntropy(let smoothing):
      return (0..<outputs).map { unit in
        let known = share(weighted(0) { $0 == Double(unit) ? 1 : 0 })
        return Float(Scalar.log((1 - Double(smoothing)) * known + Double(smoothing) / Double(outputs)))
      }
    case .binaryCrossEntropy:
      return (0..<outputs).map { unit in
        let positive = min(share(weighted(unit) { $0 }), 1 - 0.5 / Double(targets.rows))
        return Float(Scalar.log(positive / (1 - positive)))
      }
    case .meanSquaredError: return (0..<outputs).map { unit in Float(weighted(unit) { $0 } / total) }
    case .meanAbsoluteError: return (0..<outputs).map { Float(middle($0, targets, weights, near: 0)) }
    case .huber(let delta): return (0..<outputs).map { Float(middle($0, targets, weights, near: Double(delta))) }
    }
  }

  /// Where Σ w · clamp(t − c, ±delta) changes its sign, the signs alone for a delta of 0, by bisection: the median, or
  /// what is between that and the mean.
  private static func middle(_ column: Int, _ targets: Matrix, _ weights: Vector, near delta: Double) -> Double {
    let values = (0..<targets.rows).map { Double(targets[$0, column]) }
    var (low, high) = (values.min() ?? 0, values.max() ?? 0)
    for _ in 0..<60 {
      let middle = (low + high) / 2
      let pull = values.indices.reduce(0.0) { sum, row in
        let distance = values[row] - middle
        let force = delta > 0 ? min(max(distance, -delta), delta) : distance > 0 ? 1 : distance < 0 ? -1 : 0
        return sum + Double(weights[row]) * force
      }
      if pull > 0 { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }
}

extension TargetConstants {
  /// Over samples of a data set.
  ///
  /// - Parameter classWeights: what a sample of each class counts; nil where all count the same.
  init(
    _ loss: Loss, outputs: Int, of set: any Dataset, _ samples: [Int], classWeights: [Float]?
  ) throws(DatasetError) {
    let columns = set.task.targetColumns
    let memory = Arena(count: samples.count * (columns + 1))
    let targets = memory.matrix(at: 0, rows: samples.count, columns: columns)
    let weights = memory.vector(at: targets.count, count: samples.count)
    try set.fillTargets(samples.span, targets)
    try set.fillWeights(samples.span, into: weights)
    if let classWeights {
      for row in samples.indices { weights[row] *= classWeights[Int(targets[row, 0])] }
    }
    self.init(loss, outputs: outputs, targets: targets, weights: weights)
  }
}
