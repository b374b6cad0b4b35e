import LockstepData
import LockstepKernels
import LockstepModel
import LockstepTraining
import TestSupport
import Testing

/// Training on one side of a split.
@Suite struct FoldBitsTests {
  /// What is trained on a fold has the same bits on any number of threads, and so has what is measured on the other
  /// side.
  @Test func trainedBitsDoNotDependOnThreads() throws {
    let data = TestData(samples: 150, features: 6, task: .classification(classes: 3))
    let (train, validation) = try data.fold(2, of: 5, seed: 7)
    let model = Model(features: 6) {
      Dense(24)
      BatchNorm()
      ReLU()
      Dense(3)
    }
    var first: (bits: TrainedBits, sums: LossSums)?
    for threads in [1, 2, 3, 5, 8] {
      let trainer = try Trainer(
        model, loss: .softmaxCrossEntropy, optimizer: .adam(learningRate: 0.01), batch: 32, shards: 8, threads: threads)
      try trainer.attach(train)
      let bits = TrainedBits(trainer, try (0..<9).map { _ in try trainer.step() })
      let sums = try trainer.evaluate(on: validation).sums
      #expect(sums.count == 30)
      if let first {
        #expect(bits.difference(from: first.bits) == nil && sums == first.sums, "\(threads) threads")
      } else {
        first = (bits, sums)
      }
    }
  }
}
