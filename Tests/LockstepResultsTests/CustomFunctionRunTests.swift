import Foundation
import LockstepConfiguration
import LockstepData
import LockstepKernels
import LockstepModel
import LockstepResults
import LockstepRuns
import LockstepStudies
import LockstepTraining
import SampleSupport
import TestSupport
import Testing

/// A run whose model and loss have functions of the program's own: they go through its checkpoints by their names.
@Suite("Run with functions of one's own") struct CustomFunctionRunTests {
  /// x / (1 + |x|) · 2
  private struct Squash: CustomActivation {
    var name = "squash"
    func value(at x: Float) -> Float { 2 * x / (1 + abs(x)) }
    func derivative(at x: Float) -> Float { 2 / ((1 + abs(x)) * (1 + abs(x))) }
  }

  /// Of the class's logit against the largest other: hinge.
  private struct Hinge: CustomLoss {
    var name = "hinge"
    let targets = LossTargets.classes
    func value(of outputs: Span<Float>, for targets: Span<Float>) -> Double {
      let (label, other) = places(outputs, targets)
      return Double(max(0, 1 - outputs[label] + outputs[other]))
    }
    func gradient(of outputs: Span<Float>, for targets: Span<Float>, into gradient: inout MutableSpan<Float>) {
      let (label, other) = places(outputs, targets)
      guard 1 - outputs[label] + outputs[other] > 0 else { return }
      gradient[label] = -1
      gradient[other] = 1
    }
    private func places(_ outputs: Span<Float>, _ targets: Span<Float>) -> (label: Int, other: Int) {
      let label = Int(targets[0])
      var other = label == 0 ? 1 : 0
      for unit in outputs.indices where unit != label && outputs[unit] > outputs[other] { other = unit }
      return (label, other)
    }
  }

  private static let validation = OwnData(60, first: 200)

  private func run(threads: Int = 2, _ activation: Squash = Squash(), _ loss: Hinge = Hinge()) throws -> Run {
    let model = Model(features: 2) {
      Dense(12)
      activation
      Residual {
        Dense(12)
        activation
      }
      Dense(3)
    }
    var run = try Run(
      model, loss: .custom(loss), optimizer: .adam(learningRate: 0.01),
      options: .init(batch: 32, shards: 4, threads: .count(threads), seed: 3), length: .steps(20), on: OwnData(160),
      validation: Self.validation, name: "own")
    run.settings.checkpoint = .init(every: .steps(6), keep: 4)
    return run
  }

  /// Stopped anywhere and gone on with, on any number of threads, it has the same bits.
  @Test(arguments: [1, 2, 3])
  func sameBits(threads: Int) throws {
    try withTemporaryFolder { folder in
      let whole = try run().train(in: "\(folder)/whole")
      for stop in [4, 13] {
        let place = "\(folder)/\(stop)"
        #expect(try run(threads: threads).train(in: place, upTo: stop).end == .paused)
        #expect(try run(threads: 4 - threads).train(in: place).weightsDigest == whole.weightsDigest)
      }
    }
  }

  /// A checkpoint says their names. With them it predicts and evaluates as the trainer does, and it is exported where
  /// only tensors are.
  @Test func checkpoints() throws {
    try withTemporaryFolder { folder in
      let summary = try run().train(in: "\(folder)/run")
      let path = try #require(summary.checkpoint)
      let text = try String(contentsOfFile: "\(folder)/run/config.yaml", encoding: .utf8)
      #expect(text.contains("squash") && text.contains("hinge"))
      let read = try RunConfiguration(file: "\(folder)/run/config.yaml")
      let settings = try run().settings
      #expect(read.layers == settings.layers.settled && read.loss == settings.loss)

      let model = try TrainedModel(checkpoint: path, activations: [Squash()])
      let trainer = try Trainer(
        settings.model, loss: settings.loss, optimizer: settings.optimizer,
        options: .init(batch: 32, shards: 4, threads: .count(1), seed: 3, horizon: 20))
      try trainer.attach(OwnData(160))
      try trainer.load(from: path)
      let rows = [[0.1, 0.2], [-0.7, 0.9], [0.4, -0.4]]
      #expect(try model.predict(rows) == trainer.predict(rows))
      #expect(try trainer.evaluate(on: Self.validation)[.accuracy] == summary.validation(.accuracy))
      let again = "\(folder)/again.safetensors.zst"
      #expect(try trainer.save(to: again).weightsDigest == summary.weightsDigest)
    }
  }

  /// What does not have the functions says so; other functions are another run.
  @Test func refusals() throws {
    try withTemporaryFolder { folder in
      let place = "\(folder)/run"
      let path = try #require(try run().train(in: place, upTo: 6).checkpoint)
      func refuse(_ text: String, _ body: () throws -> Void) throws {
        let error = try #require(throws: RunError.self) { try body() }
        #expect(error.description.contains(text), "\(error)")
        if case .failed = error { Issue.record("\(error) is no wrong input") }
      }
      let given = "found squash, an activation of a program's own, which that program alone can give again"
      try refuse(given) { _ = try TrainedModel(checkpoint: path) }
      try refuse(given) { _ = try TrainedModel(checkpoint: path, activations: [Squash(name: "other")]) }
      try refuse(given) { _ = try EvaluationReport(checkpoint: path) }
      try refuse("given: found samples that a program gave") { _ = try TrainingRun.resume(place) }
      try refuse("custom_activation.name: squash, found") { try run(Squash(name: "other")).train(in: place) }
      try refuse("custom_loss.name: hinge, found") { try run(Squash(), Hinge(name: "other")).train(in: place) }
      try refuse("custom_loss.name: found relu loss, expected lower-case letters") {
        try run(Squash(), Hinge(name: "relu loss")).train(in: "\(folder)/other")
      }
      // What only reads the folder reads it.
      #expect(try RunHistory(place).record.configuration.name == "own")
      _ = try TrainingRun.inspect(path)
    }
  }

  /// A configuration file may name them as little as samples that a program gave.
  @Test func configurationFiles() throws {
    func text(_ layer: String, _ loss: String) -> String {
      """
      data: {train: {synthetic: {kind: gaussian_clusters, samples: 100, features: 4, classes: 2}}}
      model: {layers: [{dense: 3}, \(layer), {dense: 2}]}
      loss: \(loss)
      optimizer: sgd
      training: {batch_size: 10, steps: 5}
      """
    }
    func refuse(_ layer: String, _ loss: String, _ expected: String) {
      do {
        let configuration = try RunConfiguration(yaml: text(layer, loss), file: "c.yaml")
        _ = try RunSetup(configuration).trainer()
        Issue.record("\(layer), \(loss): nothing is thrown")
      } catch { #expect("\(error)".contains(expected), "\(error)") }
      // lockstep check says it as well.
      #expect(throws: (any Error).self) { try RunEstimate(RunConfiguration(yaml: text(layer, loss), file: "c.yaml")) }
    }
    refuse("custom_activation: swish", "softmax_cross_entropy", "found swish, an activation of a program's own")
    refuse("custom_activation", "softmax_cross_entropy", "name")
    refuse("custom_activation: A b", "softmax_cross_entropy", "expected lower-case letters, digits and _")
    refuse("relu", "{custom_loss: {name: hinge, targets: classes}}", "found hinge, a loss of a program's own")
    refuse("relu", "{custom_loss: {name: hinge}}", "targets")
    refuse("relu", "{custom_loss: {name: hinge, targets: numbers}}", "hinge, a loss of regression, for 2 classes")
  }
}
