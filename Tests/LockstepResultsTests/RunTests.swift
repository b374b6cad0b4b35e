import Foundation
import LockstepConfiguration
import LockstepData
import LockstepDeclarations
import LockstepFormats
import LockstepKernels
import LockstepModel
import LockstepResults
import LockstepRuns
import LockstepStudies
import LockstepTraining
import RunSupport
import SampleSupport
import TestSupport
import Testing

/// A run on data that a program gives has all that a run of the command has.
@Suite("Run") struct GivenRunTests {
  private struct ShareOfRings: CustomMetric {
    let name = "ring_0"
    private var rows = 0
    private var right = 0
    mutating func add(outputs: Matrix, targets: Matrix) {
      for row in 0..<outputs.rows where targets[row, 0] == 0 {
        let logits = outputs.row(row).array
        rows += 1
        if logits[0] == logits.max() { right += 1 }
      }
    }
    var value: Double { Double(right) / Double(rows) }
  }

  private final class Diary: RunCallback {
    var words: [String] = []
    var pausesAt: Int?

    func receive(_ event: RunEvent, of run: TrainingRun) {
      switch event {
      case .step(let step, _):
        words.append("step \(step.step)")
        if step.step == pausesAt { run.pause() }
      case .evaluated(let step, let metrics):
        words.append("evaluated \(step): \(metrics.map(\.name).joined(separator: " "))")
      case .resumed(let step, _, _, _): words.append("resumed \(step)")
      case .stoppedEarly(let step, _): words.append("stopped early \(step)")
      default: break
      }
    }
  }

  private static let validation = OwnData(60, first: 200)

  private func run(threads: Int = 2, on data: OwnData = OwnData(160), rate: Double = 0.01) throws -> Run {
    let model = Model(features: 2) {
      Dense(12, bias: false)
      BatchNorm()
      ReLU()
      Dropout(rate: 0.1)
      Dense(3)
    }
    var run = try Run(
      model, loss: .softmaxCrossEntropy, optimizer: .adam(learningRate: rate),
      options: .init(batch: 32, shards: 4, threads: .count(threads), seed: 3, schedule: .cosine()), length: .steps(20),
      on: data, validation: Self.validation, name: "rings")
    run.settings.checkpoint = .init(every: .steps(6), keep: 2)
    run.settings.metrics = .init(every: .steps(5))
    run.metrics = [ShareOfRings()]
    return run
  }

  /// Stopped anywhere and gone on with, on any number of threads, it ends with the bits of one that was not stopped,
  /// and the log is the same.
  @Test(arguments: [1, 2, 3])
  func sameBits(threads: Int) throws {
    try withTemporaryFolder { folder in
      let whole = try run().train(in: "\(folder)/whole")
      #expect(whole.end == .finished && whole.steps == 20)
      for stop in [3, 6, 11] {
        let place = "\(folder)/\(stop)"
        let first = try run(threads: threads).train(in: place, upTo: stop)
        #expect(first.end == .paused && first.steps == stop)
        let second = try run(threads: 4 - threads).train(in: place)
        #expect(second.end == .finished)
        #expect(second.weightsDigest == whole.weightsDigest, "stopped at \(stop)")
        #expect(try Self.evaluations(place) == Self.evaluations("\(folder)/whole"))
      }
    }
  }

