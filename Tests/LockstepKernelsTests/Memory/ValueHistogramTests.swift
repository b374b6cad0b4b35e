import LockstepKernels
import TestSupport
import Testing

@Suite struct ValueHistogramTests {
  private let memory = TestMemory()

  /// Everything from the definitions: extremes, sums in order, and for every bucket the values between its limits,
  /// looked for one by one.
  @Test(arguments: [1, 2, 63, 1000, 20_011])
  func figuresAreThoseOfTheirDefinitions(count: Int) {
    var generator = SeededGenerator(seed: UInt64(count))
    // Over many magnitudes, with some zeros.
    let values = generator.normal(count).enumerated().map { index, value in
      index % 11 == 10 ? 0 : value * Float(sign: .plus, exponent: index % 40 - 20, significand: 1)
    }
    let histogram = ValueHistogram(of: memory.vector(values))
    #expect(histogram.count == count && histogram.buckets.reduce(0) { $0 + $1.count } == count)
    #expect(histogram.minimum == Double(values.min()!) && histogram.maximum == Double(values.max()!))
    #expect(histogram.sum == values.reduce(0) { $0 + Double($1) })
    #expect(histogram.sumOfSquares == values.reduce(0) { $0 + Double($1) * Double($1) })
    let limits = histogram.buckets.map(\.limit)
    #expect(zip(limits, limits.dropFirst()).allSatisfy(<))
    for (index, bucket) in histogram.buckets.enumerated() {
      let low = index > 0 ? limits[index - 1] : -.infinity
      let expected = values.count { value in
        let value = Double(value)
        return value >= 0 ? value >= low && value < bucket.limit : value > low && value <= bucket.limit
      }
      #expect(bucket.count == expected, "between \(low) and \(bucket.limit)")
      guard index > 0, bucket.count > 0, abs(bucket.limit) > 1e-30 else { continue }
      let width = (bucket.limit - low) / min(abs(low), abs(bucket.limit))
      #expect((1 / 15...1 / 8).contains(width), "between \(low) and \(bucket.limit)")
    }
  }

  @Test func limitsAreEighthsOfPowersOfTwo() {
    let values: [Float] = [
      1, 1.125, 1.12499, -1, -1.125, -0.9999, 0, -0.0, .leastNonzeroMagnitude, .leastNormalMagnitude,
    ]
    let histogram = ValueHistogram(of: memory.vector(values))
    let tiny = Double(Float.leastNormalMagnitude)
    let expected: [(Double, Int)] = [
      (-1.125, 1), (-1, 1), (-0.9375, 1), (-tiny, 0), (tiny, 3), (tiny * 1.125, 1), (1, 0), (1.125, 2),
      (1.25, 1),
    ]
    #expect(histogram.buckets.map(\.limit) == expected.map(\.0))
    #expect(histogram.buckets.map(\.count) == expected.map(\.1))
  }

  @Test func whatIsNotFiniteDoesNotCount() {
    let histogram = ValueHistogram(of: memory.vector([.nan, 1, .infinity, -.infinity, .greatestFiniteMagnitude]))
    #expect(histogram.count == 2 && histogram.minimum == 1)
    #expect(histogram.buckets.last?.limit == Double(Float.greatestFiniteMagnitude))
    let none = ValueHistogram(of: memory.vector([.nan]))
    #expect(none.count == 0 && none.minimum == 0 && none.maximum == 0 && none.buckets.isEmpty)
  }
}
