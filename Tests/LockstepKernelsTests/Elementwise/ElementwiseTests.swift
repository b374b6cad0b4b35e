import LockstepKernels
import TestSupport
import Testing

@Suite struct ElementwiseTests {
  let memory = TestMemory()

  @Test(arguments: Sizes.small + [Sizes.beyondCache]) func sumAndProduct(_ count: Int) {
    var generator = SeededGenerator(seed: UInt64(count))
    let a = generator.uniform(count)
    let b = generator.uniform(count)
    let sum = memory.vector(count: count, misalignment: 3)
    add(memory.vector(a), memory.vector(b, misalignment: 1), into: sum)
    expectSameBits(sum.array, zip(a, b).map { $0 + $1 }, "a + b, \(count)")
    // In place.
    let product = memory.vector(a)
    multiplyElements(product, memory.vector(b), into: product)
    expectSameBits(product.array, zip(a, b).map { $0 * $1 }, "a · b, \(count)")
  }

  @Test(arguments: Sizes.matrices) func sumsOfColumns(_ rows: Int, _ columns: Int) {
    var generator = SeededGenerator(seed: UInt64(rows * 1000 + columns))
    let x = generator.uniform(rows * columns, in: 0.5...1.5)
    let sums = memory.vector(count: columns)
    columnSums(memory.matrix(x, rows: rows, columns: columns, misalignment: 5), into: sums)
    expectClose(
      actual: sums.array, expected: Reference.columnSums(x.doubles, rows: rows, columns: columns),
      "\(rows) × \(columns)")
  }

  @Test func roundingGrowsWithBlocksOnly() {
    // One after the other, 100,000 times 0.1 in float32 is off by 1 %.
    for columns in [1, 3, 16, 20] {
      let x = memory.matrix(rows: 100_000, columns: columns, filledWith: 0.1)
      let sums = memory.vector(count: columns)
      columnSums(x, into: sums)
      expectClose(
        actual: sums.array, expected: [Double](repeating: 10_000, count: columns), relative: 5e-4, "\(columns) columns")
    }
  }

  @Test func largestMagnitude() {
    for count in [0, 1, 15, 16, 17, 100, 4097] {
      var generator = SeededGenerator(seed: UInt64(count))
      let x = memory.vector(generator.normal(count), misalignment: 3)
      #expect(x.largestMagnitude.value == Double(x.array.map(\.magnitude).max() ?? 0))
      guard count > 0 else { continue }
      x[count / 2] = -.infinity
      #expect(x.largestMagnitude.value == .infinity)
      x[count - 1] = -.nan
      #expect(x.largestMagnitude.value.isNaN)
      var both = memory.vector([2]).largestMagnitude
      both.note(memory.vector([-3]).largestMagnitude)
      #expect(both.value == 3)
      both.note(x.largestMagnitude)
      both.note(memory.vector([4]).largestMagnitude)
      #expect(both.value.isNaN)
    }
  }

  @Test(arguments: [Float.nan, -.nan, .signalingNaN, .infinity, -.infinity]) func firstNonFinite(_ value: Float) {
    for count in [1, 15, 16, 17, 100, 4095, 4096, 4097, 10_000] {
      let x = memory.vector(count: count, filledWith: -.greatestFiniteMagnitude, misalignment: 1)
      #expect(x.firstNonFinite == nil)
      for index in Set([0, count / 3, count / 2, count - 1]).sorted(by: >) {
        x[index] = value
        #expect(x.firstNonFinite == index)
      }
    }
    #expect(memory.vector([]).firstNonFinite == nil)
  }
}
