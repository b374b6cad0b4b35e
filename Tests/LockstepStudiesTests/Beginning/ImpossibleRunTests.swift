import Foundation
import LockstepConfiguration
import LockstepData
import LockstepModel
import LockstepRuns
import LockstepStudies
import LockstepTraining
import RunSupport
import TestSupport
import Testing

/// A configuration made in code is checked like a file before anything is computed or written.
@Suite struct ImpossibleRunTests {
  struct Wrong: Sendable, CustomTestStringConvertible {
    var key: String
    var change: @Sendable (inout RunConfiguration) -> Void
    var testDescription: String { key }

    init(_ key: String, _ change: @escaping @Sendable (inout RunConfiguration) -> Void) {
      (self.key, self.change) = (key, change)
    }
  }

  static let wrongs = [
    Wrong("checkpoint.every.steps") { $0.checkpoint.every = .steps(0) },
    Wrong("checkpoint.every.epochs") { $0.checkpoint.every = .epochs(.min) },
    Wrong("checkpoint.keep") { $0.checkpoint.keep = 0 },
    Wrong("metrics.every.steps") { $0.metrics.every = .steps(0) },
    Wrong("metrics.digest_every.steps") { $0.metrics.digestEvery = .steps(-3) },
    Wrong("metrics.layers_every.epochs") { $0.metrics.layersEvery = .epochs(0) },
    Wrong("model.initialization.lsuv.tolerance") { $0.initialization = LSUV(tolerance: 2) },
    Wrong("evaluation.every.steps") { $0.evaluation?.every = .steps(0) },
    Wrong("training.epochs") { $0.training.length = .epochs(.max) },
    Wrong("training.steps") { $0.training.length = .steps(0) },
    Wrong("training.shards") { $0.training.shards = 0 },
    Wrong("training.batch_size") { $0.training.batchSize = -1 },
    Wrong("training.threads") { $0.training.threads = .count(0) },
    Wrong("name") { $0.name = "../\n\"x" },
    Wrong("loss.huber.delta") { $0.loss = .huber(delta: -1) },
    Wrong("optimizer.adam.learning_rate") { $0.optimizer = .adam(learningRate: .nan) },
    Wrong("optimizer.adam.epsilon") { $0.optimizer = .adam(learningRate: 0.1, epsilon: 1e-60) },
    Wrong("data.train.synthetic.samples") {
      $0.data.train = .synthetic(
        SyntheticSpecification(kind: .friedman(noise: 1), samples: 0, features: 5, task: .regression(targets: 1)))
    },
    Wrong("model.layers.0.repeat.times") { $0.layers.insert(.repeated(times: .max, [Dense(8).layer]), at: 0) },
  ]

  @Test(arguments: wrongs) func isInput(_ wrong: Wrong) throws {
    var configuration = try tinyRun()
    wrong.change(&configuration)
    try withTemporaryFolder { folder in
      let output = "\(folder)/run"
      func expectInput(_ attempt: () throws -> Void) throws {
        let error = try #require(throws: RunError.self) { try attempt() }
        guard case .input(let text) = error else { throw error }
        #expect(text.contains("\(wrong.key): found"), "\(text)")
      }
      try expectInput { _ = try TrainingRun.start(configuration, output: output) }
      try expectInput { _ = try TrainingRun.resumeOrStart(configuration, output: output) }
      try expectInput { _ = try ThreadScaling.measure(configuration, threads: [1, 2], steps: 8) }
      try expectInput { _ = try RunEstimate(configuration) }
      #expect(!FileManager.default.fileExists(atPath: output))
    }
  }
}
