import Testing

@testable import LockstepResults

@Suite("Permutations of an explanation, and its grid")
struct PermutationTests {
  @Test(arguments: [1, 2, 7, 64, 1000, 5003])
  func everySampleIsTakenOnce(count: Int) {
    var seen: Set<[Int]> = []
    for (seed, repetition, column) in [(1, 0, 0), (1, 1, 0), (1, 0, 1), (2, 0, 0)] as [(UInt64, Int, Int)] {
      let order = Explanation.permutation(count: count, seed: seed, repeat: repetition, column: column)
      #expect(order.sorted() == Array(0..<count))
      #expect(order == Explanation.permutation(count: count, seed: seed, repeat: repetition, column: column))
      seen.insert(order)
    }
    // Seed, repetition and column each make another order.
    if count >= 64 { #expect(seen.count == 4) }
  }

  @Test func gridHasFewValuesAllAndManyByQuantiles() {
    #expect(DependenceAverage.grid([3, 1, 2, 1]) == [1, 2, 3])
    #expect(DependenceAverage.grid((0...100).map { Float($0) }) == (1...19).map { Float($0 * 5) })
    // Between two neighbours on a straight line.
    #expect(DependenceAverage.grid((0...21).map { Float($0) }).first == 1.05)
    // Of many equal ones one.
    #expect(DependenceAverage.grid((0..<1000).map { $0 < 960 ? 0 : Float($0) }) == [0])
  }
}
