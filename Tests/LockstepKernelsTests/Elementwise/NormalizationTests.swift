import LockstepKernels
import TestSupport
import Testing

@Suite struct NormalizationTests {
  let memory = TestMemory()

  func measured(_ x: [Float], rows: Int, columns: Int) -> Moments {
    var moments = memory.moments(columns: columns)
    moments.measure(memory.matrix(x, rows: rows, columns: columns))
    return moments
  }

  @Test(arguments: Sizes.matrices) func moments(_ rows: Int, _ columns: Int) {
    for seed in testSeeds {
      var generator = SeededGenerator(seed: seed)
      let x = generator.normal(rows * columns).enumerated().map { $1 * 3 + Float($0 % columns) }
      let actual = measured(x, rows: rows, columns: columns)
      let expected = Reference.Moments(x.doubles, rows: rows, columns: columns)
      let what = "\(rows) × \(columns), seed \(seed)"
      #expect(actual.count == Double(rows))
      expectClose(actual: actual.mean.array, expected: expected.mean, what)
      expectClose(actual: actual.m2.array, expected: expected.m2, absolute: 1e-5, what)
    }
  }

  @Test(arguments: [(3, 5), (1, 1), (0, 4), (4, 0), (0, 0), (100, 28)]) func merging(_ rowsA: Int, _ rowsB: Int) {
    var generator = SeededGenerator(seed: 11)
    let columns = 37
    let a = generator.normal(rowsA * columns)
    let b = generator.normal(rowsB * columns).map { $0 * 2 + 3 }
    let ofA = measured(a, rows: rowsA, columns: columns)
    // Into the place of the first, as the tree does.
    let merged = Moments.merge(ofA, measured(b, rows: rowsB, columns: columns), into: ofA)
    let expected = Reference.Moments((a + b).doubles, rows: rowsA + rowsB, columns: columns)
    #expect(merged.count == Double(rowsA + rowsB))
    expectClose(actual: merged.mean.array, expected: expected.mean)
    expectClose(actual: merged.m2.array, expected: expected.m2, absolute: 1e-5)
  }

  @Test(arguments: Sizes.matrices.filter { $0.0 > 1 }) func forwardAndBackward(_ rows: Int, _ columns: Int) {
    for seed in testSeeds {
      var generator = SeededGenerator(seed: seed)
      let x = generator.normal(rows * columns).map { $0 * 2 + 1 }
      let dy = generator.normal(rows * columns)
      let gamma = generator.uniform(columns, in: 0.5...1.5)
      let beta = generator.uniform(columns)
      let epsilon = 1e-3
      let what = "\(rows) × \(columns), seed \(seed)"
      let statistics = measured(x, rows: rows, columns: columns)
      let inverse = memory.vector(count: columns)
      statistics.inverseDeviation(epsilon: Float(epsilon), into: inverse)

      // Forward in place of a copy of x.
      let y = memory.matrix(x, rows: rows, columns: columns)
      let gammas = memory.vector(gamma)
      Normalization.forward(
        y, mean: statistics.mean, meanLow: statistics.meanLow, inverse: inverse, gamma: gammas,
        beta: memory.vector(beta), into: y)
      expectClose(
        actual: y.array,
        expected: Reference.batchNorm(
          x.doubles, rows: rows, gamma: gamma.doubles, beta: beta.doubles, epsilon: epsilon), absolute: 5e-6, what)

      let input = memory.matrix(x, rows: rows, columns: columns)
      let dx = memory.matrix(dy, rows: rows, columns: columns)
      let gammaGradient = memory.vector(count: columns)
      let betaGradient = memory.vector(count: columns)
      Normalization.backwardSums(
        x: input, mean: statistics.mean, meanLow: statistics.meanLow, inverse: inverse, dy: dx,
        gammaGradient: gammaGradient, betaGradient: betaGradient)
      Normalization.backwardInput(
        x: input, count: Double(rows), mean: statistics.mean, meanLow: statistics.meanLow, inverse: inverse,
        gamma: gammas, gammaGradient: gammaGradient, betaGradient: betaGradient, dy: dx, into: dx)
      let expected = Reference.batchNormBackward(
        x.doubles, rows: rows, gamma: gamma.doubles, dy: dy.doubles, epsilon: epsilon)
      // Two rows leave a difference of nearly equal numbers, divided by their deviation.
      expectClose(actual: gammaGradient.array, expected: expected.gamma, absolute: 2e-5, what)
      expectClose(actual: betaGradient.array, expected: expected.beta, absolute: 1e-5, what)
      let size = expected.dx.map(abs).max() ?? 0
      let inverseSize = Double(inverse.array.max() ?? 0)
      expectClose(actual: dx.array, expected: expected.dx, absolute: 1e-6 * (1 + size + inverseSize), what)
    }
  }

