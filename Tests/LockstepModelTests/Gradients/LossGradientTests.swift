import LockstepModel
import Testing

/// Every loss's gradient through a small network, over uneven and empty shards.
@Suite struct LossGradientTests {
  @Test(arguments: [
    Loss.softmaxCrossEntropy, .softmaxCrossEntropy(labelSmoothing: 0.1), .binaryCrossEntropy, .meanSquaredError,
    .meanAbsoluteError,
    .huber, .huber(delta: 0.3),
  ])
  func loss(_ loss: Loss) throws {
    for (rows, shards) in [(11, 3), (1, 1), (13, 5), (3, 8), (16, 4)] {
      for units in [1, 2, 7] {
        try GradientCase(
          "\(loss), \(units) units", loss: loss, rows: rows, shards: shards, Dense(6), Tanh(), Dense(units)
        ).check()
      }
    }
  }

  /// With a weight a row, one of them 0.
  @Test(arguments: [
    Loss.softmaxCrossEntropy, .softmaxCrossEntropy(labelSmoothing: 0.1), .binaryCrossEntropy, .meanSquaredError,
    .meanAbsoluteError,
    .huber(delta: 0.3),
  ])
  func weightedLoss(_ loss: Loss) throws {
    for (rows, shards) in [(11, 3), (3, 8), (16, 4)] {
      for units in [1, 2, 7, 40] {
        var gradient = GradientCase(
          "weighted \(loss), \(units) units", loss: loss, rows: rows, shards: shards, Dense(6), Tanh(), Dense(units))
        gradient.isWeighted = true
        try gradient.check()
      }
    }
  }
}
