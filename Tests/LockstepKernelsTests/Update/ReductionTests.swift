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
