import LockstepKernels
import TestSupport
import Testing

@testable import LockstepModel

/// A batch's gradient is the tree sum over its shards' gradients, whoever computes which of them.
@Suite struct GradientTreeTests {
  private static let model = Model(
    features: 11, Dense(35), BatchNorm(), PReLU(),
    residual(Dense(17), BatchNorm(statistics: .batch), Tanh(), Dense(35)),
    PReLU(slopes: .shared), Dense(3, bias: false))

  @Test(arguments: [1, 2, 7, 8, 13])
  func gradientIsTheTreeOverShards(shards: Int) throws {
    // Uneven shards.
    for rows in [2 * shards + 1, 70 * shards - 1] {
      let alone = try trial(rows: rows, shards: shards, workers: shards)
      let entries = alone.network.parameters.entries
      let leaves = entries.map { entry in alone.workspace.workers.map { $0.gradient(entry) } }
      let expected = leaves.map { leaves in
        leaves[0].indices.map { index in Reference.treeSum(leaves.map { $0[index] }[...]) }
      }
      for workers in [1, 2, 3, 5, 8, 13] {
        let trial = try trial(rows: rows, shards: shards, workers: workers)
        for (entry, expected) in zip(entries, expected) {
          let gradient = trial.workspace.exchanges[0].reduce(entry.range).array
          expectSameBits(gradient, expected, "\(entry.name), \(rows) rows in \(shards) shards on \(workers) workers")
        }
      }
    }
  }

  /// A slot for each node of the tree that a worker owns whole, so a worker with a whole subtree has one.
  @Test func slotsAreNodes() {
    func slots(_ shards: Int, _ workers: Int) -> Int {
      let runs = (0..<workers).map { $0 * shards / workers..<($0 + 1) * shards / workers }
      return WorkspaceSize(runs: runs, shardRows: 1, targetColumns: 1).gradientSlots
    }
    #expect([1, 2, 4, 8].map { slots(8, $0) } == [1, 2, 4, 8])
    #expect([1, 2, 3, 7].map { slots(7, $0) } == [1, 4, 3, 7])
    #expect(slots(8, 3) == 5 && slots(13, 1) == 1 && slots(13, 13) == 13)
  }

  /// After the backward pass, with its gradients not yet summed over the workers.
  private func trial(rows: Int, shards: Int, workers: Int) throws -> NetworkTrial {
    let trial = try NetworkTrial(GradientTreeTests.model, rows: rows, shards: shards, workers: workers)
    var generator = SeededGenerator(seed: UInt64(rows))
    trial.scramble(&generator)
    trial.load(features: generator.normal(rows * 11), targets: generator.normal(rows * 3))
    _ = trial.differentiate()
    return trial
  }
}

extension WorkerMemory {
  /// A tensor's gradient over the one shard that this worker owns.
  fileprivate func gradient(_ entry: ParameterLayout.Entry) -> [Float] {
    entry.role == .weight ? nodes[0].weightGradient(entry.place).elements.array : shards[0].gradient(entry.place).array
  }
}
