import LockstepKernels
import TestSupport
import Testing

@testable import LockstepModel

/// Losses and metrics over shards are those over the batch.
@Suite struct LossTests {
  private static let losses: [Loss] = [
    .softmaxCrossEntropy, .softmaxCrossEntropy(labelSmoothing: 0.2), .binaryCrossEntropy, .meanSquaredError,
    .meanAbsoluteError,
    .huber(delta: 0.5),
  ]
  private let memory = TestMemory()

  /// Uneven shards weigh by their rows: whatever the cut, the mean and its gradient are those of the batch in one
  /// piece.
  @Test(arguments: losses)
  func meanOverUnevenShards(_ loss: Loss) {
    for seed in testSeeds {
      for (rows, units) in [(1, 3), (11, 4), (37, 2), (100, 10)] {
        let batch = batch(loss, rows: rows, units: units, seed: seed)
        let (whole, gradient) = evaluate(loss, batch, shards: 1)
        let mean = loss.reference(batch.outputs.array.doubles, targets: batch.targets.array.doubles, units: units)
        expectClose(actual: whole.meanLoss, expected: mean, "\(loss), \(rows) × \(units), seed \(seed)")
        for shards in [2, 3, 5, 8, 64] {
          let (sums, pieces) = evaluate(loss, batch, shards: shards)
          expectClose(
            actual: sums.meanLoss, expected: whole.meanLoss, relative: 1e-6, "\(loss), \(rows) rows in \(shards) shards"
          )
          #expect(sums.count == whole.count)
          expectClose(
            actual: [sums.first, sums.second], expected: [whole.first, whole.second], relative: 1e-6, "metrics")
          expectSameBits(pieces, gradient, "\(loss): gradient of \(rows) rows in \(shards) shards")
        }
      }
    }
  }

