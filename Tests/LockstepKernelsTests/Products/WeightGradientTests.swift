import CKernels
import LockstepKernels
import TestSupport
import Testing

/// Weight gradients of every instruction set against a chain a shard and the tree over the shards, to the bit.
@Suite struct WeightGradientTests {
  let memory = TestMemory()

  private static let shardCounts = Array(1...9) + [13, 16, 17, 40]
  private static let shardRows = [0, 1, 3, 8, 64, 200, 513, 700, 1100]

  /// Every way in which shards are worked through: whole trees in registers, nodes that wait as matrices, and parts of
  /// long shards.
  @Test func shards() {
    for count in WeightGradientTests.shardCounts {
      for rows in WeightGradientTests.shardRows {
        // Whole vectors and a part of one, so that tiles are computed in place and beside it.
        let (inputs, units) = count * rows <= 4000 ? (17, 35) : (5, 17)
        expectChain(
          GradientOperands(shardRows: Array(repeating: rows, count: count), inputs: inputs, units: units))
      }
    }
  }

  /// Shards whose rows differ, as those of a last batch do, empty ones among them.
  @Test func unevenShards() {
    for count in WeightGradientTests.shardCounts {
      for batch in [1, 5, 37, 100, 517, 1030, 2049] {
        let cut = (0..<count).map { ($0 + 1) * batch / count - $0 * batch / count }
        expectChain(GradientOperands(shardRows: cut, inputs: 15, units: 33, seed: UInt64(batch)))
      }
    }
    for (seed, bound) in [(1, 3), (2, 40), (3, 600), (4, 1100)] as [(UInt64, Int)] {
      var generator = SeededGenerator(seed: seed)
      for count in [2, 5, 12] {
        var rows = (0..<count).map { _ in Int.random(in: 0...bound, using: &generator) }
        rows[Int.random(in: 0..<count, using: &generator)] = 0
        expectChain(GradientOperands(shardRows: rows, inputs: 14, units: 20, seed: seed))
      }
    }
  }

  /// (inputs, units): all that stands at the edge of a tile, and what is packed or not: an input or a dy in cache as it
  /// is, panels that do not fit together.
  @Test func shapes() {
    let shapes = [
      (1, 1), (1, 16), (2, 17), (3, 31), (5, 32), (6, 33), (7, 48), (13, 64), (14, 5), (15, 65), (29, 96), (64, 32),
      (257, 3), (300, 16), (3, 300), (19, 513), (40, 14), (14, 14), (15, 14), (16, 15),
    ]
    for (inputs, units) in shapes {
      for rows in [[0], [1], [512], [128, 128, 128, 128], [100, 101, 101], [300, 300, 299], [513, 0, 513], [1030]] {
        expectChain(GradientOperands(shardRows: rows, inputs: inputs, units: units, seed: UInt64(inputs)))
      }
    }
  }

  /// A gradient that goes past the caches is the same: whole lines and others, sums in parts and of waiting nodes.
  @Test(arguments: ProductSet.available) func pastTheCaches(_ set: ProductSet) {
    for (inputs, units, gap) in [
      (1, 16, 0), (14, 32, 0), (15, 48, 16), (29, 64, 32), (33, 96, 0), (64, 80, 48), (17, 35, 0), (16, 32, 3),
      (7, 16, 1),
    ] {
      for rows in [[0], [1], [512], [128, 128, 128, 128], [100, 101, 101], [300, 300, 299], [1030]] {
        let operands = GradientOperands(shardRows: rows, inputs: inputs, units: units, seed: UInt64(inputs))
        let (here, past) = (
          set.weightGradient(operands, gap: gap), set.weightGradient(operands, gap: gap, goesPast: true)
        )
        #expect(here.map(\.bitPattern) == past.map(\.bitPattern), "\(set), \(operands), \(gap) between rows")
      }
    }
  }

  /// The same where each matrix is some columns of a wider one.
  @Test(arguments: ProductSet.available) func columnsOfWiderMatrices(_ set: ProductSet) {
    for (inputs, units) in [(1, 1), (5, 32), (29, 43), (40, 14), (14, 40), (300, 64), (257, 3), (700, 96)] {
      for rows in [[0], [9], [128, 128, 128], [200, 201, 200, 201, 200], [513, 0, 513]] {
        let operands = GradientOperands(shardRows: rows, inputs: inputs, units: units)
        let expected = set.weightGradient(operands)
        for gap in [1, 32, 600] {
          expectSameBits(set.weightGradient(operands, gap: gap), expected, "\(set), \(operands), gap \(gap)")
        }
      }
    }
  }

