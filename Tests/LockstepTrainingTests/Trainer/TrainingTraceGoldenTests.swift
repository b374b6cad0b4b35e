import LockstepKernels
import LockstepModel
import LockstepTraining
import TestSupport
import Testing

/// Forty steps of a data-parallel run in PyTorch, repeated by the real trainer in four shards: losses, parameters,
/// running statistics.
@Suite struct TrainingTraceGoldenTests {
  private static let layers = ["dense0", "batch_norm0", "dense1", "batch_norm1", "dense2"]

  @Test func trace() throws {
    let golden = try Golden.load("training_trace.json")
    var first: [String: [UInt32]] = [:]
    for threads in [1, 2, 4] {
      let (trainer, losses) = try train(golden, threads: threads)
      expectNear(losses, try golden.losses.numbers(), "losses")
      let names = Set(golden.final.members.keys)
      #expect(names == Set(trainer.network.parameters.entries.map(\.name)))
      for name in names.sorted() {
        expectNear(try trainer.tensor("model.\(name)").array.doubles, try golden.final[name].numbers(), name)
      }
      for (layer, statistics) in golden.running.members {
        #expect(Set(statistics.members.keys) == ["mean", "variance"])
        for (name, values) in statistics.members {
          expectNear(
            try trainer.tensor("model.\(layer).running_\(name)").array.doubles, try values.numbers(),
            "\(layer) running \(name)")
        }
      }
      if first.isEmpty {
        first = trainer.tensorBits
      } else {
        #expect(trainer.tensorBits == first, "\(threads) threads")
      }
    }
  }

  /// The setting is that of the file's `about`: 6-16-16-3, BatchNorm and ELU twice, batch 24 in 4 shards, momentum 0.9,
  /// rate 0.05.
  private func train(_ golden: Golden, threads: Int) throws -> (Trainer, [Double]) {
    let model = Model(features: 6) {
      Dense(16, bias: false)
      BatchNorm(momentum: 0.9, epsilon: 1e-5)
      ELU()
      Dense(16, bias: false)
      BatchNorm(momentum: 0.9, epsilon: 1e-5)
      ELU()
      Dense(3)
    }
    let trainer = try Trainer(
      model, loss: .softmaxCrossEntropy, optimizer: .sgd(learningRate: 0.05, momentum: 0.9), batch: 24, shards: 4,
      threads: threads)
    let data = ScriptedData(rows: 24, features: 6, task: .classification(classes: 3))
    try trainer.attach(data)
    for (name, values) in golden.initial.members { try trainer.tensor("model.\(name)").copy(from: try values.floats()) }
    let (x, y) = (golden.batches_x.elements, golden.batches_y.elements)
    let losses = try (0..<golden.losses.elements.count).map { step in
      data.prepare(trainer, x: try x[step % x.count].floats(), y: try y[step % y.count].floats())
      return try trainer.step().loss
    }
    return (trainer, losses)
  }
}
