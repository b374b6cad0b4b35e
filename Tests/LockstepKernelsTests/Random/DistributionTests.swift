import LockstepKernels
import TestSupport
import Testing

/// Moments over a million draws. The bounds are five standard errors.
@Suite struct DistributionTests {
  let memory = TestMemory()
  static let count = 1_000_000

  /// Means of x, x², x³, x⁴.
  func rawMoments(_ x: Vector) -> [Double] {
    var sums = [0.0, 0.0, 0.0, 0.0]
    for value in x.array {
      let x = Double(value)
      sums[0] += x
      sums[1] += x * x
      sums[2] += x * x * x
      sums[3] += x * x * x * x
    }
    return sums.map { $0 / Double(x.count) }
  }

  @Test(arguments: testSeeds) func uniform(_ seed: UInt64) {
    let x = memory.vector(count: Self.count)
    RandomKey(seed: seed, purpose: .features).stream(0).uniform(into: x)
    #expect(x.array.allSatisfy { $0 >= 0 && $0 < 1 })
    // E xᵏ = 1 / (k + 1), with a variance of 1 / (2k + 1) − 1 / (k + 1)².
    for (index, moment) in rawMoments(x).enumerated() {
      let k = Double(index + 1)
      let error = ((1 / (2 * k + 1) - 1 / ((k + 1) * (k + 1))) / Double(Self.count)).squareRoot()
      expectClose(actual: moment, expected: 1 / (k + 1), absolute: 5 * error, relative: 0, "E x^\(index + 1)")
    }
  }

  @Test(arguments: testSeeds) func normal(_ seed: UInt64) {
    let x = memory.vector(count: Self.count)
    RandomKey(seed: seed, purpose: .features).stream(0).normal(into: x)
    #expect(x.array.allSatisfy { $0.isFinite && abs($0) < 7 })
    // The moments 1 … 4 are 0, 1, 0, 3, and their variances 1, 2, 15, 96.
    for (moment, (expected, variance)) in zip(rawMoments(x), [(0.0, 1.0), (1, 2), (0, 15), (3, 96)]) {
      let error = (variance / Double(Self.count)).squareRoot()
      expectClose(actual: moment, expected: expected, absolute: 5 * error, relative: 0)
    }
    // The distribution function at a few places.
    let values = x.array
    for place in [-3, -2, -1, -0.5, 0, 0.25, 1, 2, 3] as [Float] {
      let share = Double(values.count { $0 < place }) / Double(Self.count)
      let expected = Reference.normalDistribution(Double(place))
      let error = (expected * (1 - expected) / Double(Self.count)).squareRoot()
      expectClose(actual: share, expected: expected, absolute: 5 * error, relative: 0, "Φ(\(place))")
    }
  }

  @Test func neighboursAreNotCorrelated() {
    let x = memory.vector(count: Self.count)
    RandomKey(seed: 4, purpose: .features).stream(0).normal(into: x)
    let values = x.array
    // The distances at which cosine and sine, blocks and counters meet.
    for distance in [1, 2, 8, 16, 24, 32, 64] {
      var sum = 0.0
      for index in 0..<Self.count - distance { sum += Double(values[index] * values[index + distance]) }
      #expect(abs(sum / Double(Self.count)) < 5 / Double(Self.count).squareRoot(), "at distance \(distance)")
    }
  }
}
