import Foundation
import LockstepConfiguration
import LockstepData
import LockstepDeclarations
import LockstepFormats
import LockstepKernels
import LockstepModel
import LockstepTraining
import SampleSupport
import TestSupport
import Testing

@testable import LockstepRuns

/// A trainer on data of one's own is saved, goes on with the same bits, and its checkpoint is read by everything.
@Suite("Trainer.save and load") struct TrainerCheckpointTests {
  private static let model = Model(features: 2) {
    Dense(12, bias: false)
    BatchNorm()
    RReLU()
    Dropout(rate: 0.2)
    Dense(3)
  }
  private static let data = OwnData(90)

  private func trainer(
    threads: Int = 2, rate: Double = 0.01, on data: any Dataset = data,
    _ change: (inout Trainer.Options) -> Void = { _ in }
  ) throws -> Trainer {
    var options = Trainer.Options(
      batch: 20, shards: 4, threads: .count(threads), seed: 5, regularization: Regularization(l2: 1e-3),
      clip: .globalNorm(1), schedule: .cosine(), horizon: 40, lsuv: LSUV(), weightAverage: WeightAverage(decay: 0.9))
    change(&options)
    let trainer = try Trainer(
      Self.model, loss: .softmaxCrossEntropy(labelSmoothing: 0.1), optimizer: .nadam(learningRate: rate),
      options: options)
    try trainer.attach(data)
    return trainer
  }

  /// Save, load, go on equals never having stopped: at any step, on any number of threads before and after.
  @Test(arguments: [1, 2, 3], [0, 1, 7, 23])
  func sameBits(threads: Int, step: Int) throws {
    try withTemporaryFolder { folder in
      let whole = try trainer()
      for _ in 0..<30 { try whole.step() }
      let path = "\(folder)/half.safetensors.zst"
      let first = try trainer(threads: threads)
      for _ in 0..<step { try first.step() }
      let receipt = try first.save(to: path)
      #expect(receipt.weightsDigest == weightsDigest(of: first.tensors))
      let second = try trainer(threads: 4 - threads)
      try second.load(from: path)
      #expect(second.state == first.state)
      for _ in step..<30 { try second.step() }
      #expect(weightsDigest(of: second.tensors) == weightsDigest(of: whole.tensors))
      #expect(second.state == whole.state)
    }
  }