  /// What is not a number stays in its row and its column of the gradient, whatever of it waits meanwhile.
  @Test(arguments: ProductSet.available) func otherElementsDoNotTouch(_ set: ProductSet) {
    for rows in [[9], [7, 8, 8], [200, 201, 200, 201, 200], [700, 600, 0]] {
      let clean = GradientOperands(shardRows: rows, inputs: 29, units: 43)
      let (expected, last) = (set.weightGradient(clean), rows.reduce(0, +) - 1)
      for (row, input, unit) in [(0, 0, 42), (last, 28, 0), (last / 2, 13, 31)] {
        var dirty = clean
        dirty.x[row * clean.inputs + input] = .nan
        dirty.dy[row * clean.units + unit] = .infinity
        let actual = set.weightGradient(dirty)
        for index in expected.indices {
          if index / clean.units == input || index % clean.units == unit {
            #expect(!actual[index].isFinite, "\(set), \(clean), row \(row): element \(index)")
          } else if actual[index].bitPattern != expected[index].bitPattern {
            Issue.record("\(set), \(clean): a NaN in row \(row) changes element \(index)")
          }
        }
      }
    }
  }

  /// Fewer shards or rows never take more scratch: a run's last batch has what its full ones have.
  @Test(arguments: Precision.allCases) func scratchIsEnoughForLess(_ precision: Precision) {
    for (inputs, units) in [(1, 1), (300, 8), (450, 8), (450, 300), (1024, 10), (5000, 3)] {
      for shards in [1, 2, 3, 4, 7, 8, 16, 40] {
        var most = 0
        for rows in 0...1200 {
          let elements = lk_weight_gradient_scratch(precision.inC, shards, rows, inputs, units)
          #expect(elements >= most, "\(inputs) × \(units), \(shards) shards of \(rows) rows")
          #expect(
            shards == 1 || elements >= lk_weight_gradient_scratch(precision.inC, shards - 1, rows, inputs, units),
            "\(inputs) × \(units), \(shards) shards of \(rows) rows")
          most = max(most, elements)
        }
      }
    }
  }

  /// A worker's nodes, each a gradient of its own, sum to the gradient over all shards.
  @Test(arguments: Precision.allCases) func nodesSumToTheWhole(_ precision: Precision) {
    let (inputs, units) = (21, 34)
    for count in [2, 3, 5, 7, 8, 13] {
      for rows in [3, 65, 300] {
        let all = GradientOperands(
          shardRows: (0..<count).map { rows + $0 % 2 }, inputs: inputs, units: units, seed: UInt64(count))
        let whole = gradient(of: 0..<count, in: all, precision)
        for workers in 1...count {
          let nodes = (0..<workers).flatMap {
            Tree.nodes(in: $0 * count / workers..<($0 + 1) * count / workers, of: count)
          }
          let slots = memory.vector(nodes.flatMap { gradient(of: $0, in: all, precision) })
          let leaves = Slots<Int32>(repeating: 0, count: nodes.count)
          for (index, node) in nodes.enumerated() { leaves[index] = Int32(node.count) }
          let sum = memory.vector(count: inputs * units)
          Tree.sum(slots, nodes: leaves, stride: inputs * units, at: 0, into: sum)
          expectSameBits(sum.array, whole, "\(all) on \(workers) workers")
        }
      }
    }
  }

  /// The gradient over some shards, by the machine's own instruction set and from memory that is not aligned.
  private func gradient(of shards: Range<Int>, in all: GradientOperands, _ precision: Precision) -> [Float] {
    let rows = all.shardRows[shards]
    let (first, count) = (all.shardRows[..<shards.lowerBound].reduce(0, +), rows.reduce(0, +))
    let shardRows = Slots(repeating: 0, count: shards.count)
    for (index, its) in rows.enumerated() { shardRows[index] = its }
    let result = memory.matrix(rows: all.inputs, columns: all.units)
    weightGradient(
      x: memory.matrix(all.x, rows: all.x.count / all.inputs, columns: all.inputs, misalignment: 1)
        .rows(first..<first + count),
      dy: memory.matrix(all.dy, rows: all.dy.count / all.units, columns: all.units, misalignment: 2)
        .rows(first..<first + count),
      shardRows: shardRows, into: result,
      scratch: ProductScratch(
        precision, shards: all.shardRows.count, shardRows: all.shardRows.max() ?? 0, weights: [(all.inputs, all.units)])
    )
    return result.array
  }
}
