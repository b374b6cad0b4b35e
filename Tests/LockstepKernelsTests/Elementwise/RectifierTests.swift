import LockstepKernels
import TestSupport
import Testing

@Suite struct RectifierTests {
  let memory = TestMemory()

  @Test(arguments: Sizes.matrices) func parametricReLUMatchesTheReference(_ rows: Int, _ columns: Int) {
    for slopes in Set([1, columns]) {
      for seed in testSeeds {
        var generator = SeededGenerator(seed: seed)
        let x = generator.normal(rows * columns)
        let dy = generator.normal(rows * columns)
        let slope = generator.uniform(slopes)
        let what = "\(rows) × \(columns), \(slopes) slopes, seed \(seed)"

        let y = memory.matrix(rows: rows, columns: columns)
        let xs = memory.matrix(x, rows: rows, columns: columns)
        parametricReLU(xs, slope: memory.vector(slope), into: y)
        expectClose(
          actual: y.array, expected: Reference.parametricReLU(x.doubles, slope: slope.doubles, columns: columns), what)

        let expected = Reference.parametricReLUBackward(
          x.doubles, slope: slope.doubles, dy: dy.doubles, columns: columns)
        let dx = memory.matrix(dy, rows: rows, columns: columns)
        let sums = memory.vector(count: columns)
        parametricReLUSums(x: xs, dy: dx, into: sums)
        parametricReLUBackward(x: xs, slope: memory.vector(slope), dy: dx, into: dx)
        expectClose(actual: dx.array, expected: expected.dx, what)
        // Terms of either sign: what counts is the sum of their sizes.
        let size = 1e-7 * Double(rows * columns).squareRoot() * 10
        let slopeGradient = slopes == columns ? sums.array : [sums.total]
        expectClose(actual: slopeGradient, expected: expected.slope, absolute: 1e-6 + size, what)
      }
    }
  }

  /// Rows of a stream, with the numbers of the reference.
  static let rowSizes = [0, 1, 7, 16, 31, 32, 33, 100, 255, 256, 257, 1031]

  func draws(_ key: RandomKey, index: UInt64, row: UInt32, count: Int) -> [Double] {
    let counter = [row, UInt32(truncatingIfNeeded: index), UInt32(truncatingIfNeeded: index >> 32)]
    return (0..<count).map { Reference.uniform($0, key: [key.words.0, key.words.1], counter: counter) }
  }

  @Test(arguments: rowSizes) func randomLayersMatchTheReference(_ count: Int) {
    var generator = SeededGenerator(seed: UInt64(count))
    let x = generator.normal(count)
    let key = RandomKey(seed: 3, purpose: .dropout, index: 9)
    let stream = key.stream(1 << 40 + 5, row: 17)
    let draws = draws(key, index: 1 << 40 + 5, row: 17, count: count)
    let input = memory.vector(x)
    let y = memory.vector(count: count)
    let factor = memory.vector(count: count)

    randomizedReLU(input, lower: 0.125, upper: 1 / 3, stream: stream, into: y, factor: factor)
    let randomized = Reference.randomizedReLU(x.doubles, factors: draws.map { 0.125 + (1 / 3 - 0.125) * $0 })
    expectClose(actual: y.array, expected: randomized.y, "RReLU of \(count)")
    expectClose(actual: factor.array, expected: randomized.slope, "RReLU of \(count)")

    for rate in [Float(0), 0.2, 0.5, 0.9] {
      dropout(input, rate: rate, stream: stream, into: y, factor: factor)
      let dropped = Reference.dropout(x.doubles, draws: draws, rate: Double(rate))
      expectClose(actual: y.array, expected: dropped.y, "dropout \(rate) of \(count)")
      expectClose(actual: factor.array, expected: dropped.slope, "dropout \(rate) of \(count)")

      alphaDropout(input, rate: rate, stream: stream, into: y, factor: factor)
      let alphaDropped = Reference.alphaDropout(x.doubles, draws: draws, rate: Double(rate))
      expectClose(actual: y.array, expected: alphaDropped.y, "alpha dropout \(rate) of \(count)")
      expectClose(actual: factor.array, expected: alphaDropped.slope, "alpha dropout \(rate) of \(count)")
    }
  }

  @Test func dropoutKeepsTheMeanAndAlphaDropoutTheVarianceToo() {
    let count = 1_000_000
    let x = memory.vector(count: count)
    RandomKey(seed: 1, purpose: .features).stream(0).normal(into: x)
    let y = memory.vector(count: count)
    let factor = memory.vector(count: count)
    let stream = RandomKey(seed: 1, purpose: .alphaDropout).stream(1)
    alphaDropout(x, rate: 0.1, stream: stream, into: y, factor: factor)
    let alpha = Reference.Moments(y.array.doubles, rows: count, columns: 1)
    #expect(abs(alpha.mean[0]) < 0.005 && abs(alpha.variance[0] - 1) < 0.01)
    dropout(memory.vector(count: count, filledWith: 1), rate: 0.3, stream: stream, into: y, factor: factor)
    let plain = Reference.Moments(y.array.doubles, rows: count, columns: 1)
    #expect(abs(plain.mean[0] - 1) < 0.003)
    #expect(abs(Double(y.array.count { $0 == 0 }) / Double(count) - 0.3) < 0.002)
  }
}
