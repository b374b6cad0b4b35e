import LockstepKernels
import LockstepModel
import LockstepTraining
import TestSupport
import Testing

/// Evaluation, training and prediction compute the same network.
@Suite struct EvaluationTests {
  /// Means over all samples, however they fall into batches and shards, and in their own order.
  @Test(arguments: [1, 7, 16, 50])
  func meansOverAllSamples(batch: Int) throws {
    let data = TestData(samples: 50, features: 4, task: .regression(targets: 2))
    let trainer = try Trainer(
      Model(features: 4) {
        Dense(6)
        Tanh()
        Dense(2)
      }, loss: .huber(delta: 0.7), optimizer: .sgd(learningRate: 0.1), batch: batch,
      shards: min(3, batch), threads: 2)
    let (x, y) = try samples(data)
    let parameters = trainer.tensors.map { $0.values.array.doubles }
    let hidden = Reference.dense(x, weight: parameters[0], bias: parameters[1], rows: 50, inputs: 4, units: 6)
    let outputs = Reference.dense(
      hidden.map { Reference.value(of: .tanh, at: $0) }, weight: parameters[2], bias: parameters[3], rows: 50,
      inputs: 6, units: 2)
    let sums = try trainer.evaluate(on: data).sums
    let metrics = trainer.loss.metrics(sums)
    #expect(metrics.map(\.name) == ["loss", "mean_absolute_error", "mean_squared_error"])
    expectClose(
      actual: metrics.map(\.value),
      expected: [
        Reference.huber(outputs, y, delta: Double(Float(0.7))).sum / 100, Reference.absoluteError(outputs, y).sum / 100,
        Reference.squaredError(outputs, y).sum / 100,
      ], "batch \(batch)")
  }

  /// The predictor, given the trainer's tensors, has the trainer's evaluation.
  @Test func predictorAgrees() throws {
    let model = Model(features: 4) {
      Dense(9)
      BatchNorm()
      RReLU()
      Residual {
        Dense(9)
        BatchNorm(statistics: .batch)
      }
      Dropout(rate: 0.5)
      Dense(3)
    }
    // More rows than the predictor's chunk, and not a multiple of it.
    let data = TestData(samples: 600, features: 4, task: .classification(classes: 3))
    let trainer = try Trainer(
      model, loss: .softmaxCrossEntropy, optimizer: .adam(learningRate: 0.01), batch: 60, shards: 4, threads: 2)
    try trainer.attach(data)
    for _ in 0..<20 { try trainer.step() }
    let predictor = try Predictor(model)
    for (tensor, trained) in zip(predictor.tensors, trainer.tensors) {
      #expect(tensor.name == trained.name && tensor.shape == trained.shape)
      tensor.values.copy(from: trained.values.array)
    }
    let memory = TestMemory()
    let features = memory.matrix(rows: 600, columns: 4)
    let labels = memory.matrix(rows: 600, columns: 1)
    let indices = Array(0..<600)
    try data.fill(indices.span, features: features, targets: labels)
    let outputs = memory.matrix(rows: 600, columns: 3)
    predictor.predict(features, into: outputs)
    let predicted = trainer.loss.evaluate(output: outputs, targets: labels, batchRows: 600, gradient: nil)
    let evaluated = try trainer.evaluate(on: data).sums
    expectClose(actual: predicted.meanLoss, expected: evaluated.meanLoss, "loss")
    #expect(predicted.first == evaluated.first && predicted.count == evaluated.count)
    // Fewer rows and none.
    let few = memory.matrix(rows: 5, columns: 3)
    predictor.predict(features.rows(0..<5), into: few)
    expectClose(
      actual: few.elements.array, expected: outputs.rows(0..<5).elements.array.doubles, absolute: 1e-5, "five rows")
    predictor.predict(features.rows(0..<0), into: outputs.rows(0..<0))
  }

  private func samples(_ data: TestData) throws -> (x: [Double], y: [Double]) {
    let memory = TestMemory()
    let features = memory.matrix(rows: data.count, columns: data.features)
    let targets = memory.matrix(rows: data.count, columns: data.task.targetColumns)
    let indices = Array(0..<data.count)
    try data.fill(indices.span, features: features, targets: targets)
    return (features.elements.array.doubles, targets.elements.array.doubles)
  }
}