  /// The checkpoint says what the trainer was, and what of the data can be told.
  @Test func checkpointSaysWhatItIs() throws {
    try withTemporaryFolder { folder in
      let trainer = try trainer()
      for _ in 0..<9 { try trainer.step() }
      let path = "\(folder)/model.safetensors.zst"
      try trainer.save(to: path)
      let model = try TrainedModel(checkpoint: path)
      let configuration = model.configuration
      #expect(configuration.model.layers.settled == Self.model.layers.settled)
      #expect(configuration.data.train == .given(GivenData(samples: 90, shape: .features(2), task: Self.data.task)))
      #expect(configuration.options.seed == 5 && configuration.totalSteps == 40)
      #expect(model.step == 9 && model.weightsDigest == weightsDigest(of: trainer.tensors))
      let summary = try TrainingRun.inspect(path)
      #expect(summary.metadata["data.train"] == "rings 0 ..< 90")
      #expect(summary.metadata["samples_seen"] == "170")
      #expect(
        summary.metadata["configuration"]?.contains("train: {given: {samples: 90, shape: [2], classes: 3}}") == true)
    }
  }

  /// What the checkpoint predicts and scores is what the trainer does, bit for bit, by whatever way.
  @Test func modelIsTheTrainers() throws {
    try withTemporaryFolder { folder in
      let (trainer, other) = (try trainer(), OwnData(40, first: 500))
      for _ in 0..<9 { try trainer.step() }
      let path = "\(folder)/model.safetensors.zst"
      try trainer.save(to: path)
      let model = try TrainedModel(checkpoint: path, threads: 3)
      let rows = try Rows(other, Array(0..<40)).features
      let predicted = try trainer.predict(rows)
      #expect(predicted.allSatisfy { abs($0.reduce(0, +) - 1) < 1e-5 })
      #expect(try model.predict(rows) == predicted)
      #expect(try model.predict(on: other) == predicted)
      let found = try trainer.evaluate(on: other, measuring: [.f1])
      #expect(try model.evaluate(on: other, measuring: [.f1]) == found)
      #expect(try trainer.trainedModel().evaluate(on: other, measuring: [.f1]) == found)
      // By the command's way, from a file.
      let table = "\(folder)/table.csv"
      let lines = zip(rows, try Rows(other, Array(0..<40)).labels).map { "\($0[0]),\($0[1]),\($1)" }
      try (["a,b,class"] + lines).joined(separator: "\n").write(toFile: table, atomically: true, encoding: .utf8)
      let report = try EvaluationReport(
        checkpoint: path, on: .file(.csv(CSVSource(path: table, targets: [.name("class")]))))
      #expect(report.means.map(\.value) == [found.loss, found[.accuracy]])
      // The weights are the average's, unless those of the last step are wanted.
      trainer.infersFromAverage = false
      #expect(try trainer.predict(rows) != predicted)
      #expect(try TrainedModel(checkpoint: path, weights: .raw).predict(rows) == trainer.predict(rows))
    }
  }

  /// Whatever would not give the same bits is refused, by its name, and the trainer stays as it was.
  @Test func refusals() throws {
    try withTemporaryFolder { folder in
      let saved = try trainer()
      for _ in 0..<5 { try saved.step() }
      let path = "\(folder)/model.safetensors.zst"
      try saved.save(to: path)
      func refuse(_ trainer: Trainer, naming text: String) throws {
        try trainer.step()
        let (before, state) = (weightsDigest(of: trainer.tensors), trainer.state)
        let error = try #require(throws: RunError.self) { try trainer.load(from: path) }
        #expect(error.description.hasPrefix(path) && error.description.contains(text), "\(error)")
        #expect(weightsDigest(of: trainer.tensors) == before && trainer.state == state)
      }
      try refuse(try trainer(rate: 0.02), naming: "optimizer.nadam.learning_rate: 0.01")
      try refuse(try trainer { $0.shards = 2 }, naming: "training.shards: 4")
      try refuse(try trainer { $0.seed = 6 }, naming: "seed: 5")
      try refuse(try trainer { $0.horizon = 80 }, naming: "40 steps")
      try refuse(try trainer { $0.weightAverage = nil }, naming: "weight_average")
      try refuse(try trainer(on: OwnData(90, first: 1)), naming: "rings 1 ..< 91")
      // What no bit depends on may differ.
      let other = try trainer(threads: 3) { $0.accumulate = 2 }
      try other.load(from: path)
      #expect(other.state.step == 5)
    }
  }

  @Test func damageAndImpossibleUse() throws {
    try withTemporaryFolder { folder in
      let trainer = try trainer()
      try trainer.step()
      let path = "\(folder)/model.safetensors.zst"
      try trainer.save(to: path)
      var bytes = try Array(Data(contentsOf: URL(fileURLWithPath: path)))
      bytes[bytes.count / 2] ^= 1
      try Data(bytes).write(to: URL(fileURLWithPath: path))
      let before = weightsDigest(of: trainer.tensors)
      #expect(throws: RunError.self) { try trainer.load(from: path) }
      #expect(throws: RunError.self) { try trainer.load(from: "\(folder)/none.safetensors.zst") }
      #expect(throws: RunError.self) { try trainer.save(to: "\(folder)/none/model.safetensors.zst") }
      #expect(weightsDigest(of: trainer.tensors) == before)
      let bare = try Trainer(
        Self.model, loss: .softmaxCrossEntropy, optimizer: .sgd(learningRate: 0.1), batch: 20, threads: 1)
      #expect(throws: RunError.self) { try bare.save(to: path) }
      #expect(throws: RunError.self) { try bare.predict([[0.5, 0.5]] as [[Double]]) }
      // A number that is not finite is not saved.
      trainer.parameters[0].values[0] = .nan
      #expect(throws: RunError.self) { try trainer.save(to: path) }
    }
  }

  /// A run's own checkpoint is one to go on from, too, where the data is the same.
  @Test func checkpointOfARun() throws {
    try withTemporaryFolder { folder in
      let configuration = try RunConfiguration(yaml: validConfiguration)
      let run = try TrainingRun.start(configuration, output: "\(folder)/run", upTo: 20)
      let summary = try run.train()
      let trainer = try Trainer(
        configuration.model, loss: configuration.loss, optimizer: configuration.optimizer,
        options: configuration.options)
      let setup = try RunSetup(configuration)
      try trainer.attach(setup.train)
      try trainer.load(from: try #require(summary.json["checkpoint"]?.string))
      for _ in 20..<50 { try trainer.step() }
      let whole = try TrainingRun.start(configuration, output: "\(folder)/whole").train()
      #expect(weightsDigest(of: trainer.tensors) == whole.json["weights_digest"]?.string)
    }
  }
}
