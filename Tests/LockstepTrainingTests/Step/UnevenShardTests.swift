import LockstepData
import LockstepKernels
import LockstepModel
import LockstepTraining
import TestSupport
import Testing

/// Batches whose rows do not divide evenly among the shards, and an epoch's shorter last one, of which a shard may have
/// no row at all: every row counts the same, in the loss, the metrics and the gradient.
///
/// What is expected is a dense layer in Double, whose gradient is that of the batch's mean loss by central differences.
@Suite struct UnevenShardTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var loss: Loss
    var task: LearningTask
    var testDescription: String { "\(loss)" }
  }

  static let cases = [
    Case(loss: .softmaxCrossEntropy, task: .classification(classes: 3)),
    Case(loss: .softmaxCrossEntropy(labelSmoothing: 0.2), task: .classification(classes: 3)),
    Case(loss: .binaryCrossEntropy, task: .labels(3)),
    Case(loss: .meanSquaredError, task: .regression(targets: 3)),
    Case(loss: .meanAbsoluteError, task: .regression(targets: 3)),
    Case(loss: .huber(delta: 0.7), task: .regression(targets: 3)),
  ]
  private static let (features, units, batch) = (5, 3, 10)

  /// Two epochs of batches of 10, 10, and 3 or 6 rows.
  @Test(arguments: cases, [1, 3, 4, 7, 10])
  func everyRowCountsTheSame(_ kind: Case, shards: Int) throws {
    for (samples, isWeighted) in [(23, false), (26, false), (26, true)] {
      let objective = Objective(kind, samples: samples, isWeighted: isWeighted)
      let trainer = try trainer(kind, shards: shards)
      try trainer.attach(try objective.data())
      for step in 0..<6 {
        let what = "\(samples) samples\(isWeighted ? ", weighted" : ""), step \(step)"
        let drawn = try #require(trainer.sampler).batch(at: step)
        let rows = (0..<drawn.rows).map { drawn.sample($0) }
        let before = parameters(trainer)
        let result = try trainer.step(keepingGradient: true)
        #expect(result.rows == rows.count && result.rows == [10, 10, samples - 20][step % 3])
        expectClose(actual: result.loss, expected: objective.mean(rows, before), "\(what): loss")
        expectClose(
          actual: kind.loss.metrics(result.sums).dropFirst().map(\.value), expected: objective.metrics(rows, before),
          "\(what): metrics")
        let gradient = centralDifferences(of: { objective.mean(rows, $0) }, at: before)
        expectClose(
          actual: trainer.gradients.flatMap(\.values.array), expected: gradient, absolute: 2e-6, "\(what): gradient")
        expectClose(
          actual: parameters(trainer), expected: zip(before, gradient).map { $0 - 0.1 * $1 }, absolute: 1e-6,
          "\(what): parameters")
      }
    }
  }

  /// An evaluation's chunks are batches too; weights are no part of it.
  @Test(arguments: cases, [1, 4, 7])
  func evaluationToo(_ kind: Case, shards: Int) throws {
    for samples in [1, 9, 10, 23] {
      let objective = Objective(kind, samples: samples, isWeighted: false)
      let trainer = try trainer(kind, shards: shards)
      let sums = try trainer.evaluate(on: try objective.data()).sums
      let (rows, values) = (Array(0..<samples), parameters(trainer))
      expectClose(actual: sums.meanLoss, expected: objective.mean(rows, values), "\(samples) samples: loss")
      expectClose(
        actual: kind.loss.metrics(sums).dropFirst().map(\.value), expected: objective.metrics(rows, values),
        "\(samples) samples: metrics")
    }
  }

  private func trainer(_ kind: Case, shards: Int) throws -> Trainer {
    try Trainer(
      Model(features: Self.features) { Dense(Self.units) }, loss: kind.loss, optimizer: .sgd(learningRate: 0.1),
      batch: Self.batch, shards: shards, threads: 2, seed: 3)
  }

  /// The weight, then the bias.
  private func parameters(_ trainer: Trainer) -> [Double] { trainer.parameters.flatMap(\.values.array.doubles) }

  /// What the dense layer is to make small, in Double.
  private struct Objective {
    let kind: Case
    let x: [Float]
    let y: [Float]
    /// By sample.
    let weights: [Float]?

    init(_ kind: Case, samples: Int, isWeighted: Bool) {
      var generator = SeededGenerator(seed: 11)
      self.kind = kind
      x = generator.normal(samples * features)
      y =
        switch kind.task {
        case .classification(let classes): generator.labels(samples, below: classes)
        case .labels: generator.labels(samples * units, below: 2)
        case .regression: generator.normal(samples * units)
        }
      weights = isWeighted ? generator.uniform(samples, in: 0...3) : nil
    }

    func data() throws -> any Dataset {
      let data = TestData(features: features, task: kind.task, x: x, y: y)
      return if let weights { try data.weighted(by: weights) } else { data }
    }

    private func output(_ sample: Int, _ values: [Double]) -> [Double] {
      Reference.dense(
        x[sample * features..<(sample + 1) * features].map(Double.init), weight: Array(values[..<(features * units)]),
        bias: Array(values[(features * units)...]), rows: 1, inputs: features, units: units)
    }

    private func targets(_ sample: Int) -> [Double] {
      let columns = kind.task.targetColumns
      return y[sample * columns..<(sample + 1) * columns].map(Double.init)
    }

    /// (1/B) Σ wᵢ lᵢ over the rows of a batch; a loss of several elements a row is their mean.
    func mean(_ rows: [Int], _ values: [Double]) -> Double {
      let sum = rows.reduce(0.0) { sum, sample in
        let (output, targets) = (output(sample, values), targets(sample))
        let loss =
          switch kind.loss {
          case .softmaxCrossEntropy(let smoothing):
            Reference.softmaxCrossEntropy(
              output, labels: [Int(targets[0])], classes: units, smoothing: Double(smoothing)
            ).sum
          case .binaryCrossEntropy: Reference.binaryCrossEntropy(output, targets: targets).sum / Double(units)
          case .meanSquaredError: Reference.squaredError(output, targets).sum / Double(units)
          case .meanAbsoluteError: Reference.absoluteError(output, targets).sum / Double(units)
          case .huber(let delta): Reference.huber(output, targets, delta: Double(delta)).sum / Double(units)
          case .custom(let named): preconditionFailure("\(named.name) has no reference")
          }
        return sum + Double(weights?[sample] ?? 1) * loss
      }
      return sum / Double(rows.count)
    }

    /// Means over the rows, or over their elements: the accuracy, or absolute and squared error.
    func metrics(_ rows: [Int], _ values: [Double]) -> [Double] {
      let each = rows.map { metrics(output($0, values), targets($0)) }
      return each[0].indices.map { index in
        let sum = each.reduce(0.0) { $0 + $1[index] }
        return sum / Double(rows.count)
      }
    }

    private func metrics(_ output: [Double], _ targets: [Double]) -> [Double] {
      switch kind.loss {
      case .softmaxCrossEntropy: return [output.firstIndex(of: output.max() ?? 0) == Int(targets[0]) ? 1 : 0]
      case .binaryCrossEntropy:
        let right = output.indices.count { (output[$0] > 0) == (targets[$0] == 1) }
        return [Double(right) / Double(units)]
      case .meanSquaredError, .meanAbsoluteError, .huber, .custom:
        return [
          Reference.absoluteError(output, targets).sum / Double(units),
          Reference.squaredError(output, targets).sum / Double(units),
        ]
      }
    }
  }
}
