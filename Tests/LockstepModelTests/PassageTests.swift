import LockstepKernels
import TestSupport
import Testing

@testable import LockstepModel

/// A worker goes through its shards in parts, and what it has summed in the end are the nodes of the tree that it owns
/// whole.
@Suite struct PassageTests {
  /// Every run of up to 13 shards, in 1 … 9 parts: the moves are carried out on sets of shards, in which each sum is
  /// the pair of its halves.
  @Test func movesMakeTheNodesOfTheTree() {
    for count in 1...13 {
      for lower in 0..<count {
        for upper in lower + 1...count {
          for parts in 1...9 {
            expectNodes(Passage(through: lower..<upper, of: count, parts: parts), lower..<upper, count)
          }
        }
      }
    }
  }

  private func expectNodes(_ passage: Passage, _ run: Range<Int>, _ count: Int) {
    #expect(passage.parts.flatMap { Array($0.shards) } == Array(run), "every shard once, in order")
    var slots = [Range<Int>?](repeating: nil, count: passage.slots)
    for part in passage.parts {
      for (index, node) in part.nodes.enumerated() { slots[part.firstSlot + index] = node }
      for move in part.moves {
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
    #expect(passage.nodes == nodes)
    #expect(Array(slots[..<nodes.count]) == nodes, "\(run) of \(count) in \(passage.parts.count) parts")
  }

  /// As many as fit the parts asked for, a shard at least in each; and the slots of a binary counter, not one a part.
  @Test func sizesOfParts() {
    func passage(_ count: Int, _ parts: Int) -> Passage { Passage(through: 0..<count, of: count, parts: parts) }
    #expect(passage(8, 2).parts.map(\.shards) == [0..<4, 4..<8])
    #expect(passage(8, 3).parts.map(\.shards) == [0..<3, 3..<6, 6..<8])
    #expect(passage(3, 8).parts.map(\.shards) == [0..<1, 1..<2, 2..<3])
    #expect([1, 2, 4, 8, 16, 32].map { passage(32, $0).slots } == [1, 2, 3, 4, 5, 6])
  }

  /// The gradient of one pass over all shards, and of passes over parts of them, to the bit.
  @Test(arguments: [1, 5, 8])
  func gradientDoesNotDependOnParts(shards: Int) throws {
    let model = Model(features: 11, Dense(35), BatchNorm(), PReLU(), Dense(17), Tanh(), Dense(3))
    let rows = 9 * shards + 1
    func gradient(_ workers: Int, _ parts: Int) throws -> [[Float]] {
      let trial = try NetworkTrial(model, rows: rows, shards: shards, workers: workers, parts: parts)
      var generator = SeededGenerator(seed: 5)
      trial.scramble(&generator)
      let (x, y) = (generator.normal(rows * 11), generator.normal(rows * 3))
      let pass = Pass(mode: .training, step: 0, batchRows: rows)
      for memory in trial.workspace.workers {
        for part in 0..<memory.partCount {
          memory.begin(part: part, batchRows: rows) { trial.shards[$0] }
          for shard in memory.shards {
            let rows = trial.shards[shard.shard]
            shard.input.elements.copy(from: Array(x[rows.lowerBound * 11..<rows.upperBound * 11]))
            shard.targets.elements.copy(from: Array(y[rows.lowerBound * 3..<rows.upperBound * 3]))
          }
          memory.forward(pass, among: trial.workspace.shards) {}
          for shard in memory.shards { _ = trial.measure(shard.shard, withGradient: true) }
          memory.backward(pass, among: trial.workspace.shards) {}
        }
      }
      return trial.network.parameters.entries.map { trial.workspace.reduce($0.range, by: 0).array }
    }
    let expected = try gradient(1, 1)
    for workers in [1, 2, 3] where workers <= shards {
      for parts in 1...shards {
        for (found, expected) in zip(try gradient(workers, parts), expected) {
          expectSameBits(found, expected, "\(shards) shards on \(workers) workers in \(parts) parts")
        }
      }
    }
  }
}
