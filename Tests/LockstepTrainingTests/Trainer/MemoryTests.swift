import LockstepModel
import Testing

@testable import LockstepTraining

/// What does not fit into any machine is refused before memory is taken: a caller of the library meets an error, never a trap.
@Suite struct MemoryTests {
  private let huge = Model(features: 1 << 17) {
    Dense(1 << 17)
    Dense(1 << 17)
    Dense(2)
  }

  @Test func aTrainerThatIsTooLargeIsRefused() {
    #expect {
      try Trainer(huge, loss: .meanSquaredError, optimizer: .adam(learningRate: 0.1), batch: 64, shards: 64)
    } throws: {
      "\($0)".contains("MiB of memory") && "\($0)".contains("smaller")
    }
  }

  @Test func aPredictorThatIsTooLargeIsRefused() {
    #expect(throws: TrainingError.self) { try Predictor(huge) }
  }

  /// Of what fits, the parts are those that are allocated.
  @Test func partsAreCounted() throws {
    let network = try Network(
      Model(features: 30) {
        Dense(40)
        BatchNorm()
        ReLU()
        Dense(5)
      }, seed: 1)
    let need = MemoryEstimate(training: network, rows: 64, shards: 4, slots: 2, targetColumns: 1)
    let parameters = network.parameters.count * 4
    #expect(need.parts.map(\.bytes).prefix(3) == [parameters, 4 * parameters, 2 * parameters])
    #expect(need.total < 1 << 20)
    try need.check()
  }
}