  /// An activation of rows in cache has the bits of one of the whole.
  @Test(arguments: Sizes.matrices) func activations(_ rows: Int, _ columns: Int) {
    var generator = SeededGenerator(seed: 7)
    let x = memory.matrix(generator.normal(rows * columns), rows: rows, columns: columns)
    let of = (0..<4).map { _ in memory.vector(generator.uniform(columns, in: 0.5...1.5)) }
    let (separate, together) = (
      memory.matrix(rows: rows, columns: columns), memory.matrix(rows: rows, columns: columns)
    )
    for function in [ActivationFunction.tanh, .relu, .elu(alpha: 0.7)] {
      Normalization.forward(x, mean: of[0], inverse: of[1], gamma: of[2], beta: of[3], into: separate)
      function.forward(separate.elements, into: separate.elements)
      Normalization.forward(x, mean: of[0], inverse: of[1], gamma: of[2], beta: of[3], then: function, into: together)
      expectSameBits(together.array, separate.array, "\(function), \(rows) × \(columns)")
    }
  }

  @Test func folding() {
    var generator = SeededGenerator(seed: 2)
    let columns = 41
    let x = generator.normal(30 * columns)
    let mean = generator.normal(columns)
    let variance = generator.uniform(columns, in: 0.1...2)
    let runningMean = memory.vector(mean)
    let runningVariance = memory.vector(variance)
    measured(x, rows: 30, columns: columns).fold(momentum: 0.9, intoMean: runningMean, variance: runningVariance)
    let batch = Reference.Moments(x.doubles, rows: 30, columns: columns)
    expectClose(
      actual: runningMean.array, expected: Reference.folded(batch.mean, into: mean.doubles, momentum: 0.9))
    expectClose(
      actual: runningVariance.array, expected: Reference.folded(batch.variance, into: variance.doubles, momentum: 0.9))
  }

  @Test func aColumnsBitsDoNotDependOnTheColumnsBesideIt() {
    // 5 columns are read side by side, 40 are not; but 40 and 57 are read the same way.
    var generator = SeededGenerator(seed: 3)
    let rows = 77
    let wide = generator.normal(rows * 57)
    let narrow = (0..<rows).flatMap { wide[$0 * 57..<$0 * 57 + 40] }
    let a = measured(wide, rows: rows, columns: 57)
    let b = measured(narrow, rows: rows, columns: 40)
    expectSameBits(Array(a.mean.array.prefix(40)), b.mean.array)
    expectSameBits(Array(a.m2.array.prefix(40)), b.m2.array)
  }

  @Test(arguments: [1, 5, 16, 37, 100]) func aRowsBitsDoNotDependOnTheRowsBesideIt(_ columns: Int) {
    var generator = SeededGenerator(seed: 6)
    let rows = 29
    let x = memory.matrix(generator.normal(rows * columns), rows: rows, columns: columns)
    let dy = memory.matrix(generator.normal(rows * columns), rows: rows, columns: columns)
    let of = (0..<7).map { _ in memory.vector(generator.uniform(columns, in: 0.5...1.5)) }
    let y = memory.matrix(rows: rows, columns: columns)
    let dx = memory.matrix(rows: rows, columns: columns)
    func run(_ range: Range<Int>, _ y: Matrix, _ dx: Matrix) {
      Normalization.forward(
        x.rows(range), mean: of[0], meanLow: of[6], inverse: of[1], gamma: of[2], beta: of[3], into: y)
      Normalization.backwardInput(
        x: x.rows(range), count: 29, mean: of[0], meanLow: of[6], inverse: of[1], gamma: of[2], gammaGradient: of[4],
        betaGradient: of[5], dy: dy.rows(range), into: dx)
    }
    run(0..<rows, y, dx)
    for range in [0..<1, 1..<6, 3..<29, 26..<29] {
      let partY = memory.matrix(rows: range.count, columns: columns)
      let partDx = memory.matrix(rows: range.count, columns: columns)
      run(range, partY, partDx)
      expectSameBits(partY.array, y.rows(range).array, "y, rows \(range) of \(columns) columns")
      expectSameBits(partDx.array, dx.rows(range).array, "dx, rows \(range) of \(columns) columns")
    }
  }
}