  /// Shard sums are added in the order of the one tree, which three shards show: (a + b) + c.
  @Test func sumsFollowTheTree() {
    let values = [1e16, 1, 1, -1e16, 0.5, 3, 7]
    let leaves = values.map { value in
      var sums = LossSums()
      (sums.loss, sums.count, sums.first, sums.second) = (value, 2, -value, 2 * value)
      return sums
    }
    for count in 1...values.count {
      let sums = Tree.reduce(0..<count, leaf: { leaves[$0] }, combine: +)
      #expect(
        sums.loss == Reference.treeSum(values[..<count]) && sums.first == -sums.loss && sums.second == 2 * sums.loss)
      #expect(sums.count == Double(2 * count) && sums.meanLoss == sums.loss / Double(2 * count))
    }
  }

  /// t = (1 − smoothing) · onehot + smoothing / classes, by hand for two classes.
  @Test func labelSmoothing() {
    let (logits, labels) = (
      memory.matrix([2, 0, 0, 2], rows: 2, columns: 2), memory.matrix([0, 0], rows: 2, columns: 1)
    )
    // −log softmax of the larger logit and of the smaller one.
    let (near, far) = (0.12692801104297263, 2.1269280110429727)
    for (smoothing, expected) in [(Float(0), (near + far) / 2), (0.1, (near + far) / 2), (1, (near + far) / 2)] {
      let loss = Loss.softmaxCrossEntropy(labelSmoothing: smoothing)
      let sums = loss.evaluate(output: logits, targets: labels, batchRows: 2, gradient: nil)
      expectClose(actual: sums.meanLoss, expected: expected, "both rows, smoothing \(smoothing)")
    }
    for (smoothing, share) in [(Float(0), 0.0), (0.1, 0.05), (0.3, 0.15), (1, 0.5)] {
      let loss = Loss.softmaxCrossEntropy(labelSmoothing: smoothing)
      let gradient = memory.matrix(rows: 1, columns: 2)
      let sums = loss.evaluate(
        output: logits.rows(0..<1), targets: labels.rows(0..<1), batchRows: 1, gradient: gradient)
      expectClose(actual: sums.meanLoss, expected: (1 - share) * near + share * far, "smoothing \(smoothing)")
      let probability = 0.8807970779778823
      expectClose(
        actual: gradient.elements.array, expected: [probability - (1 - share), 1 - probability - share],
        "smoothing \(smoothing)")
    }
  }

  @Test func accuracyOfClasses() {
    // Right, wrong, a tie whose first is the label's, a tie whose first is not.
    let logits = memory.matrix([0, 1, 0, 3, 2, 1, 5, 5, 0, 4, 4, 4], rows: 4, columns: 3)
    let labels = memory.matrix([1, 2, 0, 1], rows: 4, columns: 1)
    let sums = Loss.softmaxCrossEntropy.evaluate(output: logits, targets: labels, batchRows: 4, gradient: nil)
    let metrics = Loss.softmaxCrossEntropy.metrics(sums)
    #expect(metrics.map(\.name) == ["loss", "accuracy"])
    #expect(metrics[1].value == 0.5)
  }

  @Test func accuracyOfTwoClassesByOneLogit() {
    let logits = memory.matrix([0.1, -3, 2, 0, -0.5], rows: 5, columns: 1)
    let targets = memory.matrix([1, 0, 0, 0, 1], rows: 5, columns: 1)
    let sums = Loss.binaryCrossEntropy.evaluate(output: logits, targets: targets, batchRows: 5, gradient: nil)
    #expect(Loss.binaryCrossEntropy.metrics(sums).map(\.name) == ["loss", "accuracy"])
    #expect(Loss.binaryCrossEntropy.metrics(sums)[1].value == 0.6)
  }

  /// Errors of 1, −2, 0 and 0.25.
  @Test func metricsOfRegression() {
    let outputs = memory.matrix([2, 0, 3, 0.75], rows: 2, columns: 2)
    let targets = memory.matrix([1, 2, 3, 0.5], rows: 2, columns: 2)
    let (absolute, square) = (3.25 / 4, 5.0625 / 4)
    let expected: [(Loss, Double)] = [
      (.meanSquaredError, square), (.meanAbsoluteError, absolute), (.huber(delta: 1), (0.5 + 1.5 + 0.03125) / 4),
    ]
    for (loss, mean) in expected {
      let sums = loss.evaluate(output: outputs, targets: targets, batchRows: 2, gradient: nil)
      let metrics = loss.metrics(sums)
      #expect(metrics.map(\.name) == ["loss", "mean_absolute_error", "mean_squared_error"])
      #expect(metrics.map(\.value) == [mean, absolute, square], "\(loss)")
    }
  }

  @Test func emptyShardWeighsNothing() {
    for loss in LossTests.losses {
      let outputs = memory.matrix(rows: 0, columns: 3)
      let targets = memory.matrix(rows: 0, columns: loss.targetColumns(outputs: 3))
      #expect(loss.evaluate(output: outputs, targets: targets, batchRows: 5, gradient: outputs) == LossSums())
    }
  }

  private func batch(_ loss: Loss, rows: Int, units: Int, seed: UInt64) -> (outputs: Matrix, targets: Matrix) {
    var generator = SeededGenerator(seed: seed)
    let outputs = memory.matrix(generator.normal(rows * units).map { 3 * $0 }, rows: rows, columns: units)
    let columns = loss.targetColumns(outputs: units)
    let targets: [Float] =
      switch loss {
      case .softmaxCrossEntropy: generator.labels(rows, below: units)
      case .binaryCrossEntropy: generator.labels(rows * units, below: 2)
      default: generator.normal(rows * units)
      }
    return (outputs, memory.matrix(targets, rows: rows, columns: columns))
  }

  private func evaluate(_ loss: Loss, _ batch: (outputs: Matrix, targets: Matrix), shards: Int) -> (LossSums, [Float]) {
    let rows = batch.outputs.rows
    let gradient = memory.matrix(rows: rows, columns: batch.outputs.columns)
    let sums = (0..<shards).map { shard in
      let range = shard * rows / shards..<(shard + 1) * rows / shards
      return loss.evaluate(
        output: batch.outputs.rows(range), targets: batch.targets.rows(range), batchRows: rows,
        gradient: gradient.rows(range))
    }
    return (Tree.reduce(sums.indices, leaf: { sums[$0] }, combine: +), gradient.elements.array)
  }
}
