import LockstepKernels
import TestSupport
import Testing

/// Moments in Double, against sums over all numbers at once.
@Suite struct PooledMomentsTests {
  private static func naive(_ values: [Double]) -> (mean: Double, variance: Double) {
    let mean = values.reduce(0, +) / Double(values.count)
    return (mean, values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count))
  }

  /// Groups of many sizes, none and one row among them, around means that differ, and far from zero.
  @Test(arguments: testSeeds)
  func groupsOfRows(seed: UInt64) {
    for (columns, offset) in [(1, Float(0)), (3, 1000), (17, -5), (100, 0)] {
      var generator = SeededGenerator(seed: seed)
      let pooled = PooledMoments(columns: columns)
      var all = [[Double]](repeating: [], count: columns)
      for (group, rows) in [0, 1, 7, 64, 0, 2, 33].enumerated() {
        let memory = Arena(count: (rows + 3) * columns)
        let x = memory.matrix(at: 0, rows: rows, columns: columns)
        let values = generator.normal(rows * columns).map { $0 + offset + Float(group) }
        x.elements.copy(from: values)
        var moments = Moments(
          count: 0, mean: memory.vector(at: rows * columns, count: columns),
          meanLow: memory.vector(at: (rows + 1) * columns, count: columns),
          m2: memory.vector(at: (rows + 2) * columns, count: columns))
        moments.measure(x)
        pooled.add(moments)
        for (index, value) in values.enumerated() { all[index % columns].append(Double(value)) }
      }
      #expect(pooled.count == 107 && pooled.isFinite)
      let result = Arena(count: 2 * columns)
      pooled.write(mean: result.vector(at: 0, count: columns), variance: result.vector(at: columns, count: columns))
      let expected = all.map(Self.naive)
      expectClose(
        actual: Array(result.all.array[..<columns]), expected: expected.map(\.mean), absolute: 1e-6, "means")
      expectClose(
        actual: Array(result.all.array[columns...]), expected: expected.map(\.variance), relative: 1e-6, "variances")
    }
  }

  @Test func whatIsNotFiniteShows() {
    let memory = Arena(count: 6)
    let (mean, low) = (memory.vector(at: 0, count: 2), memory.vector(at: 2, count: 2))
    let m2 = memory.vector(at: 4, count: 2)
    for value in [Float.infinity, .nan] {
      let pooled = PooledMoments(columns: 2)
      pooled.add(Moments(count: 3, mean: mean, meanLow: low, m2: m2))
      #expect(pooled.isFinite)
      m2[1] = value
      pooled.add(Moments(count: 3, mean: mean, meanLow: low, m2: m2))
      #expect(!pooled.isFinite)
      m2[1] = 0
    }
  }

  @Test(arguments: testSeeds)
  func numbersInParts(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let values = generator.normal(1000).map { $0 * 3 + 50 }
    let memory = Arena(count: values.count)
    memory.all.copy(from: values)
    let expected = Self.naive(values.map(Double.init))
    var merged = ScalarMoments()
    for range in [0..<0, 0..<1, 1..<500, 500..<500, 500..<1000] { merged = .merge(merged, memory.all[range].moments) }
    for moments in [merged, memory.all.moments] {
      #expect(moments.count == 1000)
      expectClose(actual: moments.mean, expected: expected.mean, relative: 1e-12, "mean")
      expectClose(actual: moments.variance, expected: expected.variance, relative: 1e-12, "variance")
    }
    #expect(memory.all[0..<0].moments == ScalarMoments() && ScalarMoments().variance.isNaN)
  }

  @Test func columnsWithAPositiveNumber() {
    for columns in [0, 1, 5, 16, 33] {
      let memory = Arena(count: 3 * columns)
      let x = memory.matrix(at: 0, rows: 3, columns: columns)
      let flags = Slots<UInt8>(repeating: 0, count: columns + 2)
      let low: [Float] = [-1, 0, -0.0, .nan, -.infinity, -1e-30]
      for r in 0..<3 { for c in 0..<columns { x[r, c] = c % 3 == r && c % 2 == 1 ? 1e-30 : low[c % low.count] } }
      x.markPositiveColumns(in: flags, at: 1)
      #expect(flags[0] == 0 && flags[columns + 1] == 0)
      for c in 0..<columns { #expect(flags[c + 1] == (c % 2 == 1 ? 1 : 0), "column \(c) of \(columns)") }
      // What has been found stays.
      x.elements.fill(-1)
      x.markPositiveColumns(in: flags, at: 1)
      #expect((0..<columns).allSatisfy { flags[$0 + 1] == ($0 % 2 == 1 ? 1 : 0) })
    }
  }

  @Test func differencesAndMultiples() {
    let memory = Arena(count: 30)
    let (a, b) = (memory.vector(at: 0, count: 11), memory.vector(at: 16, count: 11))
    a.copy(from: (0..<11).map { Float($0) * 0.1 })
    b.copy(from: (0..<11).map { 7 - Float($0) })
    let expected = (0..<11).map { (7 - Float($0)) - Float($0) * 0.1 }
    subtract(a, from: b, into: a)
    #expect(a.array == expected)
    a.scale(by: 0.3)
    #expect(a.array == expected.map { $0 * 0.3 })
  }
}
