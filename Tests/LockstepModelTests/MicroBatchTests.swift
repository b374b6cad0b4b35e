import LockstepKernels
import TestSupport
import Testing

@testable import LockstepModel

/// A worker goes through its shards in micro-batches, and what it has summed in the end are the nodes of the tree that
/// it owns whole.
@Suite struct MicroBatchTests {
  /// Every run of up to 13 shards, in 1 … 9 micro-batches: the moves are done on sets of shards, in which each sum is
  /// the pair of its halves.
  @Test func movesMakeTheNodesOfTheTree() {
    for count in 1...13 {
      for lower in 0..<count {
        for upper in lower + 1...count {
          for most in 1...9 {
            expectNodes(MicroBatchPlan(through: lower..<upper, of: count, atMost: most), lower..<upper, count)
          }
        }
      }
    }
  }

  private func expectNodes(_ plan: MicroBatchPlan, _ run: Range<Int>, _ count: Int) {
    #expect(plan.microBatches.flatMap { Array($0.shards) } == Array(run), "every shard once, in order")
    var slots = [Range<Int>?](repeating: nil, count: plan.slots)
    for microBatch in plan.microBatches {
      for (index, node) in microBatch.nodes.enumerated() { slots[microBatch.firstSlot + index] = node }
      for move in microBatch.moves {
        guard let from = slots[move.from] else {
          Issue.record("an empty slot is moved")
          return
        }
        guard move.adds else {
          slots[move.into] = from
          continue
        }
        guard let into = slots[move.into] else {
          Issue.record("a sum with an empty slot")
          return
        }
        let sum = into.lowerBound..<from.upperBound
        #expect(
          into.upperBound == from.lowerBound && Tree.split(sum.count) == into.count, "\(into) + \(from) of \(count)")
        slots[move.into] = sum
      }
    }
    let nodes = Tree.nodes(in: run, of: count)
    #expect(plan.nodes == nodes)
    #expect(Array(slots[..<nodes.count]) == nodes, "\(run) of \(count) in \(plan.microBatches.count) micro-batches")
  }

  /// As many as are asked for, with a shard at least in each; and the slots of a binary counter, not one a micro-batch.
  @Test func sizes() {
    func plan(_ count: Int, _ most: Int) -> MicroBatchPlan {
      MicroBatchPlan(through: 0..<count, of: count, atMost: most)
    }
    #expect(plan(8, 2).microBatches.map(\.shards) == [0..<4, 4..<8])
    #expect(plan(8, 3).microBatches.map(\.shards) == [0..<3, 3..<6, 6..<8])
    #expect(plan(3, 8).microBatches.map(\.shards) == [0..<1, 1..<2, 2..<3])
    #expect([1, 2, 4, 8, 16, 32].map { plan(32, $0).slots } == [1, 2, 3, 4, 5, 6])
  }

  /// The gradient of one pass over all shards, and of passes over some of them at a time, to the bit.
  @Test(arguments: [1, 5, 8])
  func gradientDoesNotDependOnMicroBatches(shards: Int) throws {
    let model = Model(features: 11, Dense(35), BatchNorm(), PReLU(), Dense(17), Tanh(), Dense(3))
    let rows = 9 * shards + 1
    func gradient(_ workers: Int, _ microBatches: Int) throws -> [[Float]] {
      let trial = try NetworkTrial(model, rows: rows, shards: shards, workers: workers, microBatches: microBatches)
      var generator = SeededGenerator(seed: 5)
      trial.scramble(&generator)
      let (x, y) = (generator.normal(rows * 11), generator.normal(rows * 3))
      let pass = Pass(mode: .training, step: 0, batchRows: rows)
      for (memory, exchange) in zip(trial.workspace.workers, trial.workspace.exchanges) {
        for index in 0..<memory.microBatchCount {
          memory.begin(microBatch: index) { trial.shards[$0] }
          for shard in memory.shards {
            let rows = trial.shards[shard.shard]
            shard.input.elements.copy(from: Array(x[rows.lowerBound * 11..<rows.upperBound * 11]))
            shard.targets.elements.copy(from: Array(y[rows.lowerBound * 3..<rows.upperBound * 3]))
          }
          memory.forward(pass, exchange)
          for shard in memory.shards { _ = trial.measure(shard.shard, withGradient: true) }
          memory.backward(pass, exchange)
        }
      }
      return trial.network.parameters.entries.map { trial.workspace.exchanges[0].reduce($0.range).array }
    }
    let expected = try gradient(1, 1)
    for workers in [1, 2, 3] where workers <= shards {
      for microBatches in 1...shards {
        for (found, expected) in zip(try gradient(workers, microBatches), expected) {
          expectSameBits(found, expected, "\(shards) shards on \(workers) workers in \(microBatches) micro-batches")
        }
      }
    }
  }
}
