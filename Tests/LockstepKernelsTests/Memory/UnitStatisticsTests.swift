import LockstepKernels
import TestSupport
import Testing

@Suite struct UnitStatisticsTests {
  private let memory = TestMemory()

  /// Everything in Double from the definitions, over the rows of all parts together.
  @Test(arguments: [(1, 1), (3, 1), (1, 7), (64, 5), (257, 33)])
  func figuresAreThoseOfTheirDefinitions(rows: Int, units: Int) {
    var generator = SeededGenerator(seed: UInt64(rows * 100 + units))
    let statistics = UnitStatistics(units: units)
    var all: [Float] = []
    for part in 0..<3 {
      let values = generator.normal(rows * units).map { $0 * Float(part + 1) + 3 }
      statistics.add(memory.matrix(values, rows: rows, columns: units))
      all += values
    }
    let values = all.map(Double.init)
    let count = Double(values.count)
    let mean = values.reduce(0, +) / count
    let deviations = (0..<units).map { unit in
      let column = stride(from: unit, to: values.count, by: units).map { values[$0] }
      let mean = column.reduce(0, +) / Double(column.count)
      return (column.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(column.count)).squareRoot()
    }
    expectClose(actual: statistics.mean, expected: mean, absolute: 1e-12, relative: 1e-12, "mean")
    expectClose(
      actual: statistics.rootMeanSquare, expected: (values.reduce(0) { $0 + $1 * $1 } / count).squareRoot(),
      absolute: 0, relative: 1e-12, "RMS")
    expectClose(
      actual: statistics.meanDeviation, expected: deviations.reduce(0, +) / Double(units), absolute: 1e-12,
      relative: 1e-10, "deviation")
    for unit in 0..<units {
      let column = stride(from: unit, to: all.count, by: units).map { all[$0] }
      #expect(statistics.maxima[unit] == column.max() && statistics.minima[unit] == column.min())
    }
    #expect(statistics.rows == 3 * rows)
  }

  /// A unit that moves by a millionth of its mean: sums of squares about 0 would hold nothing of it.
  @Test func aSmallSpreadBesideALargeMeanIsKept() {
    let statistics = UnitStatistics(units: 1)
    let low: Float = 1000
    statistics.add(memory.matrix([low, low.nextUp, low, low.nextUp], rows: 4, columns: 1))
    expectClose(
      actual: statistics.meanDeviation, expected: Double(low.nextUp - low) / 2, absolute: 0, relative: 1e-9)
  }

  @Test func whatIsNotFiniteShows() {
    for value in [Float.nan, .infinity, -.infinity] {
      let statistics = UnitStatistics(units: 2)
      statistics.add(memory.matrix([1, 2, value, 4], rows: 2, columns: 2))
      #expect(!statistics.mean.isFinite && !statistics.rootMeanSquare.isFinite && !statistics.meanDeviation.isFinite)
      let first = UnitStatistics(units: 1)
      first.add(memory.matrix([value, 1], rows: 2, columns: 1))
      #expect(!first.rootMeanSquare.isFinite)
    }
  }

  /// Classes are 3 % wide, and values count as evenly spread over theirs.
  @Test func quantilesAreThoseOfTheSortedValues() {
    var generator = SeededGenerator(seed: 5)
    let values = generator.normal(20_000).map { $0 * 1e-20 }
    let statistics = UnitStatistics(units: 4)
    statistics.add(memory.matrix(values, rows: 5_000, columns: 4))
    let sorted = values.sorted()
    let distribution = statistics.distribution
    for share in [0.01, 0.05, 0.25, 0.75, 0.95, 0.99] {
      let expected = Double(sorted[Int(share * Double(sorted.count))])
      expectClose(actual: distribution.quantile(share), expected: expected, absolute: 0, relative: 0.02, "\(share)")
    }
    #expect(abs(distribution.quantile(0.5)) < 2e-22)
    #expect(distribution.quantile(0) == Double(sorted[0]))
    #expect(distribution.quantile(1) == Double(sorted[sorted.count - 1]))
  }

  @Test func zerosAndConstantsAreExact() {
    let statistics = UnitStatistics(units: 1)
    statistics.add(memory.matrix([0, -0, 0, 0, 0, 0, 0.7, 0.7], rows: 8, columns: 1))
    #expect(statistics.distribution.quantile(0.5) == 0)
    #expect(statistics.distribution.quantile(0.9) <= Double(Float(0.7)))
    let constant = UnitStatistics(units: 1)
    constant.add(memory.matrix([-0.3, -0.3, -0.3], rows: 3, columns: 1))
    #expect(constant.distribution.quantile(0.01) == Double(Float(-0.3)))
    #expect(constant.distribution.histogram(bins: 8).shares == [1])
    #expect(constant.meanDeviation == 0)
  }

  /// Numbers that come again at every position, and the sums of columns.
  @Test(arguments: [(1, 1, 1), (3, 4, 5), (7, 1, 16), (2, 9, 17)])
  func channelsAreThoseOfAllPositions(rows: Int, positions: Int, channels: Int) {
    var generator = SeededGenerator(seed: 8)
    let values = generator.normal(rows * positions * channels).map { $0 + 3 }
    let columns = (0..<channels).map { c in stride(from: c, to: values.count, by: channels).map { values[$0] } }
    let statistics = UnitStatistics(units: positions * channels)
    statistics.add(memory.matrix(values, rows: rows, columns: positions * channels))
    #expect(statistics.maxima(channels: channels) == columns.map { $0.max() })
    let squares = columns.map { $0.reduce(0) { $0 + Double($1) * Double($1) } }
    expectClose(
      actual: statistics.rootMeanSquares(channels: channels),
      expected: squares.map { ($0 / Double(rows * positions)).squareRoot() }, relative: 1e-12)
    let matrix = memory.matrix(values, rows: rows * positions, columns: channels)
    var (sums, magnitudes) = ([Double](repeating: 1, count: channels), [Double](repeating: 0, count: channels))
    var outside = [Int](repeating: 2, count: channels)
    matrix.addSquares(to: &sums)
    matrix.addMagnitudes(to: &magnitudes)
    matrix.addOutside(2...3.5, to: &outside)
    expectClose(actual: sums, expected: squares.map { $0 + 1 }, relative: 1e-12)
    expectClose(actual: magnitudes, expected: columns.map { $0.reduce(0) { $0 + Double(abs($1)) } }, relative: 1e-12)
    #expect(outside == columns.map { column in 2 + column.count { $0 < 2 || $0 > 3.5 } })
  }

  @Test func histogramHoldsAllValuesWhereTheyAre() {
    let statistics = UnitStatistics(units: 1)
    // Evenly spread over −1 … 1, symmetric bit by bit.
    let values = (0..<10_000).map { (Float($0) + 0.5) / 5_000 - 1 }
    statistics.add(memory.matrix(values, rows: values.count, columns: 1))
    let histogram = statistics.distribution.histogram(bins: 20)
    expectClose(actual: histogram.shares.reduce(0, +), expected: 1, absolute: 1e-9, relative: 0)
    for (bin, share) in histogram.shares.enumerated() {
      expectClose(actual: share, expected: 0.05, absolute: 0.002, relative: 0, "bin \(bin)")
    }
    expectClose(actual: [histogram.low, histogram.high], expected: [-0.998, 0.998], absolute: 0.002, relative: 0)
  }
}
