import LockstepKernels
import TestSupport
import Testing

/// Columns far from 0 for their spread, and such as do not vary: against the same float32 numbers in Double.
@Suite struct FarMomentsTests {
  let memory = TestMemory()

  /// Centre and spread; rows below, at and beyond a run of the sums.
  static let centres: [(Float, Float)] = [(1000, 0.01), (1e4, 1), (-1000, 1), (-5e6, 3), (0, 1)]
  static let rows = [37, 512, 513, 4999, 100_000]
  /// Read side by side, a whole vector of them, and neither.
  static let columns = [1, 3, 16, 23]

  struct Case {
    let rows: Int
    let columns: Int
    let spread: Float
    let x: [Float]
    let expected: Reference.Moments
    let what: String
  }

  static func cases(_ centre: Float, _ spread: Float) -> [Case] {
    rows.flatMap { rows in
      columns.map { columns in
        var generator = SeededGenerator(seed: UInt64(rows + columns))
        let x = generator.normal(rows * columns).map { $0 * spread + centre }
        return Case(
          rows: rows, columns: columns, spread: spread, x: x,
          expected: Reference.Moments(x.doubles, rows: rows, columns: columns),
          what: "\(rows) × \(columns) of \(centre) ± \(spread)")
      }
    }
  }

  func measured(_ x: Matrix) -> Moments {
    var moments = memory.moments(columns: x.columns)
    moments.measure(x)
    return moments
  }

  /// Both parts of the mean together to a millionth of the spread, and M2, relatively, to 4 units of the last place.
  func expect(_ actual: Moments, _ trial: Case) {
    #expect(actual.count == Double(trial.rows))
    for (mean, expected) in zip(actual.mean.array, trial.expected.mean) {
      #expect(abs(mean - Float(expected)) <= max(Float(expected).ulp, 1e-7 * trial.spread), "\(trial.what)")
    }
    expectClose(
      actual: zip(actual.mean.array.doubles, actual.meanLow.array.doubles).map(+), expected: trial.expected.mean,
      absolute: 1e-6 * Double(trial.spread), relative: 0, trial.what)
    expectClose(actual: actual.m2.array, expected: trial.expected.m2, absolute: 0, relative: 4 * 0x1p-23, trial.what)
  }

  @Test(arguments: centres) func moments(_ centre: Float, _ spread: Float) {
    for trial in Self.cases(centre, spread) {
      expect(measured(memory.matrix(trial.x, rows: trial.rows, columns: trial.columns)), trial)
    }
  }

  /// The moments of parts, merged along the tree, are those of the whole.
  @Test(arguments: centres) func mergedMoments(_ centre: Float, _ spread: Float) {
    for trial in Self.cases(centre, spread) {
      let x = memory.matrix(trial.x, rows: trial.rows, columns: trial.columns)
      for shards in [2, 5, 8] {
        let parts = (0..<shards).map { measured(x.rows($0 * trial.rows / shards..<($0 + 1) * trial.rows / shards)) }
        expect(Tree.reduce(0..<shards, leaf: { parts[$0] }, combine: { .merge($0, $1, into: $0) }), trial)
      }
    }
  }

