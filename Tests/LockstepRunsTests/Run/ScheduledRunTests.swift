import Foundation
import LockstepTraining
import RunSupport
import TestSupport
import Testing

@testable import LockstepConfiguration
@testable import LockstepFormats
@testable import LockstepRuns

/// What a schedule remembers and what layers are trained by is part of a run, wherever it is stopped.
@Suite struct ScheduledRunTests {
  private static let layers =
    "[{dense: {units: 8, bias: false, learning_rate: 0.3}}, {batch_norm: {trainable: false}}, tanh, "
    + "{residual: {layers: [{dense: {units: 8}}, tanh], trainable: false}}, {prelu: {learning_rate: 2}}, {dense: {units: 1}}]"

  /// Its learning rate falls, rests and falls again; a warm-up is over in the midst, and so is a period.
  @Test(arguments: [
    "{reduce_on_plateau: {factor: 0.5, patience: 0, cooldown: 3, threshold: 0.9, warmup: {epochs: 1}}}",
    "{reduce_on_plateau: {factor: 0.5, patience: 1, cooldown: 2, threshold: 5, threshold_mode: absolute, warmup: 3}}",
    "{cosine_restarts: {period: {epochs: 1}, multiplier: 2, decay: 0.5, warmup: 2}}",
    "{step: {every: {epochs: 1}, gamma: 0.5, warmup: 7}}",
  ])
  func sameBitsWhereverStopped(schedule: String) throws {
    let configuration = try tinyRun(
      "schedule=\(schedule)", "evaluation.every=1", "checkpoint.every=1", "metrics.every=1", "metrics.layers_every=5",
      "checkpoint.keep=99", "model.layers=\(Self.layers)", "optimizer={adamw: {learning_rate: 0.05, weight_decay: 0.1}}"
    )
    try withTemporaryFolder { folder in
      let whole = try TrainingRun.start(configuration, output: "\(folder)/whole")
      let rates = Rates()
      let expected = try whole.train(observe: rates.observe)
      let lines = try whole.lines
      #expect(rates.all.count == 20 && Set(rates.all).count > 4, "\(rates.all)")
      for (stop, threads) in zip(1...19, [1, 2, 3, 4, 2, 3].joined(times: 4)) {
        var next = configuration
        next.training.threads = .count(threads)
        _ = try TrainingRun.resumeOrStart(next, output: "\(folder)/stopped", upTo: stop).train()
      }
      let run = try TrainingRun.resume("\(folder)/stopped")
      #expect(try run.train().digest == expected.digest)
      #expect(try run.lines == lines)
    }
  }

  private final class Rates {
    private(set) var all: [Double] = []
    func observe(_ event: RunEvent) {
      if case .step(let result, _) = event { all.append(result.learningRate) }
    }
  }

  /// The log has no figures of what has none: a frozen layer's gradient and update.
  @Test func layersOfTheLog() throws {
    let configuration = try tinyRun("model.layers=\(Self.layers)", "metrics.layers_every=5")
    try withTemporaryFolder { folder in
      let run = try TrainingRun.start(configuration, output: folder)
      _ = try run.train()
      let seen = try run.lines.filter { $0["event"] == "layers" }.compactMap { $0["layers"]?.array }
      #expect(seen.count == 4)
      for layers in seen {
        let keys = layers.compactMap(\.object).filter { $0["signal"] != nil }.map { $0["gradient_norm"] != nil }
        #expect(keys == [true, false, true])
      }
    }
  }

  /// What of a model is trained stands beside its parameters.
  @Test func estimate() throws {
    let estimate = try RunEstimate(tinyRun("model.layers=\(Self.layers)"))
    // 5 × 8, γ and β, 8 × 8 and 8, slopes, 8 and 1.
    #expect(estimate.parameters == 40 + 16 + 72 + 8 + 9 && estimate.trainedParameters == 40 + 8 + 9)
    #expect(estimate.json["trained_parameters"]?.integer == 57)
  }
}

extension [Int] {
  fileprivate func joined(times: Int) -> [Int] { (0..<times).flatMap { _ in self } }
}