  /// The trainer of the same parts, by itself, has the same bits.
  @Test func bitsOfTheTrainer() throws {
    try withTemporaryFolder { folder in
      let run = try run()
      let summary = try run.train(in: "\(folder)/run")
      let settings = run.settings
      let trainer = try Trainer(
        settings.model, loss: settings.loss, optimizer: settings.optimizer,
        options: .init(batch: 32, shards: 4, threads: .count(1), seed: 3, schedule: .cosine(), horizon: 20))
      try trainer.attach(OwnData(160))
      for _ in 0..<20 { try trainer.step() }
      #expect(weightsDigest(of: trainer.tensors) == summary.weightsDigest)
      let found = try trainer.evaluate(on: Self.validation, adding: [ShareOfRings()])
      #expect(summary.validation(.accuracy) == found[.accuracy] && summary.validation("ring_0") == found["ring_0"])
      let model = try TrainedModel(checkpoint: try #require(summary.checkpoint))
      #expect(try model.evaluate(on: Self.validation, adding: [ShareOfRings()]) == found)
    }
  }

  /// The folder has what a run's has, and its own metric is logged wherever the others are.
  @Test func folder() throws {
    try withTemporaryFolder { folder in
      let place = "\(folder)/run"
      var run = try run()
      run.settings.logging.tensorBoard = .init()
      run.settings.checkpoint.keepBest = .init(metric: .accuracy)
      let summary = try run.train(in: place)
      let history = try RunHistory(place)
      #expect(history.state == .finished && history.record.configuration.name == "rings")
      #expect(summary.bestCheckpoint.map { FileManager.default.fileExists(atPath: $0) } == true)
      let evaluations = try Self.evaluations(place)
      #expect(evaluations.count == 4 && evaluations.allSatisfy { $0.values["ring_0"]?.number != nil })
      let table = try String(contentsOfFile: "\(place)/metrics.csv", encoding: .utf8).split(separator: "\n")
      #expect(table.first?.hasSuffix("validation_loss,validation_accuracy,validation_ring_0") == true)
      #expect(table.dropFirst().contains { !$0.hasSuffix(",") })
      let events = try FileManager.default.contentsOfDirectory(atPath: "\(place)/tensorboard/validation")
      let text = try Data(
        contentsOf: URL(fileURLWithPath: "\(place)/tensorboard/validation/\(try #require(events.first))"))
      #expect(text.range(of: Data("ring_0".utf8)) != nil)
      #expect(try RunConfiguration(file: "\(place)/config.yaml").data.train == run.settings.data.train)
    }
  }

  /// Callbacks are told of everything in its order, and one may end the run after the step; going on goes on.
  @Test func callbacks() throws {
    try withTemporaryFolder { folder in
      let (place, diary) = ("\(folder)/run", Diary())
      var run = try run()
      run.callbacks = [diary]
      diary.pausesAt = 5
      let first = try run.train(in: place)
      #expect(first.end == .paused && first.steps == 5)
      #expect(
        diary.words == ["step 1", "step 2", "step 3", "step 4", "step 5", "evaluated 5: loss accuracy ring_0"])
      diary.words = []
      diary.pausesAt = nil
      let second = try run.train(in: place)
      #expect(second.end == .finished)
      #expect(diary.words.first == "resumed 5" && diary.words.dropFirst().first == "step 6")
      #expect(try second.weightsDigest == self.run().train(in: "\(folder)/whole").weightsDigest)
    }
  }

  @Test func earlyStopping() throws {
    try withTemporaryFolder { folder in
      let diary = Diary()
      var run = try run(rate: 1e-7)
      run.callbacks = [diary]
      run.settings.evaluation = .init(every: .steps(2))
      run.settings.training.earlyStopping = EarlyStopping(metric: .loss, patience: 1, minimumDelta: 0.5)
      let summary = try run.train(in: "\(folder)/run")
      #expect(summary.end == .stoppedEarly && summary.steps == 6)
      #expect(diary.words.last == "stopped early 6")
      // It has nothing left to do.
      #expect(try run.train(in: "\(folder)/run").steps == 6)
    }
  }

  /// Other data, other settings and what a folder cannot know are refused with what to do.
  @Test func refusals() throws {
    try withTemporaryFolder { folder in
      let place = "\(folder)/run"
      try run().train(in: place, upTo: 6)
      let before = try contents(of: place)
      func refuse(_ text: String, _ body: () throws -> Void) throws {
        let error = try #require(throws: RunError.self) { try body() }
        #expect(error.description.contains(text), "\(error)")
        if case .failed = error { Issue.record("\(error) is no wrong input") }
      }
      try refuse("rings 1 ..< 161") { try run(on: OwnData(160, first: 1)).train(in: place) }
      try refuse("learning_rate: 0.01") { try run(rate: 0.02).train(in: place) }
      try refuse("samples: 160") { try run(on: OwnData(168)).train(in: place) }
      try refuse("given: found samples that a program gave") { _ = try TrainingRun.resume(place) }
      try refuse("say by --data what to evaluate on") {
        _ = try EvaluationReport(checkpoint: "\(place)/checkpoints/step-00000006.safetensors.zst")
      }
      #expect(try contents(of: place) == before)
      let model = Model(features: 3) { Dense(3) }
      try refuse("the model expects 3 features") {
        _ = try Run(
          model, loss: .softmaxCrossEntropy, optimizer: .adam(), options: .init(batch: 8), length: .epochs(1),
          on: OwnData(20))
      }
      try refuse("data.validation: found") {
        let regression = try InMemoryDataset(features: [[0, 0], [1, 1]], targets: [[0], [1]])
        let run = try Run(
          Model(features: 2) { Dense(3) }, loss: .softmaxCrossEntropy, optimizer: .adam(), options: .init(batch: 8),
          length: .epochs(1), on: OwnData(20), validation: regression)
        try run.train(in: "\(folder)/other")
      }
      try refuse("a metric named ring_0") {
        var run = try run()
        run.metrics = [ShareOfRings(), ShareOfRings()]
        try run.train(in: "\(folder)/other")
      }
      #expect(!FileManager.default.fileExists(atPath: "\(folder)/other"))
    }
  }

  private static func evaluations(_ place: String) throws -> [MetricsLine] {
    try RunHistory(place).lines.filter { $0.event == "validation" }
  }
}
