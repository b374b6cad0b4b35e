import LockstepData
import LockstepKernels
import LockstepModel
import LockstepTraining
import TestSupport
import Testing

/// A metric of one's own is shown every row once, in the order of the data set, and changes nothing.
@Suite struct CustomMetricTests {
  /// Accuracy, by hand, and the labels in their order.
  private struct Accuracy: CustomMetric {
    var name = "share_right"
    var right = 0
    var labels: [Float] = []

    mutating func add(outputs: Matrix, targets: Matrix) {
      for row in 0..<outputs.rows {
        let (logits, label) = (outputs.row(row).array, targets[row, 0])
        labels.append(label)
        if logits.firstIndex(of: logits.max() ?? 0) == Int(label) { right += 1 }
      }
    }

    var value: Double { Double(right) / Double(labels.count) }
  }

  /// Hash of the labels in their order: small enough to be exact.
  private struct Order: CustomMetric {
    let name = "order"
    var value = 0.0
    mutating func add(outputs: Matrix, targets: Matrix) {
      for row in 0..<targets.rows {
        value = (value * 31 + Double(targets[row, 0])).truncatingRemainder(dividingBy: 1e9)
      }
    }
  }

  private static let data = TestData(samples: 101, features: 4, task: .classification(classes: 3))

  private func trainer(batch: Int, threads: Int) throws -> Trainer {
    try Trainer(
      Model(features: 4) {
        Dense(6)
        BatchNorm()
        ReLU()
        Dense(3)
      }, loss: .softmaxCrossEntropy, optimizer: .adam(learningRate: 0.01), batch: batch, shards: 5, threads: threads)
  }

  /// It counts what the loss counts beside it, on any number of threads, and sees the samples in their order, in
  /// however many chunks.
  @Test(arguments: [10, 50, 101, 200])
  func everyRowOnce(batch: Int) throws {
    let labels = try Self.labels()
    var order = Order()
    for label in labels { order.value = (order.value * 31 + Double(label)).truncatingRemainder(dividingBy: 1e9) }
    for threads in [1, 2, 3] {
      let trainer = try trainer(batch: batch, threads: threads)
      let before = trainer.tensorBits
      let found = try trainer.evaluate(on: Self.data, measuring: [.f1], adding: [Accuracy(), Order()])
      #expect(found.metrics.map(\.name) == ["loss", "accuracy", "f1", "share_right", "order"])
      #expect(found["share_right"] == found[.accuracy])
      #expect(found["order"] == order.value, "\(threads) threads")
      #expect(found == (try trainer.evaluate(on: Self.data, measuring: [.f1], adding: [Accuracy(), Order()])))
      #expect(found.sums == (try trainer.evaluate(on: Self.data).sums))
      // Where nothing else needs the outputs, they are there all the same.
      let alone = try trainer.evaluate(on: Self.data, adding: [Accuracy()])
      #expect(alone["share_right"] == found[.accuracy] && alone.figures == nil)
      #expect(trainer.tensorBits == before)
    }
  }

  /// By name or by `Metric`, what the loss sums and what was asked for; nothing else is there.
  @Test func names() throws {
    let found = try trainer(batch: 20, threads: 2).evaluate(on: Self.data, measuring: [.accuracy, .rocAUC])
    #expect(found.metrics.map(\.name) == ["loss", "accuracy", "roc_auc"])
    #expect(found.loss == found[.loss] && found["accuracy"] == found[.accuracy])
    #expect(found[.f1] == nil && found["nothing"] == nil)
    #expect(found.description.hasPrefix("loss \(found.loss), accuracy "))
  }

  @Test(arguments: ["", "Accuracy", "accuracy", "step", "a b", "1a", "größe", String(repeating: "a", count: 101)])
  func impossibleNames(name: String) throws {
    let trainer = try trainer(batch: 20, threads: 1)
    #expect(throws: TrainingError.self) { try trainer.evaluate(on: Self.data, adding: [Accuracy(name: name)]) }
    #expect(throws: TrainingError.self) { try trainer.evaluate(on: Self.data, adding: [Accuracy(), Accuracy()]) }
  }

  private static func labels() throws -> [Float] {
    let memory = TestMemory()
    let (x, y) = (memory.matrix(rows: data.count, columns: 4), memory.matrix(rows: data.count, columns: 1))
    try data.fill(Array(0..<data.count).span, features: x, targets: y)
    return y.elements.array
  }
}
