import LockstepKernels
import LockstepModel
import SampleSupport
import TestSupport
import Testing

@testable import LockstepData
@testable import LockstepTraining

/// Several yes-or-no answers a sample.
@Suite struct LabelTrainingTests {
  private static let model = Model(features: 6) {
    Dense(12)
    BatchNorm()
    ReLU()
    Dense(5)
  }

  @Test func sameBitsOnAnyThreads() throws {
    var options = Trainer.Options(batch: 48)
    options.clip = .globalNorm(1)
    try Run(
      name: "labels", model: Self.model, loss: .binaryCrossEntropy, optimizer: .adam(learningRate: 0.01),
      options: options, data: TestData(samples: 130, features: 6, task: .labels(5)), steps: 9
    ).expectSameBits()
  }

  /// Labels are numbers to the arithmetic: what trained on targets of 0 and 1 keeps its bits.
  @Test func bitsAreThoseOfNumbers() throws {
    let labels = TestData(samples: 96, features: 6, task: .labels(5))
    let rows = try Rows(labels, Array(0..<96))
    let numbers = TestData(
      features: 6, task: .regression(targets: 5), x: rows.features.flatMap { $0 }, y: rows.targets.flatMap { $0 })
    let bits = try [labels, numbers].map { data in
      try Run(
        name: "labels", model: Self.model, loss: .binaryCrossEntropy, options: Trainer.Options(batch: 32), data: data,
        steps: 6
      ).train(threads: 2)
    }
    #expect(bits[0].difference(from: bits[1]) == nil)
  }

  /// Loss and accuracy are means over samples and labels, of an evaluation and of a step.
  @Test func meansAreOverSamplesAndLabels() throws {
    let data = TestData(samples: 50, features: 4, task: .labels(3))
    let trainer = try Trainer(
      Model(features: 4) { Dense(3) }, loss: .binaryCrossEntropy, optimizer: .sgd(learningRate: 0.1), batch: 50,
      shards: 3, threads: 2)
    let rows = try Rows(data, Array(0..<50))
    let parameters = trainer.tensors.map { $0.values.array.doubles }
    let logits = Reference.dense(
      rows.features.flatMap { $0 }.doubles, weight: parameters[0], bias: parameters[1], rows: 50, inputs: 4, units: 3)
    let targets = rows.targets.flatMap { $0 }
    let right = zip(logits, targets).count { ($0 > 0) == ($1 == 1) }
    let loss = Reference.binaryCrossEntropy(logits, targets: targets.doubles).sum / 150
    let metrics = try trainer.evaluate(on: data).metrics
    #expect(metrics.map(\.name) == ["loss", "accuracy"])
    expectClose(actual: metrics.map(\.value), expected: [loss, Double(right) / 150])
    try trainer.attach(data)
    let step = try trainer.step()
    expectClose(actual: [step.loss], expected: [loss])
  }

  @Test func classWeightsAreForClasses() throws {
    var options = Trainer.Options(batch: 8)
    options.classWeights = [1, 2]
    let trainer = try Trainer(
      Model(features: 4) { Dense(1) }, loss: .binaryCrossEntropy, optimizer: .sgd(learningRate: 0.1), options: options)
    let error = #expect(throws: TrainingError.self) {
      try trainer.attach(TestData(samples: 16, features: 4, task: .labels(1)))
    }
    #expect(
      error?.description.contains(
        "found class weights for data whose targets are labels, expected classes: weigh the samples") == true)
    #expect(throws: TrainingError.self) {
      try Trainer(
        Model(features: 4) { Dense(3) }, loss: .binaryCrossEntropy, optimizer: .sgd(learningRate: 0.1),
        options: options)
    }
  }

  @Test func generatorsMakeNone() throws {
    for kind in [
      SyntheticSpecification.Generator.gaussianClusters(), .teacher(), .spirals(), .sparseParity(), .friedman(),
      .textures(), .shapes(),
    ] {
      let specification = SyntheticSpecification(
        kind: kind, samples: 100, features: kind.pictureNumbers ?? 8, task: .labels(2))
      let problem = try #require(specification.problems.first)
      #expect(problem.found == "a task of labels" && problem.expected.contains("no generator makes labels"))
      #expect(throws: DatasetError.self) { try specification.makeDataset(runSeed: 1) }
    }
  }
}
