import LockstepKernels
import TestSupport
import Testing

@Suite struct MatrixProductTests {
  let memory = TestMemory()

  /// (m, k, n)
  static let shapes = [
    (0, 3, 2), (2, 0, 3), (3, 2, 0), (1, 1, 1), (1, 7, 5), (5, 1, 7), (7, 5, 1), (3, 4, 5), (16, 16, 16), (17, 31, 13),
    (33, 64, 65), (64, 100, 10), (8, 257, 3), (101, 67, 29),
  ]

  @Test(arguments: shapes) func productsMatchTheReference(_ shape: (Int, Int, Int)) {
    let (m, k, n) = shape
    useOneThreadForProducts()
    for seed in testSeeds {
      var generator = SeededGenerator(seed: seed)
      let a = generator.normal(m * k)
      let b = generator.normal(k * n)
      let expected = Reference.product(a.doubles, b.doubles, m: m, k: k, n: n)
      let tolerance = 1e-6 * Double(k + 1).squareRoot() * 2
      let what = "\(m) × \(k) × \(n), seed \(seed)"
      let c = memory.matrix(rows: m, columns: n)
      multiply(memory.matrix(a, rows: m, columns: k), memory.matrix(b, rows: k, columns: n), into: c)
      expectClose(actual: c.array, expected: expected, absolute: tolerance, what)

      let transposedA = Reference.transposed(a.doubles, rows: m, columns: k).map { Float($0) }
      c.elements.fill(.nan)
      multiplyTransposingFirst(
        memory.matrix(transposedA, rows: k, columns: m), memory.matrix(b, rows: k, columns: n), into: c)
      expectClose(actual: c.array, expected: expected, absolute: tolerance, "aᵀ b, " + what)

      let transposedB = Reference.transposed(b.doubles, rows: k, columns: n).map { Float($0) }
      c.elements.fill(.nan)
      multiplyTransposingSecond(
        memory.matrix(a, rows: m, columns: k), memory.matrix(transposedB, rows: n, columns: k), into: c)
      expectClose(actual: c.array, expected: expected, absolute: tolerance, "a bᵀ, " + what)
    }
  }

  @Test func theSameCallGivesTheSameBits() {
    var generator = SeededGenerator(seed: 1)
    let a = memory.matrix(generator.normal(129 * 64), rows: 129, columns: 64)
    let b = memory.matrix(generator.normal(64 * 33), rows: 64, columns: 33)
    useOneThreadForProducts()
    let c = memory.matrix(rows: 129, columns: 33)
    multiply(a, b, into: c)
    let again = memory.matrix(rows: 129, columns: 33)
    multiply(a, b, into: again)
    expectSameBits(again.array, c.array)
  }
}