  @Test(arguments: centres) func forwardAndBackward(_ centre: Float, _ spread: Float) {
    let epsilon = 1e-6
    for trial in Self.cases(centre, spread) where trial.rows <= 4999 {
      var generator = SeededGenerator(seed: 4)
      let (rows, columns) = (trial.rows, trial.columns)
      let (dy, gamma) = (generator.normal(rows * columns), generator.uniform(columns, in: 0.5...1.5))
      let beta = generator.uniform(columns)
      let x = memory.matrix(trial.x, rows: rows, columns: columns)
      let (moments, inverse) = (measured(x), memory.vector(count: columns))
      moments.inverseDeviation(epsilon: Float(epsilon), into: inverse)
      let y = memory.matrix(rows: rows, columns: columns)
      Normalization.forward(
        x, mean: moments.mean, meanLow: moments.meanLow, inverse: inverse, gamma: memory.vector(gamma),
        beta: memory.vector(beta), into: y)
      let normalized = Reference.batchNorm(
        trial.x.doubles, rows: rows, gamma: gamma.doubles, beta: beta.doubles, epsilon: epsilon)
      expectClose(actual: y.array, expected: normalized, absolute: 2e-6, relative: 2e-6, "y, \(trial.what)")

      let dx = memory.matrix(dy, rows: rows, columns: columns)
      let (dGamma, dBeta) = (memory.vector(count: columns), memory.vector(count: columns))
      Normalization.backwardSums(
        x: x, mean: moments.mean, meanLow: moments.meanLow, inverse: inverse, dy: dx, gammaGradient: dGamma,
        betaGradient: dBeta)
      Normalization.backwardInput(
        x: x, count: Double(rows), mean: moments.mean, meanLow: moments.meanLow, inverse: inverse,
        gamma: memory.vector(gamma), gammaGradient: dGamma, betaGradient: dBeta, dy: dx, into: dx)
      let expected = Reference.batchNormBackward(
        trial.x.doubles, rows: rows, gamma: gamma.doubles, dy: dy.doubles, epsilon: epsilon)
      // Sums of as many terms of size 1 as there are rows, which nearly cancel.
      let terms = 1e-7 * Double(rows)
      expectClose(actual: dGamma.array, expected: expected.gamma, absolute: terms, relative: 1e-6, "dγ, \(trial.what)")
      expectClose(actual: dBeta.array, expected: expected.beta, absolute: terms, relative: 1e-6, "dβ, \(trial.what)")
      let size = expected.dx.map(abs).max() ?? 0
      expectClose(actual: dx.array, expected: expected.dx, absolute: 2e-6 * size, relative: 0, "dx, \(trial.what)")
    }
  }

  /// A column of equal numbers has that number for its mean and no variance at all, and is normalised to 0.
  @Test(arguments: [0, 1, 0.1, 1000.1, -1 / 3, -7e5, 1e-20, 1e-30, 1e20, 16_777_215, 123_456.7] as [Float])
  func constantColumns(_ value: Float) {
    for rows in [1, 2, 3, 7, 100, 511, 512, 513, 1000, 5001, 100_003] {
      for columns in rows > 5001 ? [1, 3] : [1, 3, 15, 16, 37, 300] {
        let x = memory.matrix(rows: rows, columns: columns, filledWith: value)
        let moments = measured(x)
        let what = "\(rows) × \(columns) of \(value)"
        #expect(moments.mean.array.allSatisfy { $0 == value }, "\(what)")
        #expect(moments.meanLow.array.allSatisfy { $0 == 0 }, "\(what)")
        #expect(moments.m2.array.allSatisfy { $0 == 0 }, "\(what)")
        let merged = Moments.merge(moments, measured(x), into: memory.moments(columns: columns))
        #expect(merged.mean.array.allSatisfy { $0 == value } && merged.m2.array.allSatisfy { $0 == 0 }, "\(what)")
        let (inverse, ones) = (memory.vector(count: columns), memory.vector(count: columns, filledWith: 1))
        moments.inverseDeviation(epsilon: 1e-30, into: inverse)
        Normalization.forward(
          x, mean: moments.mean, meanLow: moments.meanLow, inverse: inverse, gamma: ones,
          beta: memory.vector(count: columns, filledWith: 0), into: x)
        #expect(x.array.allSatisfy { $0 == 0 }, "\(what)")
      }
    }
  }

  /// What is not finite shows in the moments.
  @Test(arguments: [Float.nan, .infinity, -.infinity]) func notFinite(_ value: Float) {
    for (rows, columns) in [(7, 3), (40, 17), (1025, 2)] {
      let x = memory.matrix(rows: rows, columns: columns, filledWith: 1)
      x[rows / 2, columns - 1] = value
      let moments = measured(x)
      #expect(!moments.m2[columns - 1].isFinite && moments.m2[0] == 0, "\(rows) × \(columns)")
    }
  }

  /// Rounding does not grow with the rows.
  @Test(arguments: columns) func sums(_ columns: Int) {
    for rows in Self.rows {
      var generator = SeededGenerator(seed: UInt64(rows))
      let x = generator.uniform(rows * columns, in: 0.5...1.5)
      let sums = memory.vector(count: columns)
      columnSums(memory.matrix(x, rows: rows, columns: columns), into: sums)
      let expected = Reference.Moments(x.doubles, rows: rows, columns: columns).mean.map { $0 * Double(rows) }
      expectClose(actual: sums.array, expected: expected, absolute: 0, relative: 4 * 0x1p-23, "\(rows) × \(columns)")
    }
  }
}
