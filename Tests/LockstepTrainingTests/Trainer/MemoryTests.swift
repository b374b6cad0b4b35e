import LockstepModel
import Testing

@testable import LockstepTraining

/// What does not fit into any machine is refused before memory is taken: a caller of the library meets an error, never
/// a trap.
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
    let parameters = network.parameters.count * MemoryLayout<Float>.stride
    // A gradient for every node of the tree that a worker owns whole: with 7 shards on 2 threads 0–1, 2; 3, 4–6.
    for (shards, threads, gradients) in [(4, 1, 1), (4, 2, 2), (4, 4, 4), (7, 1, 1), (7, 2, 4), (7, 3, 3), (13, 5, 9)] {
      let need = MemoryEstimate(
        training: network,
        WorkspaceSize(
          rows: 64, shards: shards, TeamPlan(workers: threads, shards: shards, teams: threads), targetColumns: 1),
        slots: 2)
      #expect(need.parts.map(\.purpose) == ["parameters", "gradients", "optimizer", "activations"])
      #expect(
        need.parts.map(\.bytes).prefix(3) == [parameters, gradients * parameters, 2 * parameters],
        "\(shards) shards on \(threads) threads")
      // The dense layers' inputs and outputs at least.
      #expect(need.parts[3].bytes >= 64 * (30 + 40 + 40 + 5) * MemoryLayout<Float>.stride)
      #expect(need.total < 8 << 20)
      try need.check()
    }
  }

  /// Of micro-batches, only the rows of one stand in memory; partial sums are kept as a binary counter keeps its
  /// digits.
  @Test func accumulationTakesLessMemory() throws {
    let network = try Network(
      Model(features: 300) {
        Dense(40)
        BatchNorm()
        ReLU()
        Dense(5)
      }, seed: 1)
    func need(_ microBatches: Int, threads: Int = 1) -> [String: Int] {
      let size = WorkspaceSize(
        rows: 8000, shards: 8, TeamPlan(workers: threads, shards: 8, teams: threads), microBatches: microBatches,
        targetColumns: 1)
      let need = MemoryEstimate(training: network, size, slots: 2)
      return Dictionary(uniqueKeysWithValues: need.parts.map { ($0.purpose, $0.bytes) })
    }
    let whole = need(1)
    for count in [2, 4, 8] {
      let share = Double(need(count)["activations"] ?? 0) / Double(whole["activations"] ?? 0)
      // What does not grow with the rows is below 4 % here.
      #expect(share > 1 / Double(count) && share < 1 / Double(count) + 0.04, "\(count) micro-batches: \(share)")
    }
    #expect([1, 2, 4, 8].map { (need($0)["gradients"] ?? 0) / (whole["parameters"] ?? 1) } == [1, 2, 3, 4])
    // Two threads have a shard each in memory at least.
    #expect(need(8, threads: 2)["activations"] == need(4, threads: 2)["activations"])
  }
}
