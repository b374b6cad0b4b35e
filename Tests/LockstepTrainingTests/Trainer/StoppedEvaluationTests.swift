import LockstepModel
import LockstepTraining
import TestSupport
import Testing

/// What a caller may ask of a trainer while it looks at data.
@Suite struct StoppedEvaluationTests {
  private static let data = TestData(samples: 56, features: 4, task: .classification(classes: 3))

  private func trainer(batch: Int, threads: Int) throws -> Trainer {
    let model = Model(features: 4, layers: [Dense(5).layer, BatchNorm().layer, Dense(3).layer])
    return try Trainer(
      model, loss: .softmaxCrossEntropy, optimizer: .sgd(learningRate: 0.1), batch: batch, shards: 4, threads: threads)
  }

  /// The question is asked before each chunk of a batch; a stopped evaluation has no result and leaves no trace.
  @Test func stopsBetweenChunks() throws {
    let trainer = try trainer(batch: 16, threads: 2)
    try trainer.attach(StoppedEvaluationTests.data)
    let whole = try trainer.evaluate(on: StoppedEvaluationTests.data).sums
    let bits = trainer.tensorBits
    for chunks in 0...4 {
      var asked = 0
      let found = try trainer.evaluation(on: StoppedEvaluationTests.data) {
        asked += 1
        return asked > chunks
      }
      // 56 rows are three chunks of 16 and one of 8.
      #expect(found?.sums == (chunks == 4 ? whole : nil) && asked == min(chunks + 1, 4))
    }
    #expect(trainer.tensorBits == bits && trainer.state == TrainerState())
    #expect(try trainer.evaluate(on: StoppedEvaluationTests.data).sums == whole)
  }

  /// Where both sizes of an epoch's batches are too small, the error is about the first of them, every time.
  @Test func reportsTheFullBatchFirst() throws {
    for samples in 8...13 {
      let trainer = try trainer(batch: 7, threads: 1)
      let data = TestData(samples: samples, features: 4, task: .classification(classes: 3))
      let error = try #require(throws: TrainingError.self) { try trainer.attach(data) }
      #expect(error.description.hasPrefix("training: a batch of 7 rows"), "\(samples) samples: \(error)")
    }
  }
}
