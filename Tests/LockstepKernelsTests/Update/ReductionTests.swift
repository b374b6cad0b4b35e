import LockstepKernels
import TestSupport
import Testing

@Suite struct ReductionTests {
  let memory = TestMemory()

  @Test(arguments: Array(1...20) + [31, 32, 33, 48, 63, 64, 65, 100]) func treeSumHasTheTreesBits(_ leaves: Int) {
    var generator = SeededGenerator(seed: UInt64(leaves))
    for count in [0, 1, 15, 16, 17, 100, 511, 512, 513, 1100] {
      let stride = count + 3
      let slots = generator.normal(leaves * stride)
      let sum = memory.vector(count: count)
      Tree.sum(memory.vector(slots, misalignment: 1), leaves: leaves, stride: stride, at: 2, into: sum)
      let expected = (0..<count).map { index in
        Reference.treeSum((0..<leaves).map { slots[$0 * stride + 2 + index] }[...])
      }
      expectSameBits(sum.array, expected, "\(leaves) leaves of \(count)")
      // Into the place of leaf 0.
      let inPlace = memory.vector(slots)
      Tree.sum(inPlace, leaves: leaves, stride: stride, at: 2, into: inPlace[2..<2 + count])
      expectSameBits(inPlace[2..<2 + count].array, expected, "\(leaves) leaves of \(count), in place")
      expectSameBits(Array(inPlace.array.dropFirst(2 + count)), Array(slots.dropFirst(2 + count)), "beyond")
    }
  }

  @Test func slicesGiveTheBitsOfTheWhole() {
    var generator = SeededGenerator(seed: 3)
    let count = 3000
    for leaves in [2, 3, 4, 7, 8, 13] {
      let slots = memory.vector(generator.normal(leaves * count))
      let whole = memory.vector(count: count)
      Tree.sum(slots, leaves: leaves, stride: count, at: 0, into: whole)
      for range in [0..<1000, 1000..<1001, 1001..<2537, 2537..<3000] {
        let part = memory.vector(count: range.count)
        Tree.sum(slots, leaves: leaves, stride: count, at: range.lowerBound, into: part)
        expectSameBits(part.array, whole[range].array, "\(leaves) leaves, \(range)")
      }
    }
  }

  /// Nodes that workers have summed stand in slots of their own: whoever owned which leaves, the sum has the tree's
  /// bits.
  @Test func sumsOfNodesHaveTheTreesBits() {
    for leaves in Array(1...17) + [40] {
      var generator = SeededGenerator(seed: UInt64(leaves))
      for workers in Set([1, 2, 3, 5, 8, leaves]).sorted() where workers <= leaves {
        let runs = (0..<workers).map { $0 * leaves / workers..<($0 + 1) * leaves / workers }
        for count in [0, 17, 1100] {
          let stride = count + 3
          let elements = generator.normal(leaves * count)
          func treeSum(_ range: Range<Int>) -> [Float] {
            (0..<count).map { index in Reference.treeSum(range.map { elements[$0 * count + index] }[...]) }
          }
          let nodes = runs.flatMap { Tree.nodes(in: $0, of: leaves) }
          let slots = memory.vector(count: nodes.count * stride)
          let nodeLeaves = Slots<Int32>(repeating: 0, count: nodes.count)
          for (slot, node) in nodes.enumerated() {
            slots[slot * stride + 2..<slot * stride + 2 + count].copy(from: treeSum(node))
            nodeLeaves[slot] = Int32(node.count)
          }
          let sum = memory.vector(count: count)
          Tree.sum(slots, nodes: nodeLeaves, stride: stride, at: 2, into: sum)
          let (expected, what) = (treeSum(0..<leaves), "\(leaves) leaves of \(count) on \(workers) workers")
          expectSameBits(sum.array, expected, what)
          // Into the place of slot 0, as the gradient is.
          let others = slots[2 + count..<slots.count].array
          Tree.sum(slots, nodes: nodeLeaves, stride: stride, at: 2, into: slots[2..<2 + count])
          expectSameBits(slots[2..<2 + count].array, expected, what + ", in place")
          expectSameBits(slots[2 + count..<slots.count].array, others, what + ", beyond")
        }
      }
    }
  }

  /// The nodes of all runs follow one another, cover the leaves, and are nodes of the tree.
  @Test func nodesOfRunsAreTheTrees() {
    func tree(_ node: Range<Int>) -> [Range<Int>] {
      if node.count == 1 { return [node] }
      let middle = node.lowerBound + Tree.split(node.count)
      return [node] + tree(node.lowerBound..<middle) + tree(middle..<node.upperBound)
    }
    for leaves in 1...40 {
      let all = Set(tree(0..<leaves))
      for workers in 1...leaves {
        let runs = (0..<workers).map { $0 * leaves / workers..<($0 + 1) * leaves / workers }
        let nodes = runs.map { Tree.nodes(in: $0, of: leaves) }
        for (run, its) in zip(runs, nodes) {
          #expect(its.flatMap(Array.init) == Array(run) && all.isSuperset(of: its), "\(run) of \(leaves)")
        }
      }
      #expect(Tree.nodes(in: 0..<leaves, of: leaves) == [0..<leaves] && Tree.nodes(in: 1..<1, of: leaves).isEmpty)
    }
    #expect(Tree.nodes(in: 1..<7, of: 8) == [1..<2, 2..<4, 4..<6, 6..<7])
    #expect(Tree.nodes(in: 8..<13, of: 13) == [8..<13])
  }

  @Test func treeOfValues() {
    #expect((2...17).map { Tree.split($0) } == [1, 2, 2, 4, 4, 4, 4, 8, 8, 8, 8, 8, 8, 8, 8, 16])
    let text = Tree.reduce(0..<5, leaf: { "\($0)" }, combine: { "(\($0) \($1))" })
    #expect(text == "(((0 1) (2 3)) 4)")
    for count in 1...70 {
      var generator = SeededGenerator(seed: UInt64(count))
      let leaves = generator.normal(count).doubles
      #expect(Tree.sum(0..<count) { leaves[$0] } == Reference.treeSum(leaves[...]))
    }
    #expect(Tree.sum(3..<3) { _ in 1 } == 0)
  }

  @Test func anAlignedRunOfLeavesIsASubtree() {
    // A worker that owns the leaves [8, 12) of 13 may hand on their sum.
    var generator = SeededGenerator(seed: 12)
    let leaves = generator.normal(13).doubles
    let parts = [leaves[0..<8], leaves[8..<12], leaves[12..<13]].map { Reference.treeSum($0) }
    #expect(parts[0] + (parts[1] + parts[2]) == Tree.sum(0..<13) { leaves[$0] })
  }

  @Test(arguments: Sizes.small + [Sizes.beyondCache]) func sumOfSquares(_ count: Int) {
    var generator = SeededGenerator(seed: 6)
    let x = generator.normal(count)
    let expected = x.reduce(0.0) { $0 + Double($1) * Double($1) }
    let sum = memory.vector(x).sumOfSquares
    expectClose(actual: sum, expected: expected, absolute: 0, relative: 1e-11, "\(count)")
    #expect(memory.vector(x, misalignment: 7).sumOfSquares == sum)
  }
}
